import type { ClusterReader, Received } from '../../src/sources/live/cluster-reader.ts';

const notUsed = (): never => {
  throw new Error('not used');
};

/** A reader that answers GETs and knows these secrets; whatever else is asked of it fails the test. */
export const getOnlyReader = (get: ClusterReader['get'], secrets: readonly string[] = []): ClusterReader => ({
  identity: { context: 'test', server: 'https://127.0.0.1' },
  secrets: () => secrets,
  get,
  review: notUsed,
  stream: notUsed,
  openPodPort: notUsed,
  separate: notUsed,
  concurrency: () => 16,
  close: () => undefined,
});

/** An answer with that body in JSON. */
export const received = (httpStatus: number, body: unknown, contentType = 'application/json'): Received => ({
  httpStatus,
  contentType,
  location: null,
  etag: null,
  date: null,
  ownLoad: null,
  latencyMs: 1,
  body: JSON.stringify(body),
});
