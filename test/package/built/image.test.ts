import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { afterAll, expect, inject, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const image = mkdtempSync(join(tmpdir(), 'kubectl-aa-image-'));
afterAll(() => rmSync(image, { recursive: true }));

/** What gcr.io/distroless/cc-debian12 has: Debian's libc6, libgcc-s1 and libstdc++6. */
const librariesOfImage = [
  'ld-linux-x86-64.so.2',
  'libc.so.6',
  'libdl.so.2',
  'libgcc_s.so.1',
  'libm.so.6',
  'libpthread.so.0',
  'libstdc++.so.6',
];

const isRootOnLinux = process.platform === 'linux' && process.arch === 'x64' && process.getuid?.() === 0;

it.skipIf(!isRootOnLinux)('needs no more than the image has, and no right to write', () => {
  const executable = join(inject('packageFolder'), 'linux_amd64/kubectl-aa');
  const libraries = [...execFileSync('ldd', [executable], { encoding: 'utf8' }).matchAll(/\/\S+/g)].map(
    ([path]) => path,
  );
  expect(libraries.map((path) => basename(path)).toSorted()).toEqual(librariesOfImage);
  for (const library of libraries) {
    mkdirSync(join(image, dirname(library)), { recursive: true });
    copyFileSync(library, join(image, library));
  }
  copyFileSync(executable, join(image, 'kubectl-aa'));
  copyFileSync(join(root, 'test/clusters/ten-backends.aa.json'), join(image, 'cluster.json'));
  chmodSync(image, 0o755);
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const user = /^USER (\S+)$/m.exec(dockerfile)?.[1] ?? '';
  const command = JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? '') as readonly string[];
  expect(user).toBe('65532:65532');
  expect(command).toEqual(['doctor', '--no-port-forward']);
  const run = (...args: string[]) =>
    spawnSync('/usr/sbin/chroot', [`--userspec=${user}`, image, '/kubectl-aa', ...args], { encoding: 'utf8', env: {} });
  const replayed = run('doctor', '--from', '/cluster.json');
  expect(replayed.stderr).toBe('');
  expect(replayed.status).toBe(1);
  expect(replayed.stdout).toContain('AA');
  // Without a cluster: one line.
  expect(run(...command)).toMatchObject({ status: 2, stdout: '' });
});
