import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClusterReader, RequestFailed } from '../../../src/sources/live/cluster-reader.ts';
import { openHttpsReader } from '../../../src/sources/live/kubernetes/https-reader.ts';
import type { Connection } from '../../../src/sources/live/kubernetes/kubeconfig.ts';
import { PodPortFailed } from '../../../src/sources/live/kubernetes/port-forward.ts';
import { spdyTunnel } from '../../../src/sources/live/kubernetes/spdy-tunnel.ts';
import type { TunnelEvent, TunnelProtocol } from '../../../src/sources/live/kubernetes/tunnel-protocol.ts';
import { webSocketTunnel } from '../../../src/sources/live/kubernetes/web-socket-tunnel.ts';
import { readServedChain } from '../../../src/sources/live/served-chain/read-served-chain.ts';
import { issueAuthority, issueServing } from '../../fakes/certificate-authority.ts';
import {
  acceptPortForward,
  type AcceptedPortForward,
  refuseUpgrade,
  webSocketFrame,
} from '../../fakes/port-forward-server.ts';
import { replayServedChain } from '../../fakes/served-chain-replay.ts';

const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2126-01-01T00:00:00Z') };
const authority = issueAuthority({ commonName: 'authority', ...validity });
const serving = issueServing(authority, { commonName: 'kube-apiserver', ipAddresses: ['127.0.0.1'], ...validity });
const target = { namespace: 'wardle', pod: 'sample-0', port: 8443 };
const forbidden = (verb: string): string =>
  JSON.stringify({
    kind: 'Status',
    code: 403,
    message: `pods "sample-0" is forbidden: User "u" cannot ${verb} resource "pods/portforward"`,
  });

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const connectionTo = (server: string, proxyUrl: string | null = null): Connection => ({
  context: 'lab',
  server,
  tls: { serverName: null, insecure: false, authority: authority.pem },
  proxyUrl,
  disableCompression: false,
  clientCertificate: null,
  bearer: { token: 'the-token' },
  basic: null,
  exec: null,
  impersonate: { user: 'jane', groups: ['one', 'two'], uid: null, extra: {} },
});

const listen = async (server: net.Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const readerOf = async (onUpgrade: OnUpgrade, proxyUrl: string | null = null): Promise<ClusterReader> => {
  const server = https.createServer({ key: serving.privateKeyPem, cert: serving.pem }, (_request, response) => {
    response.end('{}');
  });
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    sockets.add(socket);
    onUpgrade(request, socket, head);
  });
  const connection = connectionTo(`https://127.0.0.1:${await listen(server)}/prefix`, proxyUrl);
  const reader = await openHttpsReader({
    connection,
    env: {},
    userAgent: 'kubectl-aa/test',
    signal: new AbortController().signal,
    onStderr: () => {},
  });
  closers.push(() => {
    reader.close();
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return reader;
};

const open = (reader: ClusterReader, timeoutMs = 3000, signal = new AbortController().signal): Promise<Duplex> =>
  reader.openPodPort(target, { timeoutMs, signal });

const failing = async (promise: Promise<unknown>): Promise<PodPortFailed> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RequestFailed)) throw new Error('nothing failed', { cause: error });
  return error as PodPortFailed;
};

const failureOf = async (stream: Duplex): Promise<PodPortFailed> => failing(buffer(stream));

const protocols = ['websocket', 'SPDY/3.1'] as const;

/** Speaks that protocol only. */
const speaking =
  (protocol: (typeof protocols)[number], onAccept: (accepted: AcceptedPortForward) => void): OnUpgrade =>
  (request, socket, head) => {
    if (request.headers.upgrade === protocol) void acceptPortForward(request, socket, head).then(onAccept);
    else refuseUpgrade(socket, 400, 'Upgrade request required');
  };

