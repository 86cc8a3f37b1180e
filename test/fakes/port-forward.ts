import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import type { RawFact, RawServedChains, RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { replayServedChain } from './served-chain-replay.ts';

// The WebSocket subprotocol v4.channel.k8s.io for one port: channel 0 is data, channel 1 the error text; each begins with
// the port in two bytes, little-endian.
const SUBPROTOCOL = 'v4.channel.k8s.io';
const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** What the snapshot knows of the Pods' ports in a namespace. */
const factsIn = ({ facts }: RawSnapshot, namespace: string): readonly RawFact<RawServedChains>[] =>
  (facts.apiServices.state === 'known' ? facts.apiServices.value : []).flatMap(({ metadata, spec }) => {
    const fact = spec.service?.namespace === namespace ? own(facts.servedChains, metadata.name) : undefined;
    return fact === undefined ? [] : [fact];
  });

const refuse = (socket: Duplex, code: number, reason: string, message: string): void => {
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  });
  socket.end(
    `HTTP/1.1 ${code} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
};

/** The bytes of channel 0 as a stream. */
const overChannels = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  port: number,
  serve: (stream: Duplex) => void,
): void =>
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    const portBytes = Buffer.from([port & 0xff, port >> 8]);
    for (const channel of [0, 1]) webSocket.send(Buffer.concat([Buffer.from([channel]), portBytes]));
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => webSocket.send(Buffer.concat([Buffer.from([0]), chunk]), () => done()),
      final: (done) => {
        webSocket.close(1000);
        done();
      },
    });
    webSocket.on('message', (message: Buffer) => stream.push(message.subarray(1)));
    webSocket.on('close', () => stream.push(null));
    webSocket.on('error', () => stream.destroy());
    serve(stream);
  });

/**
 * Answers a port-forward as the kube-apiserver of the snapshot would: a chain is presented again as a TLS 1.2 server
 * presents it, up to the Certificate message, which needs no key; what could not be looked at cannot be looked at here.
 */
export const servePortForward = (raw: RawSnapshot, request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const url = new URL(request.url ?? '/', 'https://loopback');
  const [, namespace = '', pod = ''] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward$/.exec(url.pathname)?.map(decodeURIComponent) ?? [];
  const port = Number(url.searchParams.get('ports'));
  const facts = factsIn(raw, namespace);
  for (const fact of facts) {
    const endpoint =
      fact.state === 'known'
        ? fact.value.endpoints.find((each) => each.pod === pod && each.address.endsWith(`:${port}`))
        : undefined;
    if (endpoint) {
      const chain = endpoint.chain.map((der) => Buffer.from(der, 'base64'));
      overChannels(request, socket, head, port, (stream) =>
        replayServedChain(stream, { chain: chain.length === 0 ? null : chain }),
      );
      return;
    }
  }
  const missing = facts.find((fact) => fact.state !== 'known');
  switch (missing?.state) {
    case 'forbidden':
      refuse(socket, 403, 'Forbidden', missing.detail.replace(`create pods/portforward in ${namespace}: `, ''));
      return;
    case 'unreachable':
      socket.destroy();
      return;
    case 'timedOut':
      // It never answers; the socket is closed with the server.
      return;
    default:
      refuse(socket, 404, 'NotFound', `pods "${pod}" not found`);
  }
};
