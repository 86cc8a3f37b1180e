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

// node:https and not client-node: that opens a new TLS connection for each request, has no time-out, and costs 400 ms at
// import (docs/architecture.md, "Connection").

export interface ReaderOptions extends CredentialSources {
  readonly userAgent: string;
}

const selfReviews = {
  SelfSubjectReview: { group: 'authentication.k8s.io', plural: 'selfsubjectreviews' },
  SelfSubjectAccessReview: { group: 'authorization.k8s.io', plural: 'selfsubjectaccessreviews' },
} as const;

/** Several requests at once, but not so many that the priority and fairness of the API server holds them back. */
const MAX_CONNECTIONS = 16;

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
  let agent: http.Agent;
  try {
    agent = secure
      ? new https.Agent({
          ...agentOptions,
          rejectUnauthorized: !connection.tls.insecure,
          ...(connection.tls.authority === null ? {} : { ca: connection.tls.authority }),
          ...(connection.tls.serverName === null ? {} : { servername: connection.tls.serverName }),
          ...(credentials.clientCertificate === null
            ? {}
            : { cert: credentials.clientCertificate.certificate, key: credentials.clientCertificate.key }),
        })
      : new http.Agent(agentOptions);
  } catch (error) {
    throw new ClusterAccessError('invalid configuration: the proxy or a certificate of the kubeconfig cannot be used', {
      cause: error,
    });
  }
  const prefix = base.pathname.replace(/\/$/, '');
  const turn = new LargeBodyTurn();

  /** GET, or POST where there is a body: a self-review is as safe to repeat as a GET. */
  const send = (
    path: string,
    sendOptions: GetOptions & { readonly body?: string },
    isSecondTry = false,
  ): Promise<Received> => {
    const { timeoutMs, signal, accept = 'application/json', body: sent } = sendOptions;
    const method = sent === undefined ? 'GET' : 'POST';
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
      settle(({ reject }) =>
        reject(new RequestFailed('timedOut', `${base.host} did not answer ${method} ${path} in time`, signal.reason)),
      );
      request?.destroy();
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      settle(({ resolve, reject }) => {
        // The server may close a connection that was kept at the very moment when it is used again.
        if (error.code === 'ECONNRESET' && request?.reusedSocket && !isSecondTry)
          resolve(send(path, { ...sendOptions, timeoutMs: timeoutMs - (performance.now() - started) }, true));
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
      request = (secure ? https : http).request(new URL(`${prefix}${path}`, base), {
        agent,
        method,
        headers: {
          Accept: accept,
          'User-Agent': userAgent,
          ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...credentials.headers,
        },
      });
      request.end(sent);
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
    // No API server changes the protocol unasked.
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
    get: (path, { timeoutMs, signal, accept }) =>
      send(path, { timeoutMs, signal, ...(accept === undefined ? {} : { accept }) }),
    review: (review, { timeoutMs, signal }) => {
      const { group, plural } = selfReviews[review.kind];
      const body = JSON.stringify({ apiVersion: `${group}/v1`, ...review });
      return send(`/apis/${group}/v1/${plural}`, { timeoutMs, signal, body });
    },
    openPodPort: async (target, requestOptions) => {
      const { openPodPort } = await import('./port-forward.ts');
      return openPodPort(upgradeAccess, target, requestOptions);
    },
    close: () => agent.destroy(),
  };
};
