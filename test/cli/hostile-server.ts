import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import type { Issued } from '../fakes/certificate-authority.ts';
import { kubeconfigFor, loopbackAuthority, loopbackCertificate } from '../fakes/kube-apiserver.ts';

export interface HostileServer {
  readonly url: string;
  readonly port: number;
  /** Paths asked for. */
  readonly paths: readonly string[];
  /** With a bearer token and, for https, the authority. */
  readonly kubeconfigText: (parts?: {
    readonly server?: string;
    readonly cluster?: Readonly<Record<string, unknown>>;
    readonly user?: Readonly<Record<string, unknown>>;
  }) => string;
  readonly close: () => Promise<void>;
}

export const CALLERS_TOKEN = 'callers-token-0123456789abcdef';

const authority = Buffer.from(loopbackAuthority.pem).toString('base64');

const started = async (
  server: Server,
  scheme: string,
  paths: string[],
  destroy: () => void,
): Promise<HostileServer> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `${scheme}://127.0.0.1:${port}`;
  return {
    url,
    port,
    paths,
    kubeconfigText: ({
      server: other = url,
      cluster = scheme === 'https' ? { 'certificate-authority-data': authority } : {},
      user = { token: CALLERS_TOKEN },
    } = {}) => kubeconfigFor({ server: other, cluster, user }),
    close: async () => {
      server.close();
      destroy();
      await once(server, 'close');
    },
  };
};

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export interface HostileServerOptions {
  /** Default: https. */
  readonly scheme?: 'http' | 'https';
  readonly serving?: Issued;
}

/** An API server that answers as `listener` says. */
export const startHostileServer = async (
  listener: Listener,
  { scheme = 'https', serving = loopbackCertificate() }: HostileServerOptions = {},
): Promise<HostileServer> => {
  const paths: string[] = [];
  const record: Listener = (request, response) => {
    paths.push(request.url ?? '');
    listener(request, response);
  };
  const server =
    scheme === 'http'
      ? http.createServer(record)
      : https.createServer({ cert: serving.pem, key: serving.privateKeyPem }, record);
  return started(server, scheme, paths, () => server.closeAllConnections());
};

/** A listener that speaks no protocol but its own; reached as https. */
export const startRawServer = async (onSocket: (socket: Socket) => void): Promise<HostileServer> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // The caller may go away at any moment.
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  return started(server, 'https', [], () => {
    for (const socket of sockets) socket.destroy();
  });
};

/** A port on which nothing listens. */
export const unusedPort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
