import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

import { parseBoundedJson } from './bounded-json.ts';
import { type ClusterReader, RequestFailed, type RequestOptions } from './cluster-reader.ts';
import { monotonicMs } from './monotonic.ts';

const PATH = '/apis/apiregistration.k8s.io/v1/apiservices';
/** What changes together is looked at together: kube-aggregator writes one condition after the other. */
const SETTLING_MS = 300;
/** A watch that lasted is begun again at once; one that is refused must not be asked for again and again. */
const LASTED_MS = 1000;
/** Of one event; an APIService is some kilobytes. */
const MAX_EVENT_CHARACTERS = 4 * 1024 * 1024;
/** Names that are kept until they are asked for, and their length; what is beyond is seen at the next look at everything. */
const MAX_CHANGED = 10_000;
const MAX_NAME_CHARACTERS = 253;

/** Which APIServices changed since it was asked last. */
export interface Changes {
  /** Resolves soon after the first change, or after `ms`; null where that is not known: then all may have changed. */
  readonly next: (ms: number, signal: AbortSignal) => Promise<ReadonlySet<string> | null>;
  /** Whether the server has ended the watch, or refused it. */
  readonly isOver: () => boolean;
  readonly close: () => void;
}

interface WatchEvent {
  readonly type?: unknown;
  readonly object?: { readonly metadata?: { readonly name?: unknown } | null } | null;
}

/** The lines of a stream, in bounded memory: ends in a line that is too long. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MAX_EVENT_CHARACTERS) return;
  }
}

/** From where to watch; null where the server does not say. */
const currentVersion = async (reader: ClusterReader, options: RequestOptions): Promise<string | null> => {
  const { body } = await reader.get(`${PATH}?limit=1`, options);
  const parsed = parseBoundedJson(body ?? '');
  const list = (parsed.state === 'value' ? parsed.value : null) as {
    readonly metadata?: { readonly resourceVersion?: unknown } | null;
  } | null;
  const version = list?.metadata?.resourceVersion;
  return typeof version === 'string' && version !== '' ? version : null;
};

/**
 * Watches the APIServices from now on (Kubernetes API concepts, "Efficient detection of changes"). Only the names count: what
 * is there is then read anew. A watch that the server ends or refuses is over; whoever looks from time to time misses nothing.
 */
export const watchChanges = async (reader: ClusterReader, options: RequestOptions): Promise<Changes> => {
  const version = await currentVersion(reader, options).catch((error: unknown) => {
    if (error instanceof RequestFailed) return null;
    throw error;
  });
  let changed = new Set<string>();
  let wake = Promise.withResolvers<void>();
  let stream: Readable | null = null;
  let isOver = version === null;
  let openedAt = Number.POSITIVE_INFINITY;
  const read = async (): Promise<void> => {
    if (isOver) return;
    stream = await reader.stream(
      `${PATH}?watch=1&allowWatchBookmarks=true&resourceVersion=${encodeURIComponent(version ?? '')}`,
      options,
    );
    openedAt = monotonicMs();
    if (isOver) return;
    for await (const line of linesOf(stream)) {
      const parsed = parseBoundedJson(line);
      const event = (parsed.state === 'value' ? parsed.value : null) as WatchEvent | null;
      // After an error, such as 410 Gone, there is nothing more.
      if (event?.type === 'ERROR') return;
      const name = event?.object?.metadata?.name;
      if (typeof name !== 'string' || name.length > MAX_NAME_CHARACTERS || event?.type === 'BOOKMARK') continue;
      if (changed.size < MAX_CHANGED) changed.add(name);
      wake.resolve();
    }
  };
  read()
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
      stream?.destroy();
      if (monotonicMs() - openedAt > LASTED_MS) wake.resolve();
    });
  return {
    next: async (ms, signal) => {
      const enough = new AbortController();
      const waited = pause(ms, undefined, { signal: AbortSignal.any([signal, enough.signal]) });
      await Promise.race([wake.promise, waited.catch(() => undefined)]);
      enough.abort();
      if (changed.size === 0) return null;
      await pause(SETTLING_MS, undefined, { signal }).catch(() => undefined);
      const names = changed;
      changed = new Set();
      wake = Promise.withResolvers();
      return names;
    },
    isOver: () => isOver,
    close: () => {
      isOver = true;
      stream?.destroy();
    },
  };
};
