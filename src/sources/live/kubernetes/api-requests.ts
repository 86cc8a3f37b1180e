import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { textRedactor } from '../../../snapshot/redact.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import {
  type ClusterReader,
  type GetOptions,
  type Received,
  RequestFailed,
  type RequestOptions,
} from '../cluster-reader.ts';
import { monotonicMs } from '../monotonic.ts';
import type { Credentials, Headers } from './caller-credentials.ts';

// What client-go does around each request, whatever the transport: rest/request.go (timeout), rest/with_retry.go,
// rest/warnings.go, transport/round_trippers.go (the log).

/** One request as it goes out. */
export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: string | undefined;
}

export interface Transferred extends Received {
  readonly headers: IncomingHttpHeaders;
}

/** Sends one request; again only where a connection that was kept is found closed. */
export type Transfer = (sent: Sent, options: GetOptions) => Promise<Transferred>;

export interface ApiRequestOptions {
  readonly urlOf: (path: string) => URL;
  readonly userAgent: string;
  readonly credentials: Credentials;
  readonly compression: boolean;
  /** Instead of the limit that the caller sets; default: none. */
  readonly requestTimeoutMs?: number | null;
  /** From 6 on each request is told of; default: 0. */
  readonly logLevel?: number;
  readonly onStderr: (line: string) => void;
}

const MAX_RETRIES = 10;

/** time.Duration.String() of Go: `1h2m3.5s`, `300ms`. */
const goDuration = (ms: number): string => {
  if (ms < 1000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
};

const secretHeaders = ['authorization', 'cookie', 'set-cookie', 'proxy-authorization'];

/** The scheme of a credential is no secret. */
const shownValue = (name: string, value: string): string =>
  secretHeaders.includes(name.toLowerCase()) ? value.replace(/^((?:Bearer|Basic) )?[\s\S]*$/, '$1<masked>') : value;

/** Milliseconds that the server asks to wait before the same request is made again, or null where it does not. */
const retryAfterMs = ({ httpStatus, headers }: Transferred): number | null => {
  const seconds = headers['retry-after'];
  return (httpStatus === 429 || httpStatus >= 500) && seconds !== undefined && /^\d{1,9}$/.test(seconds)
    ? Number(seconds) * 1000
    : null;
};

/** Texts of `Warning: 299 agent "text" "date"`, however many (RFC 7234, 5.5). */
const warningsOf = ({ warning = '' }: IncomingHttpHeaders): readonly string[] =>
  [...warning.matchAll(/(?:^|,\s*)299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));

/** Endpoints are read because kube-aggregator reads them: to heed this is our business. */
const isOurOwn = (warning: string): boolean => warning.startsWith('v1 Endpoints is deprecated');

/** A server that warns without end must not fill the terminal. */
const MAX_WARNINGS = 20;

export interface ApiRequests {
  readonly get: ClusterReader['get'];
  /** As `get`; only for what is as safe to repeat as a GET. */
  readonly post: (path: string, body: string, options: RequestOptions) => Promise<Received>;
  /** Headers of a request that is made now. @throws RequestFailed */
  readonly headers: () => Promise<Headers>;
  readonly log: (sent: Sent, status: number | null, headers: IncomingHttpHeaders, ms: number) => void;
}

/** Makes requests as kubectl makes them: with the caller's credentials, patience and log. */
export const apiRequests = (options: ApiRequestOptions, transfer: Transfer): ApiRequests => {
  const { urlOf, userAgent, credentials, compression, requestTimeoutMs = null, logLevel = 0, onStderr } = options;
  const warned = new Set<string>();
  const redacted = (text: string): string => textRedactor(credentials.secrets())(text);

  const log: ApiRequests['log'] = ({ method, url, headers }, status, answered, ms) => {
    if (logLevel < 6) return;
    const show = (title: string, shown: object): void => {
      onStderr(title);
      for (const [name, values] of Object.entries(shown))
        for (const value of [values].flat()) onStderr(`    ${name}: ${redacted(shownValue(name, String(value)))}`);
    };
    const answer = status === null ? 'no answer' : `${status} ${STATUS_CODES[status] ?? ''}`.trim();
    onStderr(`${method} ${url.href} ${answer} in ${Math.round(ms)} milliseconds`);
    if (logLevel >= 7) show('Request Headers:', headers);
    if (logLevel >= 8 && status !== null) show('Response Headers:', answered);
  };

  const warn = (headers: IncomingHttpHeaders): void => {
    for (const text of warningsOf(headers)) {
      if (isOurOwn(text) || warned.has(text) || warned.size >= MAX_WARNINGS) continue;
      warned.add(text);
      onStderr(`Warning: ${redacted(text)}`);
    }
  };

  const authenticated = async (): ReturnType<Credentials['headers']> => {
    try {
      return await credentials.headers();
    } catch (error) {
      if (error instanceof ClusterAccessError) throw new RequestFailed('unreachable', error.message, error);
      throw error;
    }
  };

  const once = async (
    path: string,
    { accept = 'application/json', as, ...request }: GetOptions,
    body: string | undefined,
  ): Promise<Transferred> => {
    const { headers: whoAsks, generation } = await authenticated();
    const headers: Headers = {
      Accept: accept,
      ...(compression ? { 'Accept-Encoding': 'gzip' } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      'User-Agent': userAgent,
      ...whoAsks,
      ...(as === undefined ? {} : { 'Impersonate-User': as }),
    };
    const url = urlOf(path);
    if (requestTimeoutMs !== null) url.searchParams.set('timeout', goDuration(requestTimeoutMs));
    const sent: Sent = { method: body === undefined ? 'GET' : 'POST', url, headers, body };
    const started = monotonicMs();
    let answer: Transferred;
    try {
      answer = await transfer(sent, request);
    } catch (error) {
      log(sent, null, {}, monotonicMs() - started);
      throw error;
    }
    log(sent, answer.httpStatus, answer.headers, monotonicMs() - started);
    warn(answer.headers);
    if (answer.httpStatus === 401) await credentials.wereRefused(generation);
    return answer;
  };

  const patiently = async (path: string, request: GetOptions, body?: string): Promise<Transferred> => {
    const deadline = monotonicMs() + (requestTimeoutMs ?? request.timeoutMs);
    for (let retries = 0; ; retries += 1) {
      const timeoutMs = deadline - monotonicMs();
      try {
        const answer = await once(path, { ...request, timeoutMs }, body);
        const waitMs = retryAfterMs(answer);
        if (waitMs === null || retries >= MAX_RETRIES || monotonicMs() + waitMs >= deadline) return answer;
        await pause(waitMs, undefined, { signal: request.signal }).catch(() => undefined);
      } catch (error) {
        if (
          requestTimeoutMs === null ||
          !(error instanceof RequestFailed) ||
          error.state !== 'timedOut' ||
          request.signal.aborted
        )
          throw error;
        throw new RequestFailed(
          'timedOut',
          `${error.message}: timeout of ${goDuration(requestTimeoutMs)} exceeded (--request-timeout)`,
          error,
        );
      }
    }
  };

  return {
    get: (path, request) => patiently(path, request),
    post: (path, body, request) => patiently(path, request, body),
    headers: async () => ({ 'User-Agent': userAgent, ...(await authenticated()).headers }),
    log,
  };
};
