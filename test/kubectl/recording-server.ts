import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

import type { Issued } from '../fakes/certificate-authority.ts';
import { loopbackAuthority, loopbackCertificate } from '../fakes/kube-apiserver.ts';

/** One request as the server saw it, in the order of arrival. */
export interface SeenRequest {
  readonly address: string;
  /** Server name of the TLS handshake; null where the caller sent none, and over http. */
  readonly serverName: string | null;
  /** Common name of the client's certificate. */
  readonly clientCertificate: string | null;
  readonly request: string;
  /** By lower-case name, all values in their order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

export interface Recording {
  readonly requests: SeenRequest[];
  /** TLS handshakes and plain connections. */
  connections: number;
}

const emptyRecording = (): Recording => ({ requests: [], connections: 0 });

/** Answers a request; what it leaves to the server is a version. */
export type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

export interface RecordingServer {
  readonly url: string;
  readonly port: number;
  /** Forgets what was seen. */
  readonly take: () => Recording;
  readonly close: () => Promise<void>;
}

export const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  goVersion: 'go1.26.5',
  platform: 'linux/amd64',
};

export const sendVersion: Answer = (_request, response) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(VERSION));

let standard: Issued | null = null;
/** For every name by which the cases call the server. */
const standardCertificate = (): Issued =>
  (standard ??= loopbackCertificate({
    ipAddresses: ['127.0.0.1', '::1'],
    dnsNames: ['localhost', 'api.example.com', 'kubernetes.default'],
  }));

const headersOf = (raw: readonly string[]): Record<string, string[]> => {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index < raw.length; index += 2)
    (headers[(raw[index] ?? '').toLowerCase()] ??= []).push(raw[index + 1] ?? '');
  return headers;
};

const listening = async (server: Server, host: string): Promise<number> => {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** An API server that remembers what it was asked, and how. */
export const startRecordingServer = async ({
  scheme = 'https',
  host = '127.0.0.1',
  serving = standardCertificate(),
  demandsCertificate = false,
  answer = sendVersion,
}: {
  readonly scheme?: 'http' | 'https';
  readonly host?: string;
  readonly serving?: Issued;
  readonly demandsCertificate?: boolean;
  readonly answer?: Answer;
} = {}): Promise<RecordingServer> => {
  let recording = emptyRecording();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const socket = request.socket as TLSSocket;
    const serverName: unknown = socket.servername;
    const subject = scheme === 'https' ? (socket.getPeerCertificate().subject?.CN ?? null) : null;
    recording.requests.push({
      address: `${socket.localAddress}:${socket.localPort}`,
      serverName: typeof serverName === 'string' ? serverName : null,
      clientCertificate: subject === null ? null : String(subject),
      request: `${request.method} ${request.url}`,
      headers: headersOf(request.rawHeaders),
    });
    answer(request, response, recording.requests.length);
  };
  const server =
    scheme === 'http'
      ? http.createServer(onRequest)
      : https.createServer(
          {
            cert: serving.pem,
            key: serving.privateKeyPem,
            ca: loopbackAuthority.pem,
            requestCert: true,
            rejectUnauthorized: demandsCertificate,
          },
          onRequest,
        );
  server.on(scheme === 'http' ? 'connection' : 'secureConnection', () => {
    recording.connections += 1;
  });
  server.on('tlsClientError', () => undefined);
  const port = await listening(server, host);
  return {
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    take: () => {
      const taken = recording;
      recording = emptyRecording();
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export interface RecordingProxy {
  readonly port: number;
  /** What it was asked for: the protocol, the target, the credential. */
  readonly take: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Both directions, until one ends. */
const join = (one: Socket, other: Socket): void => {
  one.pipe(other).pipe(one);
  for (const socket of [one, other]) socket.on('error', () => undefined);
};

/**
 * A proxy that leads every name to the loopback, speaking CONNECT, plain HTTP or SOCKS 5, as it is spoken to.
 * Whatever is called `refused.example.com` it refuses.
 */
export const startRecordingProxy = async (): Promise<RecordingProxy> => {
  let seen: string[] = [];
  const sockets = new Set<Socket>();
  const speakHttp = http.createServer((request, response) => {
    const { host, pathname, search } = new URL(request.url ?? '');
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    const headers = { ...request.headers };
    delete headers['proxy-authorization'];
    delete headers['proxy-connection'];
    const port = Number(host.split(':')[1] ?? '80');
    http
      .get({ host: '127.0.0.1', port, path: `${pathname}${search}`, headers: { ...headers, host } }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      })
      .on('error', () => response.destroy());
  });
  speakHttp.on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    if (request.url?.startsWith('refused.example.com:')) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const onward = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      join(socket, onward);
    });
    onward.on('error', () => socket.destroy());
  });
  // RFC 1928 and, for a name and password, RFC 1929.
  const speakSocks = (socket: Socket): void => {
    let buffer = Buffer.alloc(0);
    let state: 'greeting' | 'password' | 'request' | 'done' = 'greeting';
    let who = '';
    const next = (): void => {
      const [version = 0, second = 0] = buffer;
      if (state === 'greeting' && buffer.length >= 2 + second) {
        const wantsPassword = buffer.subarray(2, 2 + second).includes(2);
        buffer = buffer.subarray(2 + second);
        socket.write(Buffer.from([5, wantsPassword ? 2 : 0]));
        state = wantsPassword ? 'password' : 'request';
      } else if (state === 'password' && version === 1) {
        const passwordAt = 2 + second;
        const passwordLength = buffer[passwordAt] ?? 0;
        who = `${buffer.toString('utf8', 2, passwordAt)}:${buffer.toString('utf8', passwordAt + 1, passwordAt + 1 + passwordLength)}`;
        buffer = buffer.subarray(passwordAt + 1 + passwordLength);
        socket.write(Buffer.from([1, 0]));
        state = 'request';
      } else if (state === 'request' && buffer.length >= 7) {
        const kind = buffer[3];
        const length = kind === 3 ? (buffer[4] ?? 0) + 1 : kind === 1 ? 4 : 16;
        const host =
          kind === 3 ? buffer.toString('utf8', 5, 4 + length) : [...buffer.subarray(4, 4 + length)].join('.');
        const port = buffer.readUInt16BE(4 + length);
        seen.push(`SOCKS ${host}:${port} ${who}`);
        state = 'done';
        socket.off('data', take);
        const refused = host === 'refused.example.com';
        if (refused) {
          socket.end(Buffer.from([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]));
          return;
        }
        const onward = connect(port, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          join(socket, onward);
        });
        onward.on('error', () => socket.destroy());
      }
    };
    const take = (chunk: Buffer): void => {
      buffer = Buffer.concat([buffer, chunk]);
      next();
    };
    socket.on('data', take);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      if (first[0] === 5) speakSocks(socket);
      else speakHttp.emit('connection', socket);
    });
  });
  const port = await listening(server, '127.0.0.1');
  return {
    port,
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
