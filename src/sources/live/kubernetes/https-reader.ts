import http from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { readBoundedFile, UnreadableFile } from '../../bounded-file.ts';
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
  readonly onStderr: (line: string) => void;
}

/** Several requests at once, but not so many that the priority and fairness of the API server holds them back. */
const MAX_CONNECTIONS = 16;
/** Above this, bodies are read one after the other, so that memory stays bounded whatever is sent. */
const LARGE_BODY_BYTES = 1024 * 1024;

interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
  readonly secrets: readonly string[];
}

const MAX_TOKEN_BYTES = 1024 * 1024;

const readToken = async (file: string, signal: AbortSignal): Promise<string> => {
  try {
    return (await readBoundedFile(file, MAX_TOKEN_BYTES, signal)).toString('utf8').trim();
  } catch (error) {
    if (error instanceof UnreadableFile) throw new ClusterAccessError(`unable to read tokenFile ${file}: ${error.message}`, { cause: error });
    throw error;
  }
};

/** Go writes the bytes of the UTF-8 text, Node takes each character for a byte. */
const headerValue = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** client-go transport/round_trippers.go, headerKeyEscape: whatever is no token of HTTP, and the percent sign, byte by byte. */
const headerName = (key: string): string =>
  [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

const impersonationHeaders = ({ impersonate }: Connection): Credentials['headers'] =>
  impersonate === null
    ? {}
    : {
        'Impersonate-User': headerValue(impersonate.user),
        ...(impersonate.groups.length > 0 ? { 'Impersonate-Group': impersonate.groups.map(headerValue) } : {}),
        ...(impersonate.uid ? { 'Impersonate-Uid': headerValue(impersonate.uid) } : {}),
        ...Object.fromEntries(
          Object.entries(impersonate.extra).map(([key, values]) => [`Impersonate-Extra-${headerName(key)}`, values.map(headerValue)]),
        ),
      };

/** As Go's http client: what stands in the URL counts where nothing else does. */
const basicOf = ({ username, password }: URL): Connection['basic'] =>
  username === '' ? null : { username: decodeURIComponent(username), password: decodeURIComponent(password) };

const getCredentials = async ({ connection, env, signal, onStderr }: ReaderOptions, url: URL): Promise<Credentials> => {
  const { bearer, exec } = connection;
  const plugin = exec ? await runExecPlugin(exec, connection, env, signal, onStderr) : null;
  const token = bearer ? ('token' in bearer ? bearer.token : await readToken(bearer.file, signal)) : (plugin?.token ?? null);
  const basic = connection.basic ?? basicOf(url);
  const basicPair = basic ? Buffer.from(`${basic.username}:${basic.password}`).toString('base64') : null;
  const authorization = token !== null ? `Bearer ${token}` : basicPair !== null ? `Basic ${basicPair}` : null;
  if (authorization !== null && /[^\t\u0020-\u007e]/.test(authorization)) throw new ClusterAccessError('the credential of the kubeconfig holds characters that no HTTP header may hold');
  return {
    headers: { ...(authorization === null ? {} : { Authorization: authorization }), ...impersonationHeaders(connection) },
    clientCertificate: connection.clientCertificate ?? plugin?.clientCertificate ?? null,
    secrets: [token, basic?.password, basicPair].filter((secret): secret is string => typeof secret === 'string' && secret !== ''),
  };
};

/** The authority that signed the API server's certificate is not among those of the kubeconfig. */
const unknownAuthority: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
];

/** What a connection that failed means, in kubectl's words where it has some; each names the thing to mend. */
const failureText = (error: NodeJS.ErrnoException, url: URL, proxy: string | null): string => {
  const server = proxy === null ? url.host : `${url.host} through the proxy ${new URL(proxy).host}`;
  const cannot = 'unable to connect to the server';
  const code = error.code ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return `the connection to the server ${server} was refused - did you specify the right host or port?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${cannot}: no such host: ${proxy === null ? url.hostname : new URL(proxy).hostname}`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${cannot}: ${server} closed the connection`;
    case 'CERT_HAS_EXPIRED':
      return `${cannot}: the certificate that ${server} presents has expired`;
    case 'CERT_NOT_YET_VALID':
      return `${cannot}: the certificate that ${server} presents is not valid yet`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${cannot}: the certificate that ${server} presents is not for that name; the right one may be set as tls-server-name of the cluster in the kubeconfig`;
    case 'ERR_PROXY_TUNNEL':
      return `${cannot} ${server}: the proxy answers ${error.message.replace(/^.*?: /, '').slice(0, 300)}`;
    default:
  }
  if (unknownAuthority.includes(code)) {
    return `${cannot}: the certificate that ${server} presents is signed by an unknown authority; the right one belongs into certificate-authority-data of the cluster in the kubeconfig`;
  }
  if (code.startsWith('HPE_')) return `${cannot}: ${server} does not speak HTTP as expected`;
  if (/^ERR_SSL_.*ALERT/.test(code)) return `${cannot}: ${server} refuses the TLS handshake (${code}); it may want a client certificate of the kubeconfig`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return `${cannot}: ${server} does not speak TLS as expected (${code}); is it an http:// server?`;
  return `${cannot} ${server}: ${error.message.slice(0, 300)}`;
};

