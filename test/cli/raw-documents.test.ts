import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type KubeApiServer, startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { nothingCollected } from '../nothing-collected.ts';
import { run, type RunOptions } from './captured-run.ts';
import { useScratch } from './scratch.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const scratch = useScratch();
let server: KubeApiServer;
let kubeconfig = '';
let folder = '';
let count = 0;

interface Served {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const remote = (group: string, version: string) => ({
  metadata: { name: `${version}.${group}` },
  spec: {
    group,
    version,
    service: { namespace: 'a', name: 'b' },
    groupPriorityMinimum: 100,
    versionPriority: 100,
  },
});

/** By path and whether it was asked for as aggregated discovery; `null` breaks the connection. */
const served = new Map<string, Served | null>();

beforeAll(async () => {
  server = await startKubeApiServer(
    {
      apiVersion: 'kubectl-aa/v1',
      kind: 'Snapshot',
      capturedAt: '2026-11-21T10:00:00Z',
      cluster: { context: null, server: null },
      facts: {
        ...nothingCollected,
        serverVersion: { state: 'known', value: { gitVersion: 'v1.36.3' } },
        apiServices: { state: 'known', value: [remote('a.example.com', 'v1'), remote('b.example.com', 'v2')] },
      },
    },
    {
      intercept: (request, response) => {
        const isAggregated = (request.headers.accept ?? '').includes('as=APIGroupDiscoveryList');
        const found = served.get(`${request.url}${isAggregated ? ' aggregated' : ''}`);
        if (found === undefined) return false;
        if (found === null) request.socket.destroy();
        else response.writeHead(found.status ?? 200, found.headers).end(found.body);
        return true;
      },
    },
  );
  kubeconfig = scratch.file(server.kubeconfigText());
});
afterAll(() => server.close());
beforeEach(() => {
  served.clear();
  count += 1;
  folder = join(scratch.folder, `documents-${count}`);
});

const discovery = (args: readonly string[], options: RunOptions = {}) =>
  run(['discovery', '--kubeconfig', kubeconfig, ...args], options);

const lastAsked = () => {
  const last = server.requests.at(-1);
  return { path: last?.path, accept: last?.headers.accept };
};

describe('discovery --raw', () => {
  it('prints the document as it was received, white space and all', async () => {
    const body = '{"kind":"APIGroupList",\r\n\t"groups": [ ] ,"kind":"twice"}\n\n';
    served.set('/apis', { headers: { 'content-type': 'application/json' }, body });
    expect(await discovery(['--raw', 'legacy'])).toMatchObject({ status: 0, stdout: body, stderr: '' });
  });

  it.each([
    ['legacy', '/apis', 'application/json'],
    ['aggregated', '/apis', `${AGGREGATED},${AGGREGATED.replace('v=v2', 'v=v2beta1')},application/json`],
    ['aggregated-nopeer', '/apis', `${AGGREGATED};profile=nopeer,application/json`],
    ['a.example.com', '/apis/a.example.com', 'application/json'],
    ['a.example.com/v1', '/apis/a.example.com/v1', 'application/json'],
    ['v1', '/api/v1', 'application/json'],
    ['a b/../c', '', ''],
  ])('asks for %s by the path %s', async (word, path, accept) => {
    const before = server.requests.length;
    const { status, stderr } = await discovery(['--raw', word]);
    if (path === '') {
      expect(status).toBe(2);
      expect(stderr).toContain('error: invalid --raw value "a b/../c"');
      expect(server.requests.length).toBe(before);
    } else expect(lastAsked()).toEqual({ path, accept });
  });

  it('escapes control characters on a terminal, and only there', async () => {
    const body = '{"kind":"\u001b[31mred\u0007"}\n';
    served.set('/apis', { body });
    expect((await discovery(['--raw', 'legacy'])).stdout).toBe(body);
    const shown = (await discovery(['--raw', 'legacy'], { isTerminal: true })).stdout;
    expect(shown).toContain('red');
    expect(shown).not.toMatch(/[\u001b\u0007]/);
    expect(shown.endsWith('\n')).toBe(true);
  });

  it('has status 1 where the server refuses, and prints what it says', async () => {
    served.set('/apis aggregated', { status: 406, body: 'no such form\n' });
    expect(await discovery(['--raw', 'aggregated'])).toMatchObject({ status: 1, stdout: 'no such form\n' });
  });

  it('has status 2 where there is no answer', async () => {
    served.set('/apis/a.example.com', null);
    const { status, stdout, stderr } = await discovery(['--raw', 'a.example.com']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: \S/);
  });

  it("does not repeat the caller's own token", async () => {
    served.set('/apis', { body: `{"echo":"${server.token}"}` });
    const { stdout } = await discovery(['--raw', 'legacy']);
    expect(stdout).toContain('"echo"');
    expect(stdout).not.toContain(server.token);
  });

  it('takes neither a snapshot nor groups', async () => {
    for (const more of [['--from', 'x'], ['a.example.com']])
      expect(await discovery(['--raw', 'legacy', ...more])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('discovery --headers', () => {
  it('prints status, content type, ETag and time before the document', async () => {
    served.set('/apis', { headers: { 'content-type': 'application/json', etag: '"abc"' }, body: '{}\n' });
    const { stdout } = await discovery(['--raw', 'legacy', '--headers']);
    expect(stdout).toMatch(/^HTTP 200\nContent-Type: application\/json\nETag: "abc"\nTime: \d+ ms\n\n\{\}\n$/);
  });

  it('leaves out what did not come', async () => {
    served.set('/apis', { status: 503, body: 'down' });
    const { status, stdout } = await discovery(['--raw', 'legacy', '--headers']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^HTTP 503\nTime: \d+ ms\n\ndown$/);
  });

  it('needs --raw', async () => {
    const { status, stderr } = await discovery(['--headers']);
    expect(status).toBe(2);
    expect(stderr).toContain('--headers needs --raw');
  });
});

describe('discovery --save', () => {
  interface Entry {
    readonly file: string | null;
    readonly path: string;
    readonly status?: number;
    readonly bytes?: number;
    readonly etag?: string | null;
    readonly error: string | null;
  }
  const index = (): readonly Entry[] => JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Entry[];

  it('writes every document byte for byte, with an index', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x0d, 0x0a, 0x7d]);
    served.set('/apis', { headers: { etag: '"1"' }, body: bytes });
    served.set('/apis/b.example.com/v2', { status: 503, body: 'service unavailable\n' });
    const { status, stdout } = await discovery(['--save', folder]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '9 documents and index.json written.\n' });
    expect(readdirSync(folder).toSorted()).toEqual(
      'aggregated aggregatedCore aggregatedNoPeer group.a.example.com group.b.example.com index legacy legacyCore list.v1.a.example.com list.v2.b.example.com'
        .split(' ')
        .map((name) => `${name}.json`),
    );
    expect(readFileSync(join(folder, 'legacy.json'))).toEqual(bytes);
    expect(readFileSync(join(folder, 'list.v2.b.example.com.json'), 'utf8')).toBe('service unavailable\n');
    const entry = (file: string) => index().find((each) => each.file === file);
    expect(entry('legacy.json')).toMatchObject({ path: '/apis', status: 200, bytes: 6, etag: '"1"', error: null });
    expect(entry('list.v2.b.example.com.json')).toMatchObject({
      path: '/apis/b.example.com/v2',
      status: 503,
      bytes: 20,
    });
  });

  it('names in the index what could not be had', async () => {
    served.set('/apis/a.example.com', null);
    expect((await discovery(['--save', folder])).status).toBe(0);
    expect(existsSync(join(folder, 'group.a.example.com.json'))).toBe(false);
    const [failed, ...more] = index().filter(({ error }) => error !== null);
    expect(more).toEqual([]);
    expect(failed).toMatchObject({ file: null, path: '/apis/a.example.com' });
    expect(failed?.error).toMatch(/\S/);
  });

  it('says so where it may not write', async () => {
    const { status, stderr } = await discovery(['--save', join(kubeconfig, 'below-a-file')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: cannot write to .*: ENOTDIR/);
  });
});
