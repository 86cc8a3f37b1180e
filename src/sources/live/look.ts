import { setTimeout as pause } from 'node:timers/promises';

import pLimit from 'p-limit';
import type * as v from 'valibot';

import type {
  RawAnswer,
  RawDiscoveryDocument,
  RawFactValues,
  RawOpenApiDocument,
} from '../../snapshot/raw-snapshot.ts';
import { redactLog } from '../../snapshot/redact.ts';
import { parseBoundedJson } from './bounded-json.ts';
import { keeping } from './keeping.ts';
import { monotonicMs } from './monotonic.ts';
import { openApiGroupVersions } from './open-api-group-versions.ts';
import {
  BodyDamaged,
  type ClusterReader,
  type Peer,
  type PodPort,
  type Received,
  RequestFailed,
  type SelfReview,
} from './cluster-reader.ts';
import type { ServedChain } from './served-chain/read-served-chain.ts';

/** What a collector may do: look at fixed paths. A look that fails throws RequestFailed with the state and the reason. */
export interface Look extends Questions {
  /** One object; null where the server says 404. */
  readonly object: <T extends v.GenericSchema>(
    path: string,
    schema: T,
    what: string,
  ) => Promise<v.InferOutput<T> | null>;
  /** What the server answers to a self-review. */
  readonly review: <T extends v.GenericSchema>(
    review: SelfReview,
    schema: T,
    what: string,
  ) => Promise<v.InferOutput<T>>;
  /** The status of a request and the words of an error; what a success holds is not kept. */
  readonly probe: (path: string, as?: string) => Promise<NonNullable<RawFactValues['resourceProbes']>>;
  /** The last lines that a container wrote, redacted; empty where it has no log. */
  readonly log: (of: LogOf) => Promise<string>;
  /** Documents of a Pod's port, asked for over TLS without any credential, one after the other and all in the time of one answer. */
  readonly podDocuments: <T>(
    target: PodPort,
    serverName: string,
    use: (documents: Documents) => Promise<T>,
  ) => Promise<T>;
  /** What a Pod's port presents in a TLS handshake; asked once for each port and name. */
  readonly handshake: (target: PodPort, serverName: string) => Promise<ServedChain>;
  /** Looks over a connection of its own, begun after a pause. */
  readonly separately: <T>(pauseMs: number, use: (look: SeparateLook) => Promise<T>) => Promise<T>;
  /** The API server's clock against ours, by the answer that came first. */
  readonly clock: () => RawFactValues['serverClock'];
}

/** What can be asked over any connection. */
interface Questions {
  /** Every item of a list, page by page, in the form that `accept` asks for. */
  readonly list: <T extends v.GenericSchema>(
    path: string,
    schema: T,
    what: string,
    accept?: string,
  ) => Promise<v.InferOutput<T>[]>;
  /** Whatever the server answers. */
  readonly answer: (path: string) => Promise<RawAnswer>;
  /** Documents of the API server. */
  readonly documents: Documents;
}

export interface LogOf {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Of its run before. */
  readonly previous: boolean;
}

export interface SeparateLook extends Questions {
  /** Who answered; null before the first answer, and where nothing tells. */
  readonly peer: () => Peer | null;
}

/** Of one server. */
export interface Documents {
  /** A document that is asked for by its path and Accept header, and all that came with it. */
  readonly discovery: (path: string, accept: string) => Promise<RawDiscoveryDocument>;
  /** The group versions of an OpenAPI document; the document itself may be of tens of megabytes and is not kept. */
  readonly openApi: (path: string) => Promise<RawOpenApiDocument>;
}

/** Items of one page, as kubectl asks for them. */
const PAGE_ITEMS = 500;
/** A server that always says that there is more must not keep us for ever. */
const MAX_PAGES = 200;
/** A little more than the aggregator's own 5 s, so that its own words arrive; also for all that is asked of one Pod in turn. */
const PROBE_TIMEOUT_MS = 6000;

/** Of one container: what it says over and over is said in these. */
const LOG_LINES = 100;
const LOG_BYTES = 64 * 1024;

const TUNNELS = 16;
/** As long as the aggregator itself would wait. */
const HANDSHAKE_TIMEOUT_MS = 5000;

/** A list that is read item by item must not keep the deadline waiting. */
const ITEMS_BETWEEN_LOOKS_AT_THE_CLOCK = 1000;