// V8 lets garbage grow with the memory of the machine: a few bodies of 32 MiB, read and parsed one after the other, would
// take a gigabyte. Whoever takes his turn first has the remains of the one before him collected.
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

class LargeBodyTurn {
  #tail: Promise<void> = Promise.resolve();
  #isFirst = true;

  /** Resolves to a release function once no other large body is being read. */
  async take(): Promise<() => void> {
    const before = this.#tail;
    let release: () => void = () => undefined;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    if (!this.#isFirst) {
      // Until then the body before is parsed.
      await setImmediate();
      collectGarbage();
    }
    this.#isFirst = false;
    return release;
  }
}

/** Reads the answer whole, up to MAX_BODY_BYTES; large ones one after the other. */
const readBody = async (response: http.IncomingMessage, turn: LargeBodyTurn): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let large: Buffer | null = null;
  let bytes = 0;
  let release: (() => void) | null = null;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const start = bytes;
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        response.destroy();
        return null;
      }
      if (bytes > LARGE_BODY_BYTES && large === null) {
        release = await turn.take();
        // Not filled: memory is taken page by page, as it is written.
        large = Buffer.allocUnsafeSlow(MAX_BODY_BYTES);
        Buffer.concat(chunks).copy(large);
        chunks.length = 0;
      }
      if (large === null) chunks.push(chunk);
      else chunk.copy(large, start);
    }
    return (large === null ? Buffer.concat(chunks) : large.subarray(0, bytes)).toString('utf8');
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
  const credentials: Credentials = secure
    ? await getCredentials(options, base)
    : { headers: impersonationHeaders(connection), clientCertificate: null, secrets: [] };
  const proxy = proxyFor(base, connection.proxyUrl, env);
  const secrets = proxy === null ? credentials.secrets : [...credentials.secrets, ...[new URL(proxy).password].filter((password) => password !== '').map(decodeURIComponent)];
  base.username = '';
  base.password = '';
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

  const get = (path: string, { timeoutMs, signal }: RequestOptions, isSecondTry = false): Promise<Received> => {
    const started = performance.now();
    let request: http.ClientRequest | null = null;
    // Let go as soon as it is settled: a kept connection remembers its last request, that its listeners, and these would
    // remember a body of 32 MiB for each connection.
    let waiting: PromiseWithResolvers<Received> | null = Promise.withResolvers<Received>();
    const { promise } = waiting;
    const settle = (finish: (waiting: PromiseWithResolvers<Received>) => void): void => {
      if (waiting === null) return;
      clearTimeout(timer);
      signal.removeEventListener('abort', expire);
      const last = waiting;
      waiting = null;
      finish(last);
    };
    const expire = (): void => {
      settle(({ reject }) => reject(new RequestFailed('timedOut', `${base.host} did not answer GET ${path} in time`, signal.reason)));
      request?.destroy();
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      settle(({ resolve, reject }) => {
        // The server may close a connection that was kept at the very moment when it is used again.
        if (error.code === 'ECONNRESET' && request?.reusedSocket && !isSecondTry) resolve(get(path, { timeoutMs: timeoutMs - (performance.now() - started), signal }, true));
        else reject(new RequestFailed('unreachable', failureText(error, base, proxy), error));
      });
    };
    const timer = setTimeout(expire, timeoutMs);
    signal.addEventListener('abort', expire, { once: true });
    if (signal.aborted) {
      expire();
      return promise;
    }
    try {
      request = (secure ? https : http).get(new URL(`${prefix}${path}`, base), {
        agent,
        headers: { Accept: 'application/json', 'User-Agent': userAgent, ...credentials.headers },
      });
    } catch (error) {
      // A certificate or key that OpenSSL cannot read is found only when the connection is made.
      const { message } = error as Error;
      const reason = /^error:[0-9A-F]+:([^:]*):[^:]*:(.*)$/.exec(message)?.slice(1).join(': ') ?? message;
      settle(({ reject }) =>
        reject(new RequestFailed('unreachable', `invalid configuration: a certificate, key or header of the kubeconfig cannot be used: ${reason}`, error)),
      );
      return promise;
    }
    request.on('error', fail);
    // No API server changes the protocol on a GET.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail(Object.assign(new Error('upgrade'), { code: 'HPE_UPGRADE' }));
    });
    request.on('response', (response) => {
      const latencyMs = performance.now() - started;
      readBody(response, turn).then(
        (body) =>
          settle(({ resolve }) =>
            resolve({
              httpStatus: response.statusCode ?? 0,
              contentType: response.headers['content-type'] ?? null,
              location: response.headers.location ?? null,
              latencyMs,
              body,
            }),
          ),
        fail,
      );
    });
    return promise;
  };

  const upgradeAccess = {
    urlOf: (path: string) => new URL(`${prefix}${path}`, base),
    agent,
    headers: { 'User-Agent': userAgent, ...credentials.headers },
    secrets,
    failureText: (error: NodeJS.ErrnoException) => failureText(error, base, proxy),
  };

  return {
    identity: { context: connection.context, server: `${base.origin}${prefix}` },
    secrets: () => secrets,
    get: (path, requestOptions) => get(path, requestOptions),
    openPodPort: async (target, requestOptions) => {
      const { openPodPort } = await import('./port-forward.ts');
      return openPodPort(upgradeAccess, target, requestOptions);
    },
    close: () => agent.destroy(),
  };
};
