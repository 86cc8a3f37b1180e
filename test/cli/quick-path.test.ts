import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { runApart } from './captured-run.ts';
import { useScratch } from './scratch.ts';

// Counts, since times depend on the machine: what is read and run is what takes the time.

const { folder, file, opened } = useScratch();
const dist = join(import.meta.dirname, '../../dist');
const raw = JSON.parse(
  readFileSync(join(import.meta.dirname, '../clusters/ten-backends.aa.json'), 'utf8'),
) as RawSnapshot;

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

let caches = 0;
let home = '';
beforeEach(() => {
  caches += 1;
  home = join(folder, `home-${caches}`);
  mkdirSync(home);
});
const cacheFolder = (): string => join(home, '.cache/kubectl-aa');
const cached = (): readonly string[] =>
  existsSync(cacheFolder()) ? readdirSync(cacheFolder()).map((name) => join(cacheFolder(), name)) : [];

/** The modules that ran in the calls so far, by the names of their files, as V8's kept code tells. */
const modulesRun = (): readonly string[] => {
  const { outputs } = JSON.parse(readFileSync(join(dist, 'kubectl-aa.meta.json'), 'utf8')) as Metafile;
  const chunks = cached().flatMap((path) => {
    const data = readFileSync(path);
    const end = data.length - 4;
    return JSON.parse(data.toString('latin1', end - data.readUInt32LE(end), end)) as readonly string[];
  });
  return chunks.flatMap((chunk) => Object.keys(outputs[join('dist', chunk)]?.inputs ?? {}));
};

const status = async () => {
  const server = await opened(startKubeApiServer(raw));
  const kubeconfig = file(server.kubeconfigText());
  return runApart(['status'], { env: { HOME: home, KUBECONFIG: kubeconfig } });
};
const version = () => runApart(['version', '--client'], { env: { HOME: home } });

describe('what has to be quick', () => {
  it.each([
    ['kubectl-aa.cjs', 240_000],
    ['kubectl-aa.status.cjs', 620_000],
  ])('%s is below %d bytes', (name, most) => {
    expect(statSync(join(dist, name)).size).toBeLessThan(most);
  });

  it('is status without checks, explanations and libraries of other commands', async () => {
    expect(await status()).toMatchObject({ status: 1, stderr: '' });
    const modules = modulesRun();
    expect(modules).toContain('src/commands/status.ts');
    expect(modules).toContain('src/sources/live/collectors/answers.ts');
    expect(
      modules.filter((path) =>
        /^src\/(?:checks|explanation)\/|\/(?:json-p3|ora|chalk|socks|ip-address|to-json-schema)\//.test(path),
      ),
    ).toEqual([]);
    expect(modules.filter((path) => path.startsWith('src/')).length).toBeLessThan(155);
    expect(modules.filter((path) => path.startsWith('node_modules/')).length).toBeLessThan(170);
  });

  it('is help and version without what reads a cluster', async () => {
    expect(await version()).toMatchObject({ status: 0 });
    expect(await runApart(['--help'], { env: { HOME: home } })).toMatchObject({ status: 0 });
    expect(cached()).toHaveLength(1);
    expect(modulesRun().filter((path) => /^src\/(?:sources\/live\/kubernetes|x509)\//.test(path))).toEqual([]);
    expect(modulesRun().filter((path) => path.startsWith('src/')).length).toBeLessThan(40);
  });
});

describe("V8's code of earlier runs", () => {
  it('is kept for the same user only, and left alone while nothing new runs', async () => {
    await version();
    const [path = ''] = cached();
    expect(statSync(path).mode % 0o1000).toBe(0o600);
    expect(statSync(cacheFolder()).mode % 0o1000).toBe(0o700);
    const { mtimeMs } = statSync(path);
    await version();
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
    await runApart(['--help'], { env: { HOME: home } });
    expect(cached()).toEqual([path]);
    expect(statSync(path).mtimeMs).toBeGreaterThan(mtimeMs);
  });

  it('is not kept of a call that failed', async () => {
    expect(await runApart(['no-such-command'], { env: { HOME: home } })).toMatchObject({ status: 2 });
    expect(cached()).toEqual([]);
  });

  it.each([
    ['is empty', (_code: Buffer) => Buffer.alloc(0)],
    ['is cut off', (code: Buffer) => code.subarray(0, 1000)],
    ['is something else', () => Buffer.from('x'.repeat(5000))],
    ['begins otherwise', (code: Buffer) => Buffer.concat([Buffer.alloc(64), code.subarray(64)])],
  ])('is made anew where it %s', async (_what, spoilt) => {
    const first = await version();
    const [path = ''] = cached();
    const code = readFileSync(path);
    writeFileSync(path, spoilt(code));
    expect(await version()).toMatchObject({ status: 0, stdout: first.stdout, stderr: '' });
    expect(readFileSync(path).length).toBeGreaterThan(code.length * 0.9);
  });

  it('is done without where nothing can be kept', async () => {
    const nobody = { HOME: '/dev/null' };
    expect(await runApart(['version', '--client'], { env: nobody })).toMatchObject({ status: 0, stderr: '' });
    expect(await runApart(['version', '--client'])).toMatchObject({ status: 0, stderr: '' });
  });

  it.skipIf(process.getuid?.() !== 0)("is not another user's", async () => {
    await version();
    const [path = ''] = cached();
    writeFileSync(path, readFileSync(path).fill(0, 0, 64));
    spawnSync('chown', ['65534', path]);
    chmodSync(path, 0o644);
    expect(await version()).toMatchObject({ status: 0, stderr: '' });
    // Replaced by one's own.
    expect(statSync(path).uid).toBe(0);
    const theirs = join(folder, 'theirs');
    mkdirSync(theirs);
    spawnSync('chown', ['65534', theirs]);
    expect(await runApart(['version', '--client'], { env: { HOME: theirs } })).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(theirs)).toEqual([]);
  });
});
