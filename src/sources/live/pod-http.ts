import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import tls from 'node:tls';
import { createGunzip } from 'node:zlib';

import { type ClusterReader, type GetOptions, type Received, RequestFailed } from './cluster-reader.ts';
import { monotonicMs } from './monotonic.ts';

/** HTTP to the port of one Pod. No credential goes there and nothing of what it presents is verified: it is only looked at. */
export interface PodHttp {
  readonly get: ClusterReader['get'];
  readonly close: () => void;
}

/** Whatever an extension API server serves under these paths is much smaller. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

type Headers = http.IncomingHttpHeaders;

/** One connection, in the version of HTTP that was agreed upon. */
interface Connection {
  readonly isOpen: () => boolean;
  readonly request: (path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Response>;
  readonly close: () => void;
}

interface Response {
  readonly httpStatus: number;
  readonly headers: Headers;
  readonly body: Readable;
  /** Whether the body came to its end; HTTP/2 ends it without an error where the connection breaks. */
  readonly isWhole: () => Promise<boolean>;
}

const overHttp1 = (socket: tls.TLSSocket, host: string): Connection => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  return {
    isOpen: () => !socket.destroyed && socket.writable,
    request: async (path, headers, signal) => {
      const request = http.get({ agent, path, headers: { ...headers, Host: host }, signal });
      // What ends the connection in mid-answer is met by whoever reads the body, and may come before he listens.
      request.on('error', () => undefined);
      request.on('upgrade', (_response, upgraded) => upgraded.destroy(new Error('the protocol changed unasked')));
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      return {
        httpStatus: response.statusCode ?? 0,
        headers: response.headers,
        body: response,
        isWhole: async () => response.complete,
      };
    },
    close: () => agent.destroy(),
  };
};

const overHttp2 = (socket: tls.TLSSocket, host: string): Connection => {
  const session = http2.connect(`https://${host}`, { createConnection: () => socket });
  session.on('error', () => undefined);
  return {
    isOpen: () => !session.destroyed && !session.closed,
    request: async (path, headers, signal) => {
      const stream = session.request({ ':path': path, ...lowerCased(headers) }, { signal });
      // As above: the end of a stream can arrive together with its head.
      stream.on('error', () => undefined);
      const [received] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
      return {
        httpStatus: Number(received[':status']),
        headers: received,
        body: stream,
        isWhole: async () => {
          if (!stream.destroyed) await once(stream, 'close');
          return stream.rstCode === http2.constants.NGHTTP2_NO_ERROR;
        },
      };
    },
    close: () => session.destroy(),
  };
};

const lowerCased = (headers: Readonly<Record<string, string>>): http2.OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Null where it is larger than is read. */
const readBody = async ({ body, headers, isWhole }: Response): Promise<string | null> => {
  // Whoever iterates hears of errors.
  const plain = headers['content-encoding'] === 'gzip' ? pipeline(body, createGunzip(), () => undefined) : body;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return null;
      chunks.push(chunk);
    }
    if (!(await isWhole())) throw new Error('the connection ended in mid-answer');
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    if (bytes > MAX_BODY_BYTES) body.destroy();
  }
};

/** Of OpenSSL's `error:<number>:<library>:<function>:<reason>:<file and line>` the reason. */
const inPlainWords = ({ message }: Error): string =>
  /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1] ?? message;

/** Over TLS through the byte streams that `open` gives; a connection is kept for the next request. */
export const podHttp = (open: (options: GetOptions) => Promise<Duplex>, serverName: string): PodHttp => {
  let connection: Connection | null = null;
  let streamFailure: unknown = null;

  const connect = async (options: GetOptions): Promise<Connection> => {
    const stream = await open(options);
    stream.on('error', (error) => {
      streamFailure = error;
    });
    const socket = tls.connect({
      socket: stream,
      servername: serverName,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    socket.on('close', () => stream.destroy());
    // It may fail after nobody waits for it any more.
    socket.on('error', () => undefined);
    try {
      await once(socket, 'secureConnect', { signal: options.signal });
    } catch (error) {
      socket.destroy();
      stream.destroy();
      throw error;
    }
    return socket.alpnProtocol === 'h2' ? overHttp2(socket, serverName) : overHttp1(socket, serverName);
  };

  const exchange = async (path: string, options: GetOptions): Promise<Received> => {
    if (!connection?.isOpen()) connection = await connect(options);
    const started = monotonicMs();
    const response = await connection.request(path, { Accept: options.accept ?? 'application/json' }, options.signal);
    const body = await readBody(response);
    const { 'content-type': contentType = null, location = null, etag = null, date = null } = response.headers;
    return {
      httpStatus: response.httpStatus,
      contentType,
      location,
      etag,
      date,
      latencyMs: monotonicMs() - started,
      ownLoad: null,
      body,
    };
  };

  const close = (): void => {
    connection?.close();
    connection = null;
  };

  return {
    get: async (path, { timeoutMs, signal, ...rest }) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)))]);
      try {
        return await exchange(path, { ...rest, timeoutMs, signal: limited });
      } catch (error) {
        close();
        if (limited.aborted) throw new RequestFailed('timedOut', `the Pod did not answer GET ${path} in time`, error);
        const cause = streamFailure ?? error;
        throw cause instanceof RequestFailed
          ? cause
          : new RequestFailed('unreachable', `GET ${path} of the Pod: ${inPlainWords(cause as Error)}`, cause);
      }
    },
    close,
  };
};
