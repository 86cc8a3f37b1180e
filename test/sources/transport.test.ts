import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { ClusterReader } from '../../src/sources/live/cluster-reader.ts';
import { openHttpsReader } from '../../src/sources/live/kubernetes/https-reader.ts';
import { loadConnection } from '../../src/sources/live/kubernetes/kubeconfig.ts';
import { openNegotiated } from '../../src/sources/live/kubernetes/transport.ts';
import { kubeconfigFor, loopbackAuthority, loopbackCertificate, loopbackClient } from '../fakes/kube-apiserver.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-transport-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Server {
  readonly reader: ClusterReader;
  /** The protocol of each connection made. */
  readonly connections: readonly string[];
  /** The protocol of each request. */
  readonly requests: readonly string[];
  /** Ends every connection. */
  readonly cut: () => void;
}

const serve = async (
  answer: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse, count: number) => void,
  { onlyHttp1 = false, env = {} }: { onlyHttp1?: boolean; env?: Record<string, string> } = {},
): Promise<Server> => {
  const serving = loopbackCertificate();
  const connections: string[] = [];
  const requests: string[] = [];
  const identity = { cert: serving.pem, key: serving.privateKeyPem };
  const server = onlyHttp1
    ? https.createServer(identity, (request, response) => {
        requests.push(request.httpVersion);
        response.end('{}');
      })
    : http2.createSecureServer({ ...identity, allowHTTP1: true }, (request, response) => {
        requests.push(request.httpVersion);
        answer(request, response, requests.length);
      });
  const sockets: TLSSocket[] = [];
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.push(socket);
    connections.push(String(socket.alpnProtocol));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    kubeconfigFor({
      server: url,
      cluster: { 'certificate-authority-data': Buffer.from(loopbackAuthority.pem).toString('base64') },
    }),
  );
  const signal = AbortSignal.timeout(20_000);
  const connection = await loadConnection({ kubeconfig }, { env, workingDirectory: folder }, signal);
  const reader = await openHttpsReader({ connection, env, userAgent: 'test', signal, onStderr: () => undefined });
  closing.push(() => {
    reader.close();
    server.close();
  });
  return { reader, connections, requests, cut: () => sockets.forEach((socket) => socket.destroy()) };
};

const options = { timeoutMs: 5000, signal: new AbortController().signal };
const hello = (_request: http2.Http2ServerRequest, response: http2.Http2ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json', etag: '"1"' });
  response.end('{}');
};

