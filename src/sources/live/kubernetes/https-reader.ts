import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';

import { ClusterAccessError } from '../cluster-access-error.ts';
import { type ClusterReader, MAX_BODY_BYTES, type Received, RequestFailed, type RequestOptions } from '../cluster-reader.ts';
import { runExecPlugin } from './exec-credential.ts';
import type { Connection } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';

// node:https and not client-node: that opens a new TLS connection for each request, has no time-out, and costs 400 ms at
// import (docs/architecture.md, "Connection").

export interface ReaderOptions {
  readonly connection: Connection;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  readonly onStderr: (text: string) => void;
}

/** Several requests at once, but not so many that the priority and fairness of the API server holds them back. */
const MAX_CONNECTIONS = 16;
/** Above this, bodies are read one after the other, so that memory stays bounded whatever is sent. */
const LARGE_BODY_BYTES = 2 * 1024 * 1024;

interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
  readonly secrets: readonly string[];
}

const readToken = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ClusterAccessError(`unable to read tokenFile ${file}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`, { cause: error });
  }
};

const getCredentials = async ({ connection, env, signal, onStderr }: ReaderOptions): Promise<Credentials> => {
  const { bearer, basic, exec, impersonate } = connection;
  const plugin = exec ? await runExecPlugin(exec, connection, env, signal, onStderr) : null;
  const token = bearer ? ('token' in bearer ? bearer.token : readToken(bearer.file)) : (plugin?.token ?? null);
  const basicPair = basic ? Buffer.from(`${basic.username}:${basic.password}`).toString('base64') : null;
  const authorization = token !== null ? `Bearer ${token}` : basicPair !== null ? `Basic ${basicPair}` : null;
  // eslint-disable-next-line no-control-regex -- exactly what an HTTP header may not hold
  if (authorization !== null && /[^\t\u0020-\u007e]/.test(authorization)) throw new ClusterAccessError('the credential of the kubeconfig holds characters that no HTTP header may hold');
  return {
    headers: {
      ...(authorization === null ? {} : { Authorization: authorization }),
      ...(impersonate
        ? {
            'Impersonate-User': impersonate.user,
            ...(impersonate.groups.length > 0 ? { 'Impersonate-Group': impersonate.groups } : {}),
            ...(impersonate.uid ? { 'Impersonate-Uid': impersonate.uid } : {}),
            ...Object.fromEntries(Object.entries(impersonate.extra).map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values])),
          }
        : {}),
    },
    clientCertificate: connection.clientCertificate ?? plugin?.clientCertificate ?? null,
    secrets: [token, basic?.password, basicPair].filter((secret): secret is string => typeof secret === 'string' && secret !== ''),
  };
};

/** What a connection that failed means, in kubectl's words. */
const failureText = (error: NodeJS.ErrnoException, url: URL): string => {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `the connection to the server ${url.host} was refused - did you specify the right host or port?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `unable to connect to the server: no such host: ${url.hostname}`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `unable to connect to the server: ${url.host} closed the connection`;
    case 'EPROTO':
      return `unable to connect to the server: ${url.host} does not speak TLS as expected`;
    case undefined:
      return `unable to connect to the server ${url.host}: ${error.message}`;
    default:
      // Certificate errors bear OpenSSL's code and a message of one line.
      return /^HPE_/.test(error.code)
        ? `unable to connect to the server: ${url.host} does not speak HTTP as expected`
        : `unable to connect to the server ${url.host}: ${error.message} (${error.code})`;
  }
};

class LargeBodyTurn {
  #tail: Promise<void> = Promise.resolve();

  /** Resolves to a release function once no other large body is being read. */
  async take(): Promise<() => void> {
    const before = this.#tail;
    let release: () => void = () => undefined;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }
}

/** Reads the answer whole, up to MAX_BODY_BYTES; large ones one after the other. */
const readBody = async (response: http.IncomingMessage, turn: LargeBodyTurn): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let release: (() => void) | null = null;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        response.destroy();
        return null;
      }
      if (bytes > LARGE_BODY_BYTES) release ??= await turn.take();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    release?.();
  }
};

/**
 * A reader over one API server. Connections are kept and reused; nothing but the server and its proxy is ever connected to.
 * @throws ClusterAccessError where credentials cannot be had
 */
export const openHttpsReader = async (options: ReaderOptions): Promise<ClusterReader> => {
  const { connection, env, userAgent } = options;
  let base: URL;
  try {
    base = new URL(connection.server);
  } catch {
    throw new ClusterAccessError(`invalid configuration: the server of the cluster is not a URL`);
  }
  const secure = base.protocol === 'https:';
  // Over http:// no credential is ever sent, as client-go.
  const credentials: Credentials = secure ? await getCredentials(options) : { headers: {}, clientCertificate: null, secrets: [] };
  const proxy = proxyFor(base, connection.proxyUrl, env);
  const agentOptions = {
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    ...(proxy === null ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } }),
  };
  let agent: http.Agent;
  try {
    agent = secure
      ? new https.Agent({
          ...agentOptions,
          rejectUnauthorized: !connection.tls.insecure,
          ...(connection.tls.authority === null ? {} : { ca: connection.tls.authority }),
          ...(connection.tls.serverName === null ? {} : { servername: connection.tls.serverName }),
          ...(credentials.clientCertificate === null ? {} : { cert: credentials.clientCertificate.certificate, key: credentials.clientCertificate.key }),
        })
      : new http.Agent(agentOptions);
  } catch (error) {
    throw new ClusterAccessError('invalid configuration: the proxy or a certificate of the kubeconfig cannot be used', { cause: error });
  }
  const prefix = base.pathname.replace(/\/$/, '');
  const turn = new LargeBodyTurn();

  const get = (path: string, { timeoutMs, signal }: RequestOptions): Promise<Received> =>
    new Promise<Received>((resolve, reject) => {
      const started = performance.now();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const fail = (error: unknown): void => {
        if (limit.aborted) reject(new RequestFailed('timedOut', `${base.host} did not answer GET ${path} in time`, error));
        else reject(new RequestFailed('unreachable', failureText(error as NodeJS.ErrnoException, base), error));
      };
      let request: http.ClientRequest;
      try {
        request = (secure ? https : http).get(new URL(`${prefix}${path}`, base), {
          agent,
          signal: limit,
          headers: { Accept: 'application/json', 'User-Agent': userAgent, ...credentials.headers } as http.OutgoingHttpHeaders,
        });
      } catch (error) {
        // A certificate or key that OpenSSL cannot read is found only when the connection is made.
        reject(new RequestFailed('unreachable', `invalid configuration: ${(error as Error).message}`, error));
        return;
      }
      request.on('error', fail);
      request.on('response', (response) => {
        const latencyMs = performance.now() - started;
        readBody(response, turn).then((body) => {
          resolve({
            httpStatus: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? null,
            location: response.headers.location ?? null,
            latencyMs,
            body,
          });
        }, fail);
      });
    });

  return {
    identity: { context: connection.context, server: `${base.origin}${prefix}` },
    secrets: () => credentials.secrets,
    get,
    close: () => agent.destroy(),
  };
};
