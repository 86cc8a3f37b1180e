import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { RawApiService } from '../../src/snapshot/raw-snapshot.ts';
import { readClientCache } from '../../src/sources/live/client-cache.ts';

const NOW = new Date('2026-11-21T10:00:00Z');

// As kubectl v1.36.3 wrote them of a server 1.35.4, cut to two groups.
const GROUPS =
  '{"kind":"APIGroupList","apiVersion":"v1","groups":[' +
  '{"name":"","versions":[{"groupVersion":"v1","version":"v1"}],"preferredVersion":{"groupVersion":"v1","version":"v1"}},' +
  '{"name":"healthy.example.com","versions":[{"groupVersion":"healthy.example.com/v1","version":"v1"}],"preferredVersion":{"groupVersion":"healthy.example.com/v1","version":"v1"}}]}\n';
const RESOURCES =
  '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"healthy.example.com/v1","resources":[{"name":"healthyitems","singularName":"healthyitem","namespaced":false,"group":"healthy.example.com","version":"v1","kind":"HealthyItem","verbs":["get","list"]}]}\n';

const remote = (group: string, version: string): RawApiService => ({
  metadata: { name: `${version}.${group}` },
  spec: {
    group,
    version,
    service: { namespace: 'healthy', name: 'api' },
    groupPriorityMinimum: 100,
    versionPriority: 100,
  },
});

const KNOWN = {
  ageSeconds: 600,
  groups: [
    { group: '', preferredVersion: 'v1', versions: ['v1'] },
    { group: 'healthy.example.com', preferredVersion: 'v1', versions: ['v1'] },
  ],
  resources: { 'v1.healthy.example.com': 1 },
};

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kubectl-aa-client-cache-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const write = (path: string, content: string): void => {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  utimesSync(file, NOW, new Date(NOW.getTime() - 600_000));
};

const writeCache = (folder: string): void => {
  write(`${folder}/servergroups.json`, GROUPS);
  write(`${folder}/healthy.example.com/v1/serverresources.json`, RESOURCES);
};

const read = (
  server: string,
  {
    cacheDir,
    env = { HOME: home },
    apiServices = [remote('healthy.example.com', 'v1')],
  }: {
    readonly cacheDir?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly apiServices?: readonly RawApiService[];
  } = {},
) =>
  readClientCache(server, apiServices, {
    flags: { 'cache-dir': cacheDir },
    environment: { env, workingDirectory: home },
    now: () => NOW,
    signal: AbortSignal.timeout(10_000),
  });

describe("kubectl's discovery cache", () => {
  // Folders as kubectl v1.36.3 made them for such a `--server`.
  it.each([
    ['https://127.0.0.1:42959', '127.0.0.1_42959'],
    ['https://127.0.0.1:42959/', '127.0.0.1_42959'],
    ['http://127.0.0.1:18437/k8s/clusters/c-m-1', '127.0.0.1_18437/k8s/clusters/c_m_1'],
    ['http://[::1]:18437', '___1__18437'],
    ['HTTP://localhost:18437/', 'HTTP_/localhost_18437'],
  ])('of %s is in %s', async (server, folder) => {
    writeCache(`.kube/cache/discovery/${folder}`);
    expect(await read(server)).toEqual({ state: 'known', value: KNOWN });
  });

  it('is where --cache-dir says, else KUBECACHEDIR, else below the home', async () => {
    writeCache('flag/discovery/api_6443');
    const env = { HOME: join(home, 'nowhere'), KUBECACHEDIR: join(home, 'variable') };
    expect(await read('https://api:6443', { cacheDir: 'flag', env })).toEqual({ state: 'known', value: KNOWN });
    expect(await read('https://api:6443', { env })).toEqual({ state: 'known', value: null });
    writeCache('variable/discovery/api_6443');
    expect(await read('https://api:6443', { env })).toEqual({ state: 'known', value: KNOWN });
  });

  it('may not be there at all', async () => {
    expect(await read('https://api:6443')).toEqual({ state: 'known', value: null });
    expect(await read('https://api:6443', { env: {} })).toEqual({ state: 'known', value: null });
    write('.kube', 'a file where the folder would be');
    expect(await read('https://api:6443')).toEqual({ state: 'known', value: null });
  });

  it('lacks the list of a group version that was never asked for', async () => {
    writeCache('.kube/cache/discovery/api_6443');
    const apiServices = [remote('healthy.example.com', 'v1'), remote('new.example.com', 'v1')];
    expect(await read('https://api:6443', { apiServices })).toMatchObject({
      value: { resources: { 'v1.healthy.example.com': 1, 'v1.new.example.com': null } },
    });
  });

  it('has no version of a group that was Stale when kubectl asked', async () => {
    // As kubectl v1.36.3 wrote it.
    const stale = '{"name":"a.example.com","versions":null,"preferredVersion":{"groupVersion":"","version":""}}';
    writeCache('.kube/cache/discovery/api_6443');
    write(
      '.kube/cache/discovery/api_6443/servergroups.json',
      `{"kind":"APIGroupList","apiVersion":"v1","groups":[${stale}]}\n`,
    );
    expect(await read('https://api:6443')).toMatchObject({
      state: 'known',
      value: { groups: [{ group: 'a.example.com', preferredVersion: null, versions: [] }] },
    });
  });

  it('is not left by a hostile name', async () => {
    writeCache('.kube/cache/discovery/api_6443');
    write('.kube/cache/discovery/other/v1/serverresources.json', RESOURCES);
    const apiServices = [remote('../other', 'v1'), remote('healthy.example.com', '..')];
    expect(await read('https://api:6443', { apiServices })).toMatchObject({ state: 'known', value: { resources: {} } });
  });

  it.each([
    ['servergroups.json', '{"kind":"APIGroupList"', 'not JSON'],
    ['servergroups.json', '{"kind":"APIGroupList","groups":[{"name":"a"}]}', 'no discovery document'],
    ['servergroups.json', 'null', 'no discovery document'],
    ['servergroups.json', '['.repeat(200), 'more nested or numerous than the tool parses'],
    ['servergroups.json', ' '.repeat(16 * 1024 * 1024 + 1), 'larger than 16777216 bytes'],
    ['healthy.example.com/v1/serverresources.json', '{"kind":"Status"}', 'no discovery document'],
  ])('is unreadable where %s is mangled, and no path is told', async (file, content, why) => {
    writeCache('.kube/cache/discovery/api_6443');
    write(`.kube/cache/discovery/api_6443/${file}`, content);
    expect(await read('https://api:6443')).toEqual({
      state: 'unreadable',
      detail: `${file} of kubectl's discovery cache: ${why}`,
    });
  });

  it('is unreadable where a folder is in the place of the file', async () => {
    mkdirSync(join(home, '.kube/cache/discovery/api_6443/servergroups.json'), { recursive: true });
    expect(await read('https://api:6443')).toEqual({
      state: 'unreadable',
      detail: "servergroups.json of kubectl's discovery cache: EISDIR",
    });
  });
});
