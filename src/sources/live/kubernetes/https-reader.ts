import http from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';
import tls from 'node:tls';

import { ClusterAccessError } from '../cluster-access-error.ts';
import { type ClusterReader, RequestFailed, type RequestOptions } from '../cluster-reader.ts';
import { type ApiRequestOptions, apiRequests, type Transferred } from './api-requests.ts';
import { LargeBodyTurn, readBody } from './bounded-body.ts';
import { type CredentialSources, decodedUrlPart, getCredentials, type Headers } from './caller-credentials.ts';
import { failureText } from './connection-failure.ts';
import { proxyFor } from './proxy.ts';
import { checkServerIdentity } from './server-identity.ts';
import type { UpgradeAccess } from './upgrade-request.ts';

// node:https and not client-node: that opens a new TLS connection for each request, has no time-out, and costs 400 ms at
// import (docs/architecture.md, "Connection").

export interface ReaderOptions
  extends CredentialSources, Pick<ApiRequestOptions, 'userAgent' | 'requestTimeoutMs' | 'logLevel'> {}

/** Several requests at once, but not so many that the priority and fairness of the API server holds them back. */
const MAX_CONNECTIONS = 16;

/**
 * What the system trusts, as kubectl: SSL_CERT_FILE and SSL_CERT_DIR or the platform's store, and what NODE_EXTRA_CA_CERTS adds.
 * Where the system has no store, Node's own.
 */
const systemAuthorities = (): readonly string[] | null => {
  const system = tls.getCACertificates('system');
  return system.length === 0 ? null : [...system, ...tls.getCACertificates('extra')];
};

/**
 * A reader over one API server. Connections are kept and reused; nothing but the server and its proxy is ever connected to.
 * @throws ClusterAccessError where credentials cannot be had
 */
export const openHttpsReader = async (options: ReaderOptions): Promise<ClusterReader> => {
  const { connection, env, userAgent, requestTimeoutMs, logLevel, onStderr } = options;
  const base = new URL(connection.server);
  const secure = base.protocol === 'https:';
  const credentials = await getCredentials(options, base);
  const proxy = proxyFor(base, connection.proxyUrl, env);
  const proxyPassword = proxy === null ? '' : decodedUrlPart(new URL(proxy).password);
  const secrets = (): readonly string[] =>
    proxyPassword === '' ? credentials.secrets() : [...credentials.secrets(), proxyPassword];
  base.username = '';
  base.password = '';
  const authorities = connection.tls.authority ?? (secure && !connection.tls.insecure ? systemAuthorities() : null);
  const agentOptions: https.AgentOptions = {
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    rejectUnauthorized: !connection.tls.insecure,
    checkServerIdentity,
    ...(authorities === null ? {} : { ca: [authorities].flat() }),
    ...(connection.tls.serverName === null ? {} : { servername: connection.tls.serverName }),
  };
  let agent: http.Agent;
  try {
    if (proxy !== null && /^socks/i.test(proxy)) {
      const { socksAgent } = await import('./socks-proxy.ts');
      agent = socksAgent(proxy, agentOptions, secure);
    } else {
      const proxyEnv = proxy === null ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } };
      agent = new (secure ? https : http).Agent({ ...agentOptions, ...proxyEnv });
    }
  } catch (error) {
    throw new ClusterAccessError('invalid configuration: the proxy or a certificate of the kubeconfig cannot be used', {
      cause: error,
    });
  }
  /** Not among the agent's options, since a credential plugin may give another one. */
  const clientCertificate = (): { readonly cert?: string; readonly key?: string } => {
    const pair = credentials.clientCertificate();
    return pair === null ? {} : { cert: pair.certificate, key: pair.key };
  };
  const prefix = base.pathname.replace(/\/$/, '');
  const urlOf = (path: string): URL => new URL(`${prefix}${path}`, base);
  const turn = new LargeBodyTurn();

  const send = (
    url: URL,
    headers: Headers,
    { timeoutMs, signal }: RequestOptions,
    isSecondTry = false,
  ): Promise<Transferred> => {
    const started = performance.now();
    let request: http.ClientRequest | null = null;
    // Let go as soon as it is settled: a kept connection remembers its last request, that its listeners, and these would
    // remember a body of 32 MiB for each connection.
    let waiting: PromiseWithResolvers<Transferred> | null = Promise.withResolvers<Transferred>();
    const { promise } = waiting;
    const settle = (finish: (waiting: PromiseWithResolvers<Transferred>) => void): void => {
      if (waiting === null) return;
      clearTimeout(timer);
      signal.removeEventListener('abort', expire);
      const last = waiting;
      waiting = null;
      finish(last);
    };
    const expire = (): void => {
      settle(({ reject }) =>
        reject(
          new RequestFailed(
            'timedOut',
            `${base.host} did not answer GET ${`${url.pathname}${url.search}`.slice(prefix.length)} in time`,
            signal.reason,
          ),
        ),
      );
      request?.destroy();
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      settle(({ resolve, reject }) => {
        // The server may close a connection that was kept at the very moment when it is used again.
        if (error.code === 'ECONNRESET' && request?.reusedSocket && !isSecondTry)
          resolve(send(url, headers, { signal, timeoutMs: timeoutMs - (performance.now() - started) }, true));
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
      request = (secure ? https : http).get(url, { agent, headers, ...clientCertificate() });
    } catch (error) {
      // A certificate or key that OpenSSL cannot read is found only when the connection is made.
      const { message } = error as Error;
      const reason = /^error:[0-9A-F]+:([^:]*):[^:]*:(.*)$/.exec(message)?.slice(1).join(': ') ?? message;
      settle(({ reject }) =>
        reject(
          new RequestFailed(
            'unreachable',
            `invalid configuration: a certificate, key or header of the kubeconfig cannot be used: ${reason}`,
            error,
          ),
        ),
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
              headers: response.headers,
              etag: response.headers.etag ?? null,
              latencyMs,
              body,
            }),
          ),
        fail,
      );
    });
    return promise;
  };

  const requests = apiRequests(
    {
      urlOf,
      userAgent,
      credentials,
      compression: !connection.disableCompression,
      ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
      ...(logLevel === undefined ? {} : { logLevel }),
      onStderr,
    },
    (url, headers, request) => send(url, headers, request),
  );

  const upgradeAccess: UpgradeAccess = {
    urlOf,
    agent,
    headers: requests.headers,
    clientCertificate,
    log: requests.log,
    secrets,
    failureText: (error) => failureText(error, base, proxy),
  };

  return {
    identity: { context: connection.context, server: `${base.origin}${prefix}` },
    secrets,
    get: requests.get,
    openPodPort: async (target, requestOptions) => {
      const { openPodPort } = await import('./port-forward.ts');
      return openPodPort(upgradeAccess, target, requestOptions);
    },
    close: () => agent.destroy(),
  };
};
