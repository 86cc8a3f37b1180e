import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it, vi } from 'vitest';

import type { ClusterReader } from '../../src/sources/live/cluster-reader.ts';
import { openHttpsReader, type ReaderOptions } from '../../src/sources/live/kubernetes/https-reader.ts';
import { type ConnectionFlags, loadConnection } from '../../src/sources/live/kubernetes/kubeconfig.ts';
import { run } from '../cli/captured-run.ts';
import { CALLERS_TOKEN, startHostileServer } from '../cli/hostile-server.ts';
import { useScratch } from '../cli/scratch.ts';

// What stands around a single request: credentials that change, compression, patience, the log.

const { folder, file, opened } = useScratch();
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

const readers: ClusterReader[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const reader of readers.splice(0)) reader.close();
});

const readerOf = async (
  kubeconfig: string,
  flags: ConnectionFlags = {},
  options: Partial<ReaderOptions> = {},
): Promise<ClusterReader> => {
  const environment = { env: { KUBECONFIG: file(kubeconfig) }, workingDirectory: folder };
  const connection = await loadConnection(flags, environment, signal());
  const reader = await openHttpsReader({
    connection,
    env: { PATH: process.env['PATH'] },
    userAgent: 'kubectl-aa/test',
    signal: signal(),
    onStderr: () => undefined,
    ...options,
  });
  readers.push(reader);
  return reader;
};

const look = (reader: ClusterReader, path = '/version', timeoutMs = 8000) =>
  reader.get(path, { timeoutMs, signal: signal() });

const script = (text: string): string => {
  const path = file(`#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};

describe('credentials', () => {
  const saying = () =>
    opened(
      startHostileServer((request, response) =>
        response
          .writeHead(request.headers.authorization === 'Bearer refused' ? 401 : 200)
          .end(request.headers.authorization),
      ),
    );

  it('of a file are read again after a minute, and kept where the file is gone', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const server = await saying();
    const token = join(folder, 'token');
    writeFileSync(token, 'first');
    const reader = await readerOf(server.kubeconfigText({ user: { tokenFile: token } }));
    writeFileSync(token, 'second');
    expect((await look(reader)).body).toBe('Bearer first');
    vi.advanceTimersByTime(50_000);
    expect((await look(reader)).body).toBe('Bearer second');
    writeFileSync(token, '');
    vi.advanceTimersByTime(60_000);
    expect((await look(reader)).body).toBe('Bearer second');
    expect(reader.secrets()).toEqual(['first', 'second']);
  });

  /** A plugin that gives `token-1`, `token-2`, … or what stands in a file for that. */
  const counting = (status: string) => {
    const count = join(folder, 'count');
    writeFileSync(count, '0');
    const command = script(
      `n=$(($(cat ${count}) + 1)); echo $n > ${count}; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}' | sed "s/NUMBER/$n/"`,
    );
    return {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' },
      runs: () => Number(readFileSync(count, 'utf8')),
    };
  };

  it('of a plugin are kept until they expire', async () => {
    const server = await saying();
    const lasting = counting('{"token":"token-NUMBER","expirationTimestamp":"2999-01-01T00:00:00Z"}');
    const reader = await readerOf(server.kubeconfigText({ user: { exec: lasting.exec } }));
    for (let request = 0; request < 3; request += 1) expect((await look(reader)).body).toBe('Bearer token-1');
    expect(lasting.runs()).toBe(1);

    const short = counting('{"token":"token-NUMBER","expirationTimestamp":"2020-01-01T00:00:00Z"}');
    const other = await readerOf(server.kubeconfigText({ user: { exec: short.exec } }));
    const bodies = [(await look(other)).body, (await look(other)).body];
    expect(bodies).toEqual(['Bearer token-2', 'Bearer token-3']);
  });

  it('of a plugin that were refused are asked for once more, however many requests met with that', async () => {
    const server = await saying();
    const plugin = counting('{"token":"refused"}');
    const reader = await readerOf(server.kubeconfigText({ user: { exec: plugin.exec } }));
    const answers = await Promise.all([look(reader), look(reader), look(reader)]);
    expect(answers.map(({ httpStatus }) => httpStatus)).toEqual([401, 401, 401]);
    expect(plugin.runs()).toBe(2);
  });

  it('and impersonation go with a port-forward as well', async () => {
    const seen: string[][] = [];
    const listening = await opened(
      startHostileServer((request, response) => {
        seen.push(request.rawHeaders);
        response.writeHead(403).end('{"message":"no"}');
      }),
    );
    const reader = await readerOf(listening.kubeconfigText(), {
      as: 'me',
      'as-group': ['g', 'h'],
      'as-uid': '7',
      'as-user-extra': ['example.com/k=v', 'example.com/k=w=x', 'ignored'],
    });
    const target = { namespace: 'n', pod: 'p', port: 443 };
    await expect(reader.openPodPort(target, { timeoutMs: 5000, signal: signal() })).rejects.toThrow('no');
    const headers = seen[0] ?? [];
    const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : []));
    expect(pairs).toEqual(
      expect.arrayContaining([
        'Impersonate-User: me',
        'Impersonate-Group: g',
        'Impersonate-Group: h',
        'Impersonate-Uid: 7',
        'Impersonate-Extra-example.com%2Fk: v',
        'Impersonate-Extra-example.com%2Fk: w=x',
        `Authorization: Bearer ${CALLERS_TOKEN}`,
      ]),
    );
  });
});

