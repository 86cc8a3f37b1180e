import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

import { SocksClient } from 'socks';

import { decodedUrlPart } from './caller-credentials.ts';

interface Target {
  readonly host?: string;
  readonly port?: number | string;
}

type Callback = (error: Error | null, stream?: Duplex) => void;

/** A connection through a SOCKS 5 proxy (RFC 1928). As with Go, names are looked up by the proxy. */
const connectThrough = async (proxy: URL, { host = '', port = 0 }: Target): Promise<Duplex> => {
  const { socket } = await SocksClient.createConnection({
    proxy: {
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: Number(proxy.port || '1080'),
      type: 5,
      ...(proxy.username === ''
        ? {}
        : { userId: decodedUrlPart(proxy.username), password: decodedUrlPart(proxy.password) }),
    },
    command: 'connect',
    destination: { host, port: Number(port) },
  });
  return socket;
};

/** An agent whose connections are made through the proxy. */
export const socksAgent = (proxyUrl: string, options: https.AgentOptions, secure: boolean): http.Agent => {
  const proxy = new URL(proxyUrl);
  const agent = secure ? new https.Agent(options) : new http.Agent(options);
  const direct = agent.createConnection.bind(agent) as (target: Target & { socket: Duplex }) => Duplex;
  const connect = async (target: Target, callback: Callback): Promise<void> => {
    let socket: Duplex;
    try {
      socket = await connectThrough(proxy, target);
    } catch (error) {
      callback(error as Error);
      return;
    }
    // TLS is spoken over the socket that is given.
    callback(null, secure ? direct({ ...target, socket }) : socket);
  };
  const createConnection = (target: Target, callback: Callback): undefined => {
    void connect(target, callback);
  };
  return Object.assign(agent, { createConnection });
};
