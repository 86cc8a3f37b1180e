import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import tls from 'node:tls';

import type { Peer } from '../cluster-reader.ts';
import type { Sent } from './api-requests.ts';

/** The beginning of an answer; its body is still to be read. */
export interface AnswerHead {
  readonly httpStatus: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Readable;
  /** Once the body has been read: whether it came to its end. HTTP/2 ends it without an error where the connection breaks. */
  readonly isWhole: () => Promise<boolean>;
}

/** A request on its way. */
export interface Exchange {
  /** Rejects with the error of the connection. */
  readonly head: Promise<AnswerHead>;
  readonly destroy: () => void;
  /** Whether the connection is one that was kept: the server may close it at the very moment when it is used again. */
  readonly isReused: () => boolean;
}

type Send = (sent: Sent) => Exchange;

/** A client certificate with its key; empty without one. */
type ClientCertificate = Pick<tls.ConnectionOptions, 'cert' | 'key'>;

export interface Transport {
  /**
   * Sends requests, over one HTTP/2 connection where the server offers that, as client-go does; else over those of the agent.
   * @throws what TLS says where there is no connection
   */
  readonly open: (clientCertificate: ClientCertificate) => Promise<Send>;
  /** Whether all requests share one connection; false before the first one. */
  readonly isMultiplexed: () => boolean;
  /** With whom the first connection was made; null before, in the clear and through a proxy. */
  readonly peer: () => Peer | null;
  readonly close: () => void;
}

/** What is kept of one answer that nobody has read yet; also what arrives within a round trip. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

const overAgent =
  (agent: http.Agent, clientCertificate: ClientCertificate): Send =>
  ({ method, url, headers, body: sent }) => {
    const { promise: head, resolve, reject } = Promise.withResolvers<AnswerHead>();
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      agent,
      method,
      headers,
      ...clientCertificate,
    });
    request.end(sent);
    request.on('error', reject);
    // No API server changes the protocol unasked.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(Object.assign(new Error('upgrade'), { code: 'HPE_UPGRADE' }));
    });
    request.on('response', (body) =>
      resolve({ httpStatus: body.statusCode ?? 0, headers: body.headers, body, isWhole: async () => body.complete }),
    );
    return { head, destroy: () => request.destroy(), isReused: () => request.reusedSocket };
  };

const overSession = (session: http2.ClientHttp2Session): Send => {
  let used = false;
  return ({ method, url, headers, body: sent }) => {
    const isReused = used;
    used = true;
    const { promise: head, resolve, reject } = Promise.withResolvers<AnswerHead>();
    const stream = session.request(
      { ...headers, ':path': `${url.pathname}${url.search}`, ':method': method },
      { endStream: sent === undefined },
    );
    if (sent !== undefined) stream.end(sent);
    stream.on('error', reject);
    stream.on('close', () => reject(Object.assign(new Error('no answer'), { code: 'ECONNRESET' })));
    stream.on('response', ({ ':status': httpStatus = 0, ...answered }) =>
      resolve({
        httpStatus,
        headers: answered,
        body: stream,
        isWhole: async () => {
          if (!stream.destroyed) await once(stream, 'close');
          return stream.rstCode === http2.constants.NGHTTP2_NO_ERROR;
        },
      }),
    );
    return { head, destroy: () => stream.close(http2.constants.NGHTTP2_CANCEL), isReused: () => isReused };
  };
};

const openSession = (base: URL, socket: tls.TLSSocket): http2.ClientHttp2Session => {
  const session = http2.connect(base.origin, {
    createConnection: () => socket,
    maxReservedRemoteStreams: 0,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
  });
  session.on('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
  // Each stream hears of it as well.
  session.on('error', () => undefined);
  return session;
};

const handshake = (base: URL, options: tls.ConnectionOptions): Promise<tls.TLSSocket> => {
  const host = base.hostname.replace(/^\[|\]$/g, '');
  const { promise, resolve, reject } = Promise.withResolvers<tls.TLSSocket>();
  const socket = tls.connect({
    host,
    port: Number(base.port || 443),
    // An address is never sent as server name (RFC 6066); then the certificate is held against the host.
    servername: isIP(host) ? '' : host,
    ALPNProtocols: ['h2', 'http/1.1'],
    ...options,
  });
  socket.once('error', reject);
  socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  socket.once('secureConnect', () => resolve(socket));
  return promise;
};

const peerOf = (socket: tls.TLSSocket): Peer => {
  const { remoteAddress = '', remotePort } = socket;
  return {
    address: `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`,
    certificate: (socket.getPeerCertificate().fingerprint256 ?? '').replaceAll(':', '').toLowerCase(),
  };
};

/** Connects through the agent only: HTTP/1.1, in the clear or through a proxy. */
export const openHttp1 = (agent: http.Agent): Transport => ({
  open: (clientCertificate) => Promise.resolve(overAgent(agent, clientCertificate)),
  isMultiplexed: () => false,
  peer: () => null,
  close: () => agent.destroy(),
});

/** Lets the server choose the protocol in the first TLS handshake. The agent serves HTTP/1.1, over that first connection too. */
export const openNegotiated = (base: URL, agent: https.Agent, options: tls.ConnectionOptions): Transport => {
  let connection: Promise<Send> | null = null;
  let socket: tls.TLSSocket | null = null;
  let session: http2.ClientHttp2Session | null = null;
  let peer: Peer | null = null;
  let usedCertificate: ClientCertificate['cert'];
  const connect = async (clientCertificate: ClientCertificate): Promise<Send> => {
    socket = await handshake(base, { ...options, ...clientCertificate });
    peer ??= peerOf(socket);
    if (socket.alpnProtocol === 'h2') {
      const opened = openSession(base, socket);
      const forget = (): void => {
        if (session === opened) connection = null;
      };
      opened.on('close', forget);
      opened.on('goaway', forget);
      session = opened;
      return overSession(opened);
    }
    let first: tls.TLSSocket | null = socket;
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (...args) => {
      const given = first ?? create(...args);
      first = null;
      return given;
    };
    return overAgent(agent, clientCertificate);
  };
  return {
    open: (clientCertificate) => {
      // A credential plugin has given another one. What is under way ends over the old connection.
      if (clientCertificate.cert !== usedCertificate) {
        connection = null;
        session?.close();
        session = null;
      }
      usedCertificate = clientCertificate.cert;
      connection ??= connect(clientCertificate).catch((error: unknown) => {
        connection = null;
        throw error;
      });
      return connection;
    },
    isMultiplexed: () => socket?.alpnProtocol === 'h2',
    peer: () => peer,
    close: () => {
      agent.destroy();
      socket?.destroy();
    },
  };
};
