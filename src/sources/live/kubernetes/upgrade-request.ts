import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

import { textRedactor } from '../../../snapshot/redact.ts';
import { parseBoundedJson } from '../bounded-json.ts';
import { monotonicMs } from '../monotonic.ts';
import type { ApiRequests } from './api-requests.ts';
import type { Headers } from './caller-credentials.ts';
import { RequestFailed, type RequestOptions } from '../cluster-reader.ts';

/** The reader's own connections and credentials, for a request that leaves HTTP. */
export interface UpgradeAccess {
  readonly urlOf: (path: string) => URL;
  readonly agent: http.Agent;
  /** What says who asks. @throws RequestFailed */
  readonly headers: () => Promise<Headers>;
  readonly clientCertificate: () => { readonly cert?: string; readonly key?: string };
  readonly log: ApiRequests['log'];
  readonly secrets: () => readonly string[];
  /** What a connection that failed means. */
  readonly failureText: (error: NodeJS.ErrnoException) => string;
}

export interface UpgradeRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Headers;
}

export type UpgradeAnswer =
  | {
      readonly state: 'upgraded';
      readonly socket: Duplex;
      readonly head: Buffer;
      readonly headers: http.IncomingHttpHeaders;
    }
  /** The server keeps to HTTP; `message` is what it says about that, redacted. */
  | { readonly state: 'refused'; readonly httpStatus: number; readonly message: string };

/** Of what a server says, this much is read, and this much is kept. */
const MAX_REFUSAL_BYTES = 64 * 1024;
const KEPT_TEXT = 1024;

/** What the server says, as far as it says it in plain words. */
const refusalText = (body: Buffer): string => {
  const text = body.toString('utf8');
  const parsed = parseBoundedJson(text);
  const message = parsed.state === 'value' ? (parsed.value as { message?: unknown } | null)?.message : text.trim();
  if (typeof message !== 'string') return '';
  return message.startsWith('<') ? 'a page of HTML' : message;
};

/**
 * Asks the API server to speak another protocol on this connection.
 * @throws RequestFailed where there was no answer
 */
export const requestUpgrade = async (
  access: UpgradeAccess,
  { method, path, headers: more }: UpgradeRequest,
  { timeoutMs, signal }: RequestOptions,
): Promise<UpgradeAnswer> => {
  const headers: Headers = { ...(await access.headers()), ...more, Connection: 'Upgrade' };
  const { promise, resolve, reject } = Promise.withResolvers<UpgradeAnswer>();
  const started = monotonicMs();
  const url = access.urlOf(path);
  const redacted = textRedactor(access.secrets());
  let request: http.ClientRequest | null = null;
  const expire = (): void => {
    reject(new RequestFailed('timedOut', `${url.host} did not answer ${method} ${path} in time`, signal.reason));
    request?.destroy();
  };
  const timer = setTimeout(expire, timeoutMs);
  signal.addEventListener('abort', expire, { once: true });
  const settled = promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', expire);
  });
  if (signal.aborted) {
    expire();
    return settled;
  }

  const answered = ({ statusCode = 0, headers: theirs }: http.IncomingMessage): void =>
    access.log({ method, url, headers }, statusCode, theirs, monotonicMs() - started);

  const ask = (isSecondTry: boolean): void => {
    const fail = (error: NodeJS.ErrnoException): void => {
      // The server may close a connection that was kept at the very moment when it is used again.
      if (error.code === 'ECONNRESET' && request?.reusedSocket && !isSecondTry) ask(true);
      else reject(new RequestFailed('unreachable', access.failureText(error), error));
    };
    try {
      request = (url.protocol === 'https:' ? https : http).request(url, {
        method,
        agent: access.agent,
        headers,
        ...access.clientCertificate(),
      });
    } catch (error) {
      // A certificate or key that OpenSSL cannot read is found only when the connection is made.
      fail(error as NodeJS.ErrnoException);
      return;
    }
    request.on('error', fail);
    request.on('upgrade', (response, socket, head) => {
      answered(response);
      socket.on('error', () => undefined);
      resolve({ state: 'upgraded', socket, head, headers: response.headers });
    });
    request.on('response', (response) => {
      answered(response);
      const chunks: Buffer[] = [];
      let bytes = 0;
      const finish = (): void => {
        const message = redacted(refusalText(Buffer.concat(chunks)))
          .slice(0, KEPT_TEXT)
          .toWellFormed();
        resolve({ state: 'refused', httpStatus: response.statusCode ?? 0, message });
      };
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_REFUSAL_BYTES) chunks.push(chunk);
        else response.destroy();
      });
      response.on('end', finish);
      response.on('close', finish);
      response.on('error', () => undefined);
    });
    request.end();
  };
  ask(false);
  return settled;
};