describe('a server that offers HTTP/2', () => {
  it('gets all requests over one connection', async () => {
    const { reader, connections, requests } = await serve(hello);
    const answers = await Promise.all(Array.from({ length: 80 }, (_, index) => reader.get(`/apis/${index}`, options)));
    expect(answers).toHaveLength(80);
    for (const answer of answers)
      expect(answer).toMatchObject({ httpStatus: 200, body: '{}', etag: '"1"', contentType: 'application/json' });
    expect(requests).toEqual(Array.from({ length: 80 }, () => '2.0'));
    expect(connections).toEqual(['h2']);
    expect(reader.concurrency()).toBe(100);
  });

  it('gets HTTP/1.1 where DISABLE_HTTP2 is set, as from client-go', async () => {
    const { reader, requests } = await serve(hello, { env: { DISABLE_HTTP2: 'true' } });
    await reader.get('/version', options);
    expect(requests).toEqual(['1.1']);
    expect(reader.concurrency()).toBe(16);
  });

  it('streams a body while other requests are answered, until it is destroyed', async () => {
    let closed = 0;
    const { reader, connections } = await serve((request, response) => {
      if (!request.url.startsWith('/watch')) return hello(request, response);
      response.writeHead(200);
      response.write('first\n');
      response.stream.on('close', () => (closed += 1));
    });
    // What a stream is told at its beginning does not end it.
    const body = await reader.stream('/watch', { timeoutMs: 200, signal: AbortSignal.timeout(200) });
    const chunks: string[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    await reader.get('/version', options);
    await new Promise((resolve) => {
      setTimeout(resolve, 400);
    });
    expect([chunks.join(''), closed]).toEqual(['first\n', 0]);
    body.destroy();
    await expect.poll(() => closed).toBe(1);
    expect(connections).toEqual(['h2']);
  });

  it.each([
    [
      'breaks off',
      (response: http2.Http2ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('half', () => response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
      },
      'the body breaks off',
    ],
    [
      'is no gzip',
      (response: http2.Http2ServerResponse) =>
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('{}'),
      'Content-Encoding says gzip, and the body is none',
    ],
  ])('keeps the head of an answer whose body %s, and the connection', async (_how, spoil, why) => {
    const { reader, connections } = await serve((request, response) =>
      request.url === '/apis/team/v1' ? spoil(response) : hello(request, response),
    );
    await expect(reader.get('/apis/team/v1', options)).rejects.toMatchObject({
      state: 'unreadable',
      why,
      head: { httpStatus: 200, contentType: 'application/json' },
    });
    expect((await reader.get('/version', options)).httpStatus).toBe(200);
    expect(connections).toEqual(['h2']);
  });

  it('is unreachable where the connection ends within the body', async () => {
    const { reader, cut } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => setTimeout(() => cut(), 50));
    });
    await expect(reader.get('/apis/team/v1', options)).rejects.toMatchObject({ state: 'unreachable' });
  });

  it('may refuse a stream', async () => {
    const { reader } = await serve((_request, response) => {
      response.writeHead(403);
      response.end();
    });
    await expect(reader.stream('/watch', options)).rejects.toMatchObject({ state: 'forbidden' });
  });

  it('may say that it goes away: the next request finds a new connection', async () => {
    const { reader, connections } = await serve((request, response, count) => {
      hello(request, response);
      if (count === 1) response.stream.session?.goaway();
    });
    expect((await reader.get('/version', options)).httpStatus).toBe(200);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect((await reader.get('/version', options)).httpStatus).toBe(200);
    expect(connections).toEqual(['h2', 'h2']);
  });

  it('may drop the connection instead of answering once; a kept connection is tried again', async () => {
    const { reader, requests } = await serve((request, response, count) => {
      if (count === 2) response.stream.session?.destroy();
      else hello(request, response);
    });
    await reader.get('/version', options);
    expect((await reader.get('/version', options)).httpStatus).toBe(200);
    expect(requests).toHaveLength(3);
  });

  it('is unreachable where it resets the stream', async () => {
    const { reader } = await serve((_request, response) =>
      response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
    );
    await expect(reader.get('/version', options)).rejects.toMatchObject({
      state: 'unreachable',
      message: expect.stringContaining('closed the connection'),
    });
  });

  it('is not waited for longer than asked', async () => {
    const { reader } = await serve(() => undefined);
    await expect(reader.get('/version', { ...options, timeoutMs: 200 })).rejects.toMatchObject({ state: 'timedOut' });
  });
});

describe('a credential plugin that gives another client certificate', () => {
  it('gets a connection of its own; what is under way ends over the old one, which is closed then', async () => {
    const serving = loopbackCertificate();
    const server = http2.createSecureServer({ cert: serving.pem, key: serving.privateKeyPem });
    const sessions: { destroyed: boolean }[] = [];
    server.on('session', (session) => sessions.push(session));
    const slow: (() => void)[] = [];
    server.on('request', (request, response) => {
      if (request.url === '/slow') slow.push(() => hello(request, response));
      else hello(request, response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const base = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const transport = openNegotiated(base, new https.Agent(), { ca: loopbackAuthority.pem });
    closing.push(() => {
      transport.close();
      server.close();
    });
    const certificateOf = ({ pem, privateKeyPem }: typeof serving): { cert: string; key: string } => ({
      cert: pem,
      key: privateKeyPem,
    });
    const [older, newer] = [certificateOf(loopbackClient), certificateOf(loopbackCertificate())];
    const statusOf = async (certificate: typeof older, path: string): Promise<number> => {
      const send = await transport.open(certificate);
      const { httpStatus, body } = await send({ method: 'GET', url: new URL(path, base), headers: {} }).head;
      await text(body);
      return httpStatus;
    };
    const underWay = statusOf(older, '/slow');
    await expect.poll(() => slow.length).toBe(1);
    expect(await statusOf(newer, '/version')).toBe(200);
    expect(sessions.map(({ destroyed }) => destroyed)).toEqual([false, false]);
    slow[0]?.();
    expect(await underWay).toBe(200);
    await expect.poll(() => sessions.map(({ destroyed }) => destroyed)).toEqual([true, false]);
    expect(await statusOf(newer, '/version')).toBe(200);
    expect(sessions).toHaveLength(2);
  });
});

describe('a server that knows HTTP/1.1 only', () => {
  it('gets the first request over the connection that found this out', async () => {
    const { reader, connections, requests } = await serve(hello, { onlyHttp1: true });
    await reader.get('/version', options);
    await reader.get('/version', options);
    expect(requests).toEqual(['1.1', '1.1']);
    expect(connections).toEqual(['http/1.1']);
  });
});