/** The Date header is cut to the second, and was written some time between the request and its answer (RFC 9110, 6.6.1). */
const clockOf = (date: string, sentMs: number, receivedMs: number): RawFactValues['serverClock'] => {
  const least = Date.parse(date) - receivedMs;
  const most = Date.parse(date) + 1000 - sentMs;
  const seconds = (ms: number): number => Math.round(ms / 10) / 100;
  return { offsetSeconds: seconds((least + most) / 2), uncertaintySeconds: seconds((most - least) / 2) };
};

/** Looks through a reader, within the total deadline that `signal` stands for. */
export const lookThrough = (reader: ClusterReader, timeoutMs: number, signal: AbortSignal): Look => {
  const { redacted, cut, answerBody, statusMessage, readDocument, fitting, weigh, hasRoomFor, keep } = keeping(reader);

  // Each takes a connection of its own.
  const tunnels = pLimit(TUNNELS);
  let clock: RawFactValues['serverClock'] | null = null;

  const get: ClusterReader['get'] = async (path, options) => {
    const sentMs = Date.now();
    const received = await reader.get(path, options);
    if (received.date !== null && !Number.isNaN(Date.parse(received.date)))
      clock ??= clockOf(received.date, sentMs, sentMs + received.latencyMs);
    return received;
  };

  /** What is behind kube-apiserver was not asked where that refused for its own load. */
  const pastOwnLoad = (received: Received): Received => {
    if (received.ownLoad !== null) throw new RequestFailed('unreachable', received.ownLoad);
    return received;
  };

  const handshakes = new Map<string, Promise<ServedChain>>();

  const shakeHands = async (target: PodPort, serverName: string): Promise<ServedChain> => {
    const { readServedChain } = await import('./served-chain/read-served-chain.ts');
    const started = monotonicMs();
    const stream = await reader.openPodPort(target, { timeoutMs: Math.min(timeoutMs, HANDSHAKE_TIMEOUT_MS), signal });
    try {
      // What opening took is gone from the time for the endpoint.
      return await readServedChain(stream, {
        serverName,
        timeoutMs: Math.max(1, Math.min(timeoutMs, HANDSHAKE_TIMEOUT_MS) - (monotonicMs() - started)),
        signal,
      });
    } finally {
      stream.destroy();
    }
  };

  // A proxy's 404 does not tell that an object does not exist.
  const isStatus = (body: string | null): boolean => {
    const parsed = parseBoundedJson(body ?? '');
    return parsed.state === 'value' && (parsed.value as { kind?: unknown } | null)?.kind === 'Status';
  };

  /** An answer whose body cannot be read is one all the same. */
  const headAtLeast = async (
    asking: Promise<Received>,
  ): Promise<Omit<Received, 'body'> & Pick<RawDiscoveryDocument, 'body' | 'bytes'>> => {
    try {
      const received = await asking;
      const { body } = received;
      return { ...received, bytes: body === null ? null : Buffer.byteLength(body), body: answerBody(received) };
    } catch (error) {
      if (!(error instanceof BodyDamaged)) throw error;
      return { ...error.head, bytes: null, body: { form: 'damaged', why: error.why } };
    }
  };

  const documentsOf = (ask: (path: string, accept: string) => Promise<Received>): Documents => ({
    discovery: async (path, accept) => {
      const received = await headAtLeast(ask(path, accept));
      const { httpStatus, contentType, location, etag, latencyMs, bytes, body } = received;
      return { path, accept, httpStatus, contentType, location, etag, latencyMs, bytes, body };
    },
    openApi: async (path) => {
      const { httpStatus, latencyMs, body } = await ask(path, 'application/json');
      const groupVersions = httpStatus === 200 && body !== null ? openApiGroupVersions(body) : null;
      return {
        path,
        httpStatus,
        latencyMs,
        groupVersions: groupVersions && groupVersions.map((name) => cut(name, 512)),
      };
    },
  });

  const log = async ({ namespace, pod, container, previous }: LogOf): Promise<string> => {
    const what = `get pods/log ${pod} in namespace ${namespace}`;
    const query = `container=${encodeURIComponent(container)}&tailLines=${LOG_LINES}&limitBytes=${LOG_BYTES}${previous ? '&previous=true' : ''}`;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query}`;
    const received = await get(path, { timeoutMs, signal, accept: 'application/json, */*' });
    // The container has not started, or has no run before; or the Pod is gone.
    if (received.httpStatus === 400 || received.httpStatus === 404) return '';
    if (received.httpStatus !== 200) readDocument(received, what);
    const body = received.body ?? '';
    // Cut off in the middle of a line it may end in half a token.
    const whole = Buffer.byteLength(body) < LOG_BYTES ? body : body.slice(0, body.lastIndexOf('\n') + 1);
    const text = redactLog(redacted(whole));
    keep(weigh(text), what);
    return text;
  };

  const questionsOver = (ask: ClusterReader['get']): Questions => ({
    list: async (path, schema, what, accept) => {
      const items: v.InferOutput<typeof schema>[] = [];
      let next = '';
      let weight = 0;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const query = `${path.includes('?') ? '&' : '?'}limit=${PAGE_ITEMS}${next === '' ? '' : `&continue=${encodeURIComponent(next.toWellFormed())}`}`;
        const options = { timeoutMs, signal, ...(accept === undefined ? {} : { accept }) };
        const document = readDocument(await ask(`${path}${query}`, options), what) as {
          readonly items?: unknown;
          readonly metadata?: { readonly continue?: unknown } | null;
        } | null;
        if (
          typeof document !== 'object' ||
          document === null ||
          !(Array.isArray(document.items) || document.items === null)
        ) {
          throw new RequestFailed('unreadable', `${what}: the answer is not a list`);
        }
        for (const [index, item] of (document.items ?? []).entries()) {
          if (index % ITEMS_BETWEEN_LOOKS_AT_THE_CLOCK === 0 && signal.aborted)
            throw new RequestFailed('timedOut', `${what}: not read in time`);
          const value = fitting(schema, item, `${what}: item ${index}`);
          weight += weigh(value);
          if (!hasRoomFor(weight)) break;
          items.push(value);
        }
        next = typeof document.metadata?.continue === 'string' ? document.metadata.continue : '';
        if (next === '' || !hasRoomFor(weight)) {
          keep(weight, what);
          return items;
        }
      }
      throw new RequestFailed('unreadable', `${what}: the list does not end after ${MAX_PAGES} pages`);
    },
    answer: async (path) => {
      const options = { timeoutMs: Math.min(timeoutMs, PROBE_TIMEOUT_MS), signal };
      const { httpStatus, contentType, location, latencyMs, body } = await headAtLeast(
        ask(path, options).then(pastOwnLoad),
      );
      return { httpStatus, contentType, location, latencyMs, body };
    },
    documents: documentsOf(async (path, accept) =>
      pastOwnLoad(await ask(path, { timeoutMs: Math.min(timeoutMs, PROBE_TIMEOUT_MS), signal, accept })),
    ),
  });

  return {
    ...questionsOver(get),
    log,
    object: async (path, schema, what) => {
      const received = await get(path, { timeoutMs, signal });
      if (received.httpStatus === 404 && isStatus(received.body)) return null;
      const value = fitting(schema, readDocument(received, what), what);
      keep(weigh(value), what);
      return value;
    },
    review: async (review, schema, what) => {
      const received = await reader.review(review, { timeoutMs, signal });
      // A created review is answered 201.
      return fitting(
        schema,
        readDocument(received.httpStatus === 201 ? { ...received, httpStatus: 200 } : received, what),
        what,
      );
    },
    probe: async (path, as) => {
      const options = { timeoutMs: Math.min(timeoutMs, PROBE_TIMEOUT_MS), signal };
      const received = pastOwnLoad(await reader.get(path, as === undefined ? options : { ...options, as }));
      const { httpStatus } = received;
      return { path, as: as ?? null, httpStatus, message: httpStatus < 400 ? '' : statusMessage(received) };
    },
    podDocuments: (target, serverName, use) =>
      tunnels(async () => {
        const { podHttp } = await import('./pod-http.ts');
        const deadline = monotonicMs() + Math.min(timeoutMs, PROBE_TIMEOUT_MS);
        const left = (): number => Math.max(1, deadline - monotonicMs());
        const pod = podHttp((options) => reader.openPodPort(target, options), serverName);
        try {
          return await use(documentsOf((path, accept) => pod.get(path, { timeoutMs: left(), signal, accept })));
        } finally {
          pod.close();
        }
      }),
    handshake: (target, serverName) => {
      const key = JSON.stringify([target, serverName]);
      const known = handshakes.get(key);
      if (known) return known;
      const made = tunnels(() => shakeHands(target, serverName));
      handshakes.set(key, made);
      return made;
    },
    separately: async (pauseMs, use) => {
      // The deadline ends the pause; what is asked after it fails for that reason.
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      const separate = reader.separate();
      try {
        return await use({ ...questionsOver(separate.get), peer: separate.peer });
      } finally {
        separate.close();
      }
    },
    clock: () => {
      if (clock === null) throw new RequestFailed('unreadable', 'no answer of the API server has a Date header');
      return clock;
    },
  };
};