describe.each(protocols)('port-forward over %s', (protocol) => {
  it('carries bytes both ways, as many as there are', async () => {
    const sent = randomBytes(3_000_000);
    const reader = await readerOf(
      speaking(protocol, ({ stream, port }) => {
        expect(port).toBe(8443);
        let bytes = 0;
        stream.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          stream.write(chunk);
          if (bytes === sent.length) stream.end();
        });
      }),
    );
    const stream = await open(reader);
    stream.write(sent);
    const received = await buffer(stream);
    expect(received.equals(sent)).toBe(true);
  });

  it('asks with the credentials of the connection', async () => {
    const requests: IncomingMessage[] = [];
    const reader = await readerOf((request, socket, head) => {
      requests.push(request);
      speaking(protocol, ({ stream }) => stream.end('x'))(request, socket, head);
    });
    expect((await buffer(await open(reader))).toString()).toBe('x');
    const { headers, url, method, rawHeaders } = requests.at(-1)!;
    expect(url).toBe(
      `/prefix/api/v1/namespaces/wardle/pods/sample-0/portforward${protocol === 'websocket' ? '?ports=8443' : ''}`,
    );
    expect(method).toBe(protocol === 'websocket' ? 'GET' : 'POST');
    expect(headers).toMatchObject({
      authorization: 'Bearer the-token',
      'impersonate-user': 'jane',
      'user-agent': 'kubectl-aa/test',
    });
    expect(rawHeaders.filter((_, index) => rawHeaders[index - 1] === 'Impersonate-Group')).toEqual(['one', 'two']);
  });

  it('reads a chain', async () => {
    const reader = await readerOf(
      speaking(protocol, ({ stream }) => replayServedChain(stream, { chain: [Buffer.from('3003020101', 'hex')] })),
    );
    const served = await readServedChain(await open(reader), {
      serverName: 'sample.wardle.svc',
      timeoutMs: 3000,
      signal: new AbortController().signal,
    });
    expect(served.chain).toEqual([new Uint8Array([0x30, 3, 2, 1, 1])]);
  });

  it('tells that nobody listens at the port', async () => {
    const text =
      'error forwarding port 8443 to pod p, uid : failed to dial 10.244.0.10:8443: dial tcp 10.244.0.10:8443: connect: connection refused';
    const reader = await readerOf(speaking(protocol, ({ fail }) => fail(text)));
    const error = await failureOf(await open(reader));
    expect(error).toMatchObject({
      state: 'unreachable',
      code: 'ECONNREFUSED',
      message: `port-forward to Pod wardle/sample-0 port 8443: ${text}`,
    });
    const served = await readServedChain(await open(reader), {
      serverName: 'sample.wardle.svc',
      timeoutMs: 3000,
      signal: new AbortController().signal,
    });
    expect(served).toMatchObject({ chain: null, outcome: 'connectionRefused' });
  });

  it('gives what came before it failed', async () => {
    const reader = await readerOf(
      speaking(protocol, ({ stream, fail }) => {
        stream.write('some bytes');
        setImmediate(() => fail('read tcp: connection reset by peer'));
      }),
    );
    const stream = await open(reader);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const seen: string[] = [];
    stream.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    const [error] = await once(stream, 'error').catch((reason: unknown) => [reason]);
    expect(seen).toEqual(['some bytes']);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('breaks with the connection to the API server', async () => {
    const reader = await readerOf(speaking(protocol, ({ socket }) => setTimeout(() => socket.destroy(), 20)));
    const stream = await open(reader);
    expect(await buffer(stream)).toHaveLength(0);
    if (!stream.destroyed) await once(stream, 'close');
    expect(stream.writable).toBe(false);
  });

  it('ends with the deadline of everything', async () => {
    const reader = await readerOf(speaking(protocol, () => {}));
    const controller = new AbortController();
    const stream = await open(reader, 3000, controller.signal);
    controller.abort();
    expect(await failureOf(stream)).toMatchObject({ state: 'timedOut' });
  });
});

