import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';

import { ClusterAccessError } from '../cluster-access-error.ts';
import { BodyDamaged, type ClusterReader, type GetOptions, RequestFailed } from '../cluster-reader.ts';
import { monotonicMs } from '../monotonic.ts';
import { type ApiRequestOptions, type ApiRequests, apiRequests, type Sent, type Transfer } from './api-requests.ts';
import { LargeBodyTurn, readBody } from './bounded-body.ts';
import { type CredentialSources, decodedUrlPart, getCredentials } from './caller-credentials.ts';
import { failureText } from './connection-failure.ts';
import { proxyFor } from './proxy.ts';
import { checkServerIdentity } from './server-identity.ts';
import { type AnswerHead, type Exchange, openHttp1, openNegotiated, type Transport } from './transport.ts';
import type { UpgradeAccess } from './upgrade-request.ts';

// node:https and not client-node: that opens a new TLS connection for each request, has no time-out, and costs 400 ms at
// import (docs/architecture.md, "Connection").

export interface ReaderOptions
  extends CredentialSources, Pick<ApiRequestOptions, 'userAgent' | 'requestTimeoutMs' | 'logLevel'> {}

/** Several requests at once, but not so many that the priority and fairness of the API server holds them back. */
const MAX_CONNECTIONS = 16;
/** As many as kube-apiserver takes on one connection (apiserver pkg/server/secure_serving.go). */
const MAX_STREAMS = 100;

const selfReviews = {
  SelfSubjectReview: { group: 'authentication.k8s.io', plural: 'selfsubjectreviews' },
  SelfSubjectAccessReview: { group: 'authorization.k8s.io', plural: 'selfsubjectaccessreviews' },
} as const;

/** How a connection that was kept looks when the server has closed it meanwhile. */
const lostConnection: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
]);

/** How Go resets one HTTP/2 stream where a handler gives up an answer, and Node one that breaks the protocol; a connection that ends cancels all. */
const streamReset = /NGHTTP2_(?:INTERNAL|PROTOCOL)_ERROR/;

