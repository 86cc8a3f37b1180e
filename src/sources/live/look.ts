import type * as v from 'valibot';

import { parseWith, type RawAnswer } from '../../snapshot/raw-snapshot.ts';
import { parseBoundedJson, TOO_NESTED_OR_NUMEROUS } from './bounded-json.ts';
import { type ClusterReader, MAX_BODY_BYTES, type Received, RequestFailed } from './cluster-reader.ts';

/** What a collector may do: look at fixed paths. A look that fails throws RequestFailed with the state and the reason. */
export interface Look {
  /** One object; null where the server says 404. */
  readonly object: <T extends v.GenericSchema>(path: string, schema: T, what: string) => Promise<v.InferOutput<T> | null>;
  /** Every item of a list, page by page. */
  readonly list: <T extends v.GenericSchema>(path: string, schema: T, what: string) => Promise<v.InferOutput<T>[]>;
  /** Whatever the server answers. */
  readonly answer: (path: string) => Promise<RawAnswer>;
}

/** Items of one page, as kubectl asks for them. */
const PAGE_ITEMS = 500;
/** A server that always says that there is more must not keep us for ever. */
const MAX_PAGES = 200;
/** A little more than the aggregator's own 5 s, so that its own words arrive. */
const PROBE_TIMEOUT_MS = 6000;

const KEPT_TEXT = 1024;
const KEPT_STRING = 4096;
const KEPT_ITEMS = 10_000;

/** A JSON value cut to what a snapshot keeps; cutting it again changes nothing. */
const bounded = (value: unknown): unknown => {
  if (typeof value === 'string') return value.slice(0, KEPT_STRING).toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (Array.isArray(value)) return value.slice(0, KEPT_ITEMS).map(bounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, KEPT_ITEMS)
      .map(([key, item]) => [key.slice(0, KEPT_STRING).toWellFormed(), bounded(item)]),
  );
};

const answerBody = ({ body, contentType }: Received): RawAnswer['body'] => {
  if (body === null) return { form: 'tooLarge', why: `larger than ${MAX_BODY_BYTES} bytes` };
  if (body === '') return { form: 'empty' };
  if (/^\s*[{[]/.test(body) || contentType?.includes('json')) {
    const parsed = parseBoundedJson(body);
    if (parsed.state === 'tooLarge') return { form: 'tooLarge', why: TOO_NESTED_OR_NUMEROUS };
    if (parsed.state === 'value') return { form: 'json', value: bounded(parsed.value) };
  }
  const kept = body.slice(0, KEPT_TEXT).toWellFormed();
  return { form: 'text', text: kept, leftOut: body.length - kept.length };
};

const statusMessage = (body: string | null): string => {
  const parsed = body === null ? null : parseBoundedJson(body);
  const message = parsed?.state === 'value' ? (parsed.value as { message?: unknown } | null)?.message : undefined;
  return typeof message === 'string' ? message : (body ?? '').slice(0, KEPT_TEXT);
};

/** A document that was asked for and has to be there. */
const readDocument = ({ httpStatus, body, location }: Received, what: string): unknown => {
  if (httpStatus === 401) throw new RequestFailed('unreadable', `${what}: 401 Unauthorized: ${statusMessage(body)}`);
  if (httpStatus === 403) throw new RequestFailed('forbidden', `${what}: ${statusMessage(body)}`);
  if (httpStatus >= 300 && httpStatus < 400) throw new RequestFailed('unreadable', `${what}: redirected to ${location ?? 'nowhere'}, which is not followed`);
  if (httpStatus !== 200) throw new RequestFailed('unreadable', `${what}: HTTP status ${httpStatus}: ${statusMessage(body)}`);
  if (body === null) throw new RequestFailed('unreadable', `${what}: the answer is larger than ${MAX_BODY_BYTES} bytes`);
  const parsed = parseBoundedJson(body);
  if (parsed.state === 'tooLarge') throw new RequestFailed('unreadable', `${what}: the answer is ${TOO_NESTED_OR_NUMEROUS}`);
  if (parsed.state === 'notJson') throw new RequestFailed('unreadable', `${what}: the answer is not JSON; is this a Kubernetes API server?`);
  return parsed.value;
};

const fitting = <T extends v.GenericSchema>(schema: T, value: unknown, what: string): v.InferOutput<T> => {
  const result = parseWith(schema, value);
  if (result.ok) return result.value;
  throw new RequestFailed('unreadable', `${what}: ${result.field === '' ? 'the answer' : result.field}: ${result.problem}`);
};

/** Looks through a reader, within the total deadline that `signal` stands for. */
export const lookThrough = (reader: ClusterReader, timeoutMs: number, signal: AbortSignal): Look => ({
  object: async (path, schema, what) => {
    const received = await reader.get(path, { timeoutMs, signal });
    return received.httpStatus === 404 ? null : fitting(schema, readDocument(received, what), what);
  },
  list: async (path, schema, what) => {
    const items: v.InferOutput<typeof schema>[] = [];
    let next = '';
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = `${path.includes('?') ? '&' : '?'}limit=${PAGE_ITEMS}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
      const document = readDocument(await reader.get(`${path}${query}`, { timeoutMs, signal }), what) as {
        readonly items?: unknown;
        readonly metadata?: { readonly continue?: unknown } | null;
      } | null;
      if (typeof document !== 'object' || document === null || !(Array.isArray(document.items) || document.items === null)) {
        throw new RequestFailed('unreadable', `${what}: the answer is not a list`);
      }
      for (const [index, item] of (document.items ?? []).entries()) items.push(fitting(schema, item, `${what}: item ${index}`));
      next = typeof document.metadata?.continue === 'string' ? document.metadata.continue : '';
      if (next === '') return items;
    }
    throw new RequestFailed('unreadable', `${what}: the list does not end after ${MAX_PAGES} pages`);
  },
  answer: async (path) => {
    const received = await reader.get(path, { timeoutMs: Math.min(timeoutMs, PROBE_TIMEOUT_MS), signal });
    const { httpStatus, contentType, location, latencyMs } = received;
    return { httpStatus, contentType, location, latencyMs, body: answerBody(received) };
  },
});
