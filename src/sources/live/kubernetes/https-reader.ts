import http from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';

import { ClusterAccessError } from '../cluster-access-error.ts';
import { type ClusterReader, type Received, RequestFailed, type GetOptions } from '../cluster-reader.ts';
import { LargeBodyTurn, readBody } from './bounded-body.ts';
import {
  type Credentials,
  type CredentialSources,
  decodedUrlPart,
  getCredentials,
  impersonationHeaders,
} from './caller-credentials.ts';
import { failureText } from './connection-failure.ts';
import { proxyFor } from './proxy.ts';
import { type Exchange, openHttp1, openNegotiated, type Transport } from './transport.ts';

// node:https and not client-node: that opens a new TLS connection for each request, has no time-out, and costs 400 ms at
// import (docs/architecture.md, "Connection").

export interface ReaderOptions extends CredentialSources {
  readonly userAgent: string;
}

/** Several requests at once, but not so many that the priority and fairness of the API server holds them back. */
const MAX_CONNECTIONS = 16;
/** As many as kube-apiserver takes on one connection (apiserver pkg/server/secure_serving.go). */
const MAX_STREAMS = 100;

/** How a connection that was kept looks when the server has closed it meanwhile. */
const lostConnection: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
]);

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
  const proxyPassword = proxy === null ? '' : decodedUrlPart(new URL(proxy).password);
  const secrets = proxyPassword === '' ? credentials.secrets : [...credentials.secrets, proxyPassword];
  base.username = '';
  base.password = '';
  const agentOptions = {
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    ...(proxy === null ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } }),
  };
  const tlsOptions = {
    rejectUnauthorized: !connection.tls.insecure,
    ...(connection.tls.authority === null ? {} : { ca: connection.tls.authority }),
    ...(connection.tls.serverName === null ? {} : { servername: connection.tls.serverName }),
    ...(credentials.clientCertificate === null
      ? {}
      : { cert: credentials.clientCertificate.certificate, key: credentials.clientCertificate.key }),
  };
  let agent: http.Agent;
  let transport: Transport;
  try {
    if (secure) {
      const httpsAgent = new https.Agent({ ...agentOptions, ...tlsOptions });
      agent = httpsAgent;
      // node:http alone knows proxies; DISABLE_HTTP2 is client-go's switch (apimachinery pkg/util/net/http.go).
      transport =
        proxy === null && !env['DISABLE_HTTP2'] ? openNegotiated(base, httpsAgent, tlsOptions) : openHttp1(httpsAgent);
    } else {
      agent = new http.Agent(agentOptions);
      transport = openHttp1(agent);
    }
  } catch (error) {
    throw new ClusterAccessError('invalid configuration: the proxy or a certificate of the kubeconfig cannot be used', {
      cause: error,
    });
  }
  const prefix = base.pathname.replace(/\/$/, '');
  const turn = new LargeBodyTurn();

  const get = (path: string, getOptions: GetOptions, isSecondTry = false): Promise<Received> => {
    const { timeoutMs, signal, accept = 'application/json', encoding = 'utf8' } = getOptions;
    const started = performance.now();
    let exchange: Exchange | null = null;
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
      settle(({ reject }) =>
        reject(new RequestFailed('timedOut', `${base.host} did not answer GET ${path} in time`, signal.reason)),
      );
      exchange?.destroy();
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      settle(({ resolve, reject }) => {
        if (exchange?.isReused() && !isSecondTry && lostConnection.has(error.code ?? ''))
          resolve(get(path, { ...getOptions, timeoutMs: timeoutMs - (performance.now() - started) }, true));
        else reject(new RequestFailed('unreachable', failureText(error, base, proxy), error));
      });
    };
    // A certificate, key or header that cannot be used is found only when the connection is made.
    const refuse = (error: NodeJS.ErrnoException): void => {
      const reason = /^error:[0-9A-F]+:([^:]*):[^:]*:(.*)$/.exec(error.message)?.slice(1).join(': ') ?? error.message;
      settle(({ reject }) =>
        reject(
          new RequestFailed(
            'unreachable',
            `invalid configuration: a certificate, key or header of the kubeconfig cannot be used: ${reason}`,
            error,
          ),
        ),
      );
    };
    const timer = setTimeout(expire, timeoutMs);
    signal.addEventListener('abort', expire, { once: true });
    if (signal.aborted) {
      expire();
      return promise;
    }
    const ask = async (): Promise<void> => {
      let send;
      try {
        send = await transport.open();
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        (code?.startsWith('ERR_OSSL_') ? refuse : fail)(error as NodeJS.ErrnoException);
        return;
      }
      if (waiting === null) return;
      try {
        exchange = send(new URL(`${prefix}${path}`, base), {
          accept,
          'user-agent': userAgent,
          ...credentials.headers,
        });
      } catch (error) {
        refuse(error as NodeJS.ErrnoException);
        return;
      }
      const { httpStatus, headers, body } = await exchange.head;
      const latencyMs = performance.now() - started;
      const text = await readBody(body, turn, encoding);
      settle(({ resolve }) =>
        resolve({
          httpStatus,
          contentType: headers['content-type'] ?? null,
          location: headers.location ?? null,
          etag: headers.etag ?? null,
          date: headers.date ?? null,
          latencyMs,
          body: text,
        }),
      );
    };
    ask().catch(fail);
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
    concurrency: () => (transport.isMultiplexed() ? MAX_STREAMS : MAX_CONNECTIONS),
    close: () => transport.close(),
  };
};