describe('a port-forward that is refused', () => {
  const refusals = (...answers: readonly (readonly [number, string])[]): OnUpgrade => {
    const left = [...answers];
    return (_request, socket) => refuseUpgrade(socket, ...(left.shift() ?? [500, 'asked too often']));
  };

  it('is forbidden both ways', async () => {
    const error = await failing(open(await readerOf(refusals([403, forbidden('get')], [403, forbidden('create')]))));
    expect(error).toMatchObject({
      state: 'forbidden',
      httpStatus: 403,
      message:
        'create pods/portforward in wardle: pods "sample-0" is forbidden: User "u" cannot create resource "pods/portforward"',
    });
  });

  it('is forbidden, and a gateway knows no SPDY', async () => {
    const error = await failing(
      open(await readerOf(refusals([403, forbidden('get')], [400, '<html>Bad Request</html>']))),
    );
    expect(error).toMatchObject({ state: 'forbidden', httpStatus: 403 });
  });

  it('is allowed over SPDY only', async () => {
    const reader = await readerOf((request, socket, head) => {
      if (request.method === 'GET') refuseUpgrade(socket, 403, forbidden('get'));
      else void acceptPortForward(request, socket, head).then(({ stream }) => stream.end('hello'));
    });
    expect((await buffer(await open(reader))).toString()).toBe('hello');
  });

  it('concerns a Pod that is gone, and is not asked twice', async () => {
    const body = JSON.stringify({ kind: 'Status', message: 'pods "sample-0" not found' });
    const error = await failing(open(await readerOf(refusals([404, body]))));
    expect(error).toMatchObject({
      state: 'unreachable',
      httpStatus: 404,
      message: 'port-forward to Pod wardle/sample-0 port 8443: pods "sample-0" not found',
    });
  });

  it('wants other credentials', async () => {
    expect(await failing(open(await readerOf(refusals([401, '{"message":"Unauthorized"}']))))).toMatchObject({
      state: 'unreadable',
      httpStatus: 401,
    });
  });

  it('ends at the kubelet, in words that hold no credential', async () => {
    const body = JSON.stringify({ message: 'error dialing backend: dial tcp 10.0.0.2:10250: i/o timeout (the-token)' });
    const error = await failing(open(await readerOf(refusals([500, body], [500, body]))));
    expect(error).toMatchObject({ state: 'unreachable', httpStatus: 500 });
    expect(error.message).toContain('HTTP status 500: error dialing backend');
    expect(error.message).not.toContain('the-token');
  });

  it('is answered without an upgrade', async () => {
    const server = https.createServer({ key: serving.privateKeyPem, cert: serving.pem }, (_request, response) =>
      response.end('x'.repeat(200_000)),
    );
    const connection = connectionTo(`https://127.0.0.1:${await listen(server)}`);
    const reader = await openHttpsReader({
      connection,
      env: {},
      userAgent: 'x',
      signal: new AbortController().signal,
      onStderr: () => {},
    });
    closers.push(() => {
      reader.close();
      server.closeAllConnections();
      server.close();
    });
    expect(await failing(open(reader))).toMatchObject({ state: 'unreachable', httpStatus: 200 });
  });

  it('is upgraded to something else', async () => {
    const error = await failing(
      open(
        await readerOf((_request, socket) => {
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: nonsense\r\n\r\n',
          );
        }),
      ),
    );
    expect(error).toMatchObject({ state: 'unreachable', httpStatus: 101 });
  });

  it('is not answered', async () => {
    const started = performance.now();
    expect(await failing(open(await readerOf(() => {}), 200))).toMatchObject({ state: 'timedOut' });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('finds no API server', async () => {
    const connection = connectionTo(`https://127.0.0.1:1`);
    const reader = await openHttpsReader({
      connection,
      env: {},
      userAgent: 'x',
      signal: new AbortController().signal,
      onStderr: () => {},
    });
    const error = await failing(open(reader));
    expect(error).toMatchObject({ state: 'unreachable' });
    expect(error.message).toContain('was refused');
  });
});

it('goes through the proxy of the kubeconfig', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = http.createServer();
  proxy.on('connect', (request: IncomingMessage, client: Duplex) => {
    asked.push(request.url);
    const server = net.connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  const proxyPort = await listen(proxy);
  closers.push(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const reader = await readerOf(
    speaking('websocket', ({ stream }) => stream.end('through')),
    `http://127.0.0.1:${proxyPort}`,
  );
  expect((await buffer(await open(reader))).toString()).toBe('through');
  expect(asked).toHaveLength(1);
});

describe('a WebSocket server', () => {
  const sending = async (...frames: readonly Buffer[]): Promise<Duplex> =>
    open(await readerOf(speaking('websocket', ({ socket }) => void socket.write(Buffer.concat(frames)))));
  const binary = (text: string, isLast = true): Buffer => webSocketFrame(2, Buffer.from(text), isLast);

  it('cuts messages into frames and pings in between', async () => {
    const close = webSocketFrame(8, Buffer.from([3, 232]));
    const stream = await sending(
      binary('\u0000one ', false),
      webSocketFrame(9, Buffer.from('ping')),
      webSocketFrame(0, Buffer.from('two')),
      binary('\u0007?'),
      close,
    );
    expect((await buffer(stream)).toString()).toBe('one two');
  });

  it.each([
    ['masks its frames', Buffer.from([0x82, 0x81, 0, 0, 0, 0, 0])],
    ['uses an extension that was not agreed', Buffer.from([0xc2, 0x01, 0])],
    ['sends a frame without end', Buffer.from([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0])],
    ['sends a control frame in parts', Buffer.from([0x09, 0])],
    ['sends an unknown opcode', Buffer.from([0x83, 0])],
    ['closes with an error', webSocketFrame(8, Buffer.concat([Buffer.from([3, 243]), Buffer.from('out of memory')]))],
  ])('%s', async (_what, frame) => {
    expect(await failureOf(await sending(frame))).toMatchObject({ state: 'unreachable', code: null });
  });
});

const collect = (protocol: TunnelProtocol, chunks: readonly Buffer[]): string => {
  const events: TunnelEvent[] = [];
  for (const chunk of chunks) {
    events.push(...protocol.decode(chunk));
    if (events.some(({ kind }) => kind === 'failure' || kind === 'end')) break;
  }
  const data = events.flatMap((event) => (event.kind === 'data' ? [event.bytes] : []));
  return `${Buffer.concat(data).toString('hex')} ${events
    .filter(({ kind }) => kind !== 'data')
    .map(({ kind }) => kind)
    .join(' ')}`;
};

describe.each([
  [
    'webSocketTunnel',
    webSocketTunnel,
    fc.uint8Array({ maxLength: 40 }).map((bytes) => webSocketFrame((bytes[0] ?? 0) % 12, bytes)),
  ],
  [
    'spdyTunnel',
    () => spdyTunnel(8443),
    fc
      .tuple(
        fc.constantFrom('80030001', '80030003', '80030006', '00000001', '00000003'),
        fc.uint8Array({ maxLength: 40 }),
      )
      .map(([head, bytes]) =>
        Buffer.concat([Buffer.from(head, 'hex'), Buffer.from([(bytes[0] ?? 0) & 1, 0, 0, bytes.length]), bytes]),
      ),
  ],
] as const)('%s', (_name, tunnel, frame) => {
  it('follows any bytes, however they are cut', () => {
    const bytes = fc.oneof(
      fc.array(frame, { maxLength: 8 }).map((frames) => Buffer.concat(frames)),
      fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (whole, pieceBytes) => {
        const pieces: Buffer[] = [];
        for (let start = 0; start < whole.length; start += pieceBytes)
          pieces.push(whole.subarray(start, start + pieceBytes));
        expect(collect(tunnel(), pieces)).toBe(collect(tunnel(), [whole]));
      }),
      { numRuns: 2000 },
    );
  });
});
