import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from 'vitest';

import { type PodHttp, podHttp } from '../../src/sources/live/pod-http.ts';
import { loopbackCertificate } from '../fakes/kube-apiserver.ts';

// What stands behind port-forward is whatever listens there: an API server, or anything else.

type Answer = (request: IncomingMessage | http2.Http2ServerRequest, response: ServerResponse) => void;

const certificate = loopbackCertificate();
const tlsOptions = { cert: certificate.pem, key: certificate.privateKeyPem };

const opened: { readonly close: () => void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

interface Started {
  readonly pod: PodHttp;
  readonly connections: () => number;
  /** Ends every connection. */
  readonly cut: () => void;
}

const start = async (server: net.Server, through = (socket: net.Socket): Duplex => socket): Promise<Started> => {
  const sockets: net.Socket[] = [];
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.on('connection', (socket: net.Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pod = podHttp(async () => through(net.connect(port, '127.0.0.1')), 'api.team.svc');
  opened.push({ close: () => server.close() }, { close: cut }, pod);
  return { pod, connections: () => sockets.length, cut };
};

const over = {
  'HTTP/1.1': (answer: Answer): Promise<Started> => start(https.createServer(tlsOptions, answer)),
  'HTTP/2': (answer: Answer): Promise<Started> => start(http2.createSecureServer(tlsOptions, answer as never)),
} as const;

const options = { timeoutMs: 5000, signal: new AbortController().signal };

describe.each(Object.entries(over))('%s', (_name, serve) => {
  it('asks without credentials and takes status, type, ETag and body', async () => {
    let seen: http.IncomingHttpHeaders = {};
    const { pod } = await serve((request, response) => {
      seen = request.headers;
      response.writeHead(404, { 'content-type': 'text/plain', etag: '"1"' }).end('404 page not found\n');
    });
    expect(await pod.get('/apis', { ...options, accept: 'application/json;v=v2' })).toMatchObject({
      httpStatus: 404,
      contentType: 'text/plain',
      etag: '"1"',
      body: '404 page not found\n',
    });
    expect(seen.accept).toBe('application/json;v=v2');
    expect(seen.authorization).toBeUndefined();
    expect(Object.keys(seen).filter((name) => name.startsWith('x-remote') || name === 'cookie')).toEqual([]);
  });

  it('asks again on the same connection', async () => {
    const { pod, connections } = await serve((request, response) => response.end(request.url));
    expect((await pod.get('/apis', options)).body).toBe('/apis');
    expect((await pod.get('/openapi/v3', options)).body).toBe('/openapi/v3');
    expect(connections()).toBe(1);
  });

  it('unpacks gzip', async () => {
    const { pod } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"kind":"APIGroupList"}')),
    );
    expect((await pod.get('/apis', options)).body).toBe('{"kind":"APIGroupList"}');
  });

  it('takes a body in pieces', async () => {
    const { pod } = await serve((_request, response) => {
      response.write('{"kind":');
      setTimeout(() => response.end('"APIGroupList"}'), 20);
    });
    expect((await pod.get('/apis', options)).body).toBe('{"kind":"APIGroupList"}');
  });

  it.each([
    ['plain', {}, Buffer.alloc(5 * 1024 * 1024, 'x')],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ])('stops at a body that is too large: %s', async (_form, headers, bytes) => {
    const { pod } = await serve((_request, response) => response.writeHead(200, headers).end(bytes));
    expect((await pod.get('/apis', options)).body).toBeNull();
  });

  it('gives up on a server that does not answer, and asks the next thing anew', async () => {
    const { pod } = await serve((request, response) => {
      if (request.url !== '/openapi/v3') response.end('ok');
    });
    await expect(pod.get('/openapi/v3', { ...options, timeoutMs: 300 })).rejects.toMatchObject({ state: 'timedOut' });
    expect((await pod.get('/apis', options)).body).toBe('ok');
  });

  it('says that a connection ended in mid-answer', async () => {
    const { pod, cut } = await serve((_request, response) => {
      response.write('{');
      setTimeout(() => cut(), 50);
    });
    await expect(pod.get('/apis', options)).rejects.toMatchObject({ state: 'unreachable' });
  });
});

/** A frame of HTTP/2 (RFC 9113, 4.1). */
const frame = (type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

it('says that an HTTP/2 stream broke off where head and end arrive at once', async () => {
  // `:status: 200` and `content-length: 5000` (RFC 7541, appendix A), then a body of one byte.
  const headers = Buffer.concat([Buffer.from([0x88, 0x0f, 0x0d, 4]), Buffer.from('5000')]);
  const answer = Buffer.concat([frame(4, 0, 0), frame(1, 4, 1, headers), frame(0, 1, 1, Buffer.from('{'))]);
  const server = tls.createServer({ ...tlsOptions, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => undefined);
    // Once the request is in.
    socket.once('data', () => setTimeout(() => socket.write(answer), 100));
  });
  // Like a tunnel, and unlike a socket, it hands on what arrived at once.
  const { pod } = await start(server, (socket) => Duplex.from({ readable: socket, writable: socket }));
  await expect(pod.get('/apis', options)).rejects.toMatchObject({ state: 'unreachable' });
});

it.each([
  ['plain HTTP', http.createServer((_request, response) => response.end('ok'))],
  ['another protocol', net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))],
  ['nothing', net.createServer((socket) => socket.destroy())],
])('is unreachable behind %s', async (_name, server) => {
  const { pod } = await start(server);
  await expect(pod.get('/apis', options)).rejects.toMatchObject({ state: 'unreachable' });
});

it('gives up on a server that says nothing at all', async () => {
  const { pod } = await start(net.createServer(() => undefined));
  await expect(pod.get('/apis', { ...options, timeoutMs: 200 })).rejects.toMatchObject({ state: 'timedOut' });
});