/** What the body of an answer is instead, by the error; null where the connection is what broke. */
const damageOf = ({ code, message }: NodeJS.ErrnoException): string | null => {
  if (code === 'Z_DATA_ERROR') return 'Content-Encoding says gzip, and the body is none';
  if (code === 'Z_BUF_ERROR') return 'the gzip data of the body breaks off';
  return code === 'ERR_HTTP2_STREAM_ERROR' && streamReset.test(message) ? 'the body breaks off' : null;
};

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
  const tlsOptions: tls.ConnectionOptions = {
    rejectUnauthorized: !connection.tls.insecure,
    checkServerIdentity,
    ...(authorities === null ? {} : { ca: [authorities].flat() }),
    ...(connection.tls.serverName === null ? {} : { servername: connection.tls.serverName }),
  };
  const agentOptions: https.AgentOptions = { keepAlive: true, ...tlsOptions };
  /** Not among the agent's options, since a credential plugin may give another one. */
  const clientCertificate = (): { readonly cert?: string; readonly key?: string } => {
    const pair = credentials.clientCertificate();
    return pair === null ? {} : { cert: pair.certificate, key: pair.key };
  };
  const socks = proxy !== null && /^socks/i.test(proxy) ? { proxy, ...(await import('./socks-proxy.ts')) } : null;
  const connect = (maxSockets: number): { readonly agent: http.Agent; readonly transport: Transport } => {
    const ofAgent = { ...agentOptions, maxSockets };
    if (socks === null && secure && proxy === null && !env['DISABLE_HTTP2']) {
      // node:http alone knows proxies; DISABLE_HTTP2 is client-go's switch (apimachinery pkg/util/net/http.go).
      const agent = new https.Agent(ofAgent);
      return { agent, transport: openNegotiated(base, agent, tlsOptions) };
    }
    const proxyEnv = proxy === null ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } };
    const agent = socks
      ? socks.socksAgent(socks.proxy, ofAgent, secure)
      : new (secure ? https : http).Agent({ ...ofAgent, ...proxyEnv });
    return { agent, transport: openHttp1(agent) };
  };
  let shared: ReturnType<typeof connect>;
  try {
    shared = connect(MAX_CONNECTIONS);
  } catch (error) {
    throw new ClusterAccessError('invalid configuration: the proxy or a certificate of the kubeconfig cannot be used', {
      cause: error,
    });
  }
  const prefix = base.pathname.replace(/\/$/, '');
  const urlOf = (path: string): URL => new URL(`${prefix}${path}`, base);
  const turn = new LargeBodyTurn();

  /** Sends one request; again only where a connection that was kept is found closed. The time-out is over when what `read` promises is there. */
  const exchanged = <T>(
    transport: Transport,
    outgoing: Sent,
    getOptions: GetOptions,
    read: (head: AnswerHead, latencyMs: number) => Promise<T>,
    isSecondTry = false,
  ): Promise<T> => {
    const { timeoutMs, signal } = getOptions;
    const started = monotonicMs();
    let exchange: Exchange | null = null;
    // Let go as soon as it is settled: a kept connection remembers its last request, that its listeners, and these would
    // remember a body of 32 MiB for each connection.
    let waiting: PromiseWithResolvers<T> | null = Promise.withResolvers<T>();
    const { promise } = waiting;
    const settle = (finish: (waiting: PromiseWithResolvers<T>) => void): void => {
      if (waiting === null) return;
      clearTimeout(timer);
      signal.removeEventListener('abort', expire);
      const last = waiting;
      waiting = null;
      finish(last);
    };
    const expire = (): void => {
      const { method, url } = outgoing;
      settle(({ reject }) =>
        reject(
          new RequestFailed(
            'timedOut',
            `${base.host} did not answer ${method} ${`${url.pathname}${url.search}`.slice(prefix.length)} in time`,
            signal.reason,
          ),
        ),
      );
      exchange?.destroy();
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      settle(({ resolve, reject }) => {
        if (error instanceof RequestFailed) reject(error);
        else if (exchange?.isReused() && !isSecondTry && lostConnection.has(error.code ?? ''))
          resolve(
            exchanged(
              transport,
              outgoing,
              { ...getOptions, timeoutMs: timeoutMs - (monotonicMs() - started) },
              read,
              true,
            ),
          );
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
    const run = async (): Promise<void> => {
      let send;
      try {
        // Before anything is connected, and for HTTP/2 at all: only node:http looks for characters that no header may hold.
        for (const [name, value] of Object.entries(outgoing.headers))
          for (const one of [value].flat()) http.validateHeaderValue(name, one);
      } catch (error) {
        refuse(error as NodeJS.ErrnoException);
        return;
      }
      try {
        send = await transport.open(clientCertificate());
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        (code?.startsWith('ERR_OSSL_') ? refuse : fail)(error as NodeJS.ErrnoException);
        return;
      }
      if (waiting === null) return;
      try {
        exchange = send(outgoing);
      } catch (error) {
        refuse(error as NodeJS.ErrnoException);
        return;
      }
      const head = await exchange.head;
      const value = await read(head, monotonicMs() - started);
      settle(({ resolve }) => resolve(value));
    };
    run().catch(fail);
    return promise;
  };

  const transferOver =
    (transport: Transport): Transfer =>
    (outgoing, getOptions) =>
      exchanged(transport, outgoing, getOptions, async ({ httpStatus, headers, body, isWhole }, latencyMs) => {
        const head = {
          httpStatus,
          contentType: headers['content-type'] ?? null,
          location: headers.location ?? null,
          headers,
          etag: headers.etag ?? null,
          date: headers.date ?? null,
          latencyMs,
          ownLoad: null,
        };
        const { encoding } = getOptions;
        try {
          const read = await readBody(body, { contentEncoding: headers['content-encoding'], encoding, turn });
          if (read !== null && !(await isWhole()))
            throw Object.assign(new Error('the connection ended in mid-answer'), { code: 'ECONNRESET' });
          const ownLoad = httpStatus === 429 ? (await import('./own-load.ts')).ownLoad(headers, read) : null;
          return { ...head, ownLoad, body: read };
        } catch (error) {
          const damage = damageOf(error as NodeJS.ErrnoException);
          if (damage === null) throw error;
          throw new BodyDamaged(head, damage, failureText(error as NodeJS.ErrnoException, base, proxy), error);
        }
      });

  const stream: ClusterReader['stream'] = async (path, requestOptions) => {
    const sent: Sent = { method: 'GET', url: urlOf(path), headers: await requests.headers() };
    const { httpStatus, body } = await exchanged(shared.transport, sent, requestOptions, (head) =>
      Promise.resolve(head),
    );
    if (httpStatus === 200) return body;
    body.destroy();
    throw new RequestFailed(httpStatus === 403 ? 'forbidden' : 'unreadable', `GET ${path}: HTTP status ${httpStatus}`);
  };

  const requestsOver = (transport: Transport): ApiRequests =>
    apiRequests(
      {
        urlOf,
        userAgent,
        credentials,
        compression: !connection.disableCompression,
        ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
        ...(logLevel === undefined ? {} : { logLevel }),
        onStderr,
      },
      transferOver(transport),
    );
  const requests = requestsOver(shared.transport);

  const upgradeAccess: UpgradeAccess = {
    urlOf,
    agent: shared.agent,
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
    stream,
    review: (review, requestOptions) => {
      const { group, plural } = selfReviews[review.kind];
      const body = JSON.stringify({ apiVersion: `${group}/v1`, ...review });
      return requests.post(`/apis/${group}/v1/${plural}`, body, requestOptions);
    },
    openPodPort: async (target, requestOptions) => {
      const { openPodPort } = await import('./port-forward.ts');
      return openPodPort(upgradeAccess, target, requestOptions);
    },
    separate: () => {
      const { transport } = connect(1);
      return { get: requestsOver(transport).get, peer: transport.peer, close: transport.close };
    },
    concurrency: () => (shared.transport.isMultiplexed() ? MAX_STREAMS : MAX_CONNECTIONS),
    close: () => shared.transport.close(),
  };
};