describe('compressed answers', () => {
  it('that would unpack without end are cut at the limit', async () => {
    const zeros = Buffer.alloc(1024 * 1024);
    const server = await opened(
      startHostileServer((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        const bomb = Readable.from(Array<Buffer>(200).fill(zeros)).pipe(createGzip());
        bomb.pipe(response);
        response.on('close', () => bomb.destroy());
      }),
    );
    expect(await look(await readerOf(server.kubeconfigText()))).toMatchObject({ httpStatus: 200, body: null });
  });

  it('that are damaged or break off are no answers', async () => {
    const whole = gzipSync('{"gitVersion":"v1"}'.repeat(100));
    const bodies = [Buffer.from('no gzip'), whole.subarray(0, whole.length / 2)];
    for (const body of bodies) {
      const server = await opened(
        startHostileServer((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body)),
      );
      await expect(look(await readerOf(server.kubeconfigText()))).rejects.toThrow('sends damaged gzip data');
    }
  });

  it('keep what they say, and the connection', async () => {
    const server = await opened(
      startHostileServer((_request, response) =>
        response.writeHead(200, { 'content-encoding': 'GZIP' }).end(gzipSync('ä'.repeat(2_000_000))),
      ),
    );
    const reader = await readerOf(server.kubeconfigText());
    for (let request = 0; request < 2; request += 1) expect((await look(reader)).body).toBe('ä'.repeat(2_000_000));
  });
});

describe('a server that asks for patience', () => {
  it('has it as long as the request has time, and its answer counts then', async () => {
    const server = await opened(
      startHostileServer((_request, response) => response.writeHead(503, { 'retry-after': '1' }).end('busy')),
    );
    const started = performance.now();
    const answer = await look(await readerOf(server.kubeconfigText()), '/version', 2500);
    expect(answer).toMatchObject({ httpStatus: 503, body: 'busy' });
    expect(server.paths.length).toBe(3);
    expect(performance.now() - started).toBeLessThan(4000);
    const far = await opened(
      startHostileServer((_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end()),
    );
    expect(await look(await readerOf(far.kubeconfigText()))).toMatchObject({ httpStatus: 429 });
    expect(far.paths.length).toBe(1);
  });
});

describe('the log', () => {
  const answering = () =>
    opened(
      startHostileServer((_request, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'session=secret', echo: CALLERS_TOKEN })
          .end('{"gitVersion":"v1.36.3"}'),
      ),
    );
  const logged = async (level: string, kubeconfig: string) => {
    const { stderr, status } = await run(['version', '-v', level, '--kubeconfig', file(kubeconfig)]);
    expect(status).toBe(0);
    return stderr;
  };

  it('tells from 6 on of each request: method, URL, status and time', async () => {
    const server = await answering();
    expect(await logged('5', server.kubeconfigText())).toBe('');
    expect(await logged('6', server.kubeconfigText())).toMatch(
      new RegExp(`^GET ${server.url}/version 200 OK in \\d+ milliseconds\n$`),
    );
  });

  it('shows at 8 the headers, without credentials', async () => {
    const server = await answering();
    const stderr = await logged('8', server.kubeconfigText());
    expect(stderr).toContain('Request Headers:\n    Accept: application/json\n    Accept-Encoding: gzip\n');
    expect(stderr).toContain('    Authorization: Bearer <masked>\n');
    expect(stderr).toContain('Response Headers:\n    content-type: application/json\n    set-cookie: <masked>\n');
    expect(stderr).toContain('    echo: [redacted]\n');
    expect(stderr).not.toContain(CALLERS_TOKEN);
    expect(await logged('7', server.kubeconfigText())).not.toContain('Response Headers');
  });

  it('tells of a request without answer, and of a port-forward', async () => {
    const lines: string[] = [];
    const server = await opened(startHostileServer((request) => request.socket.destroy()));
    const reader = await readerOf(server.kubeconfigText(), {}, { logLevel: 6, onStderr: (line) => lines.push(line) });
    await expect(look(reader)).rejects.toThrow('closed the connection');
    const refusing = await opened(startHostileServer((_request, response) => response.writeHead(403).end()));
    const other = await readerOf(refusing.kubeconfigText(), {}, { logLevel: 6, onStderr: (line) => lines.push(line) });
    const target = { namespace: 'n', pod: 'p', port: 443 };
    await expect(other.openPodPort(target, { timeoutMs: 5000, signal: signal() })).rejects.toThrow('403');
    const [first, ...portForward] = lines;
    expect(first).toMatch(new RegExp(`^GET ${server.url}/version no answer in \\d+ milliseconds$`));
    expect(portForward.length).toBeGreaterThan(0);
    for (const line of portForward)
      expect(line).toMatch(
        new RegExp(
          `^(GET|POST) ${refusing.url}/api/v1/namespaces/n/pods/p/portforward\\S* 403 Forbidden in \\d+ milliseconds$`,
        ),
      );
  });
});

describe('warnings of the server', () => {
  it('are printed once each, without credentials and without end', async () => {
    const lines: string[] = [];
    const server = await opened(
      startHostileServer((_request, response) =>
        response
          // Each a header of its own.
          .setHeader('Warning', [
            '299 - "one, \\"two\\""',
            '299 - "one, \\"two\\""',
            `299 kube "token ${CALLERS_TOKEN}" "Sat, 21 Nov 2026 10:00:00 GMT"`,
            '199 - "of another kind"',
            '299 - unquoted',
            ...Array.from({ length: 100 }, (_, index) => `299 - "number ${index}"`),
          ])
          .end(),
      ),
    );
    const reader = await readerOf(server.kubeconfigText(), {}, { onStderr: (line) => lines.push(line) });
    await look(reader);
    await look(reader);
    expect(lines.slice(0, 3)).toEqual(['Warning: one, "two"', 'Warning: token [redacted]', 'Warning: number 0']);
    expect(lines.length).toBe(20);
  });
});
