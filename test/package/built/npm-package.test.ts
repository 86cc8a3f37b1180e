import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { kubectl, pathWith } from './tools.ts';

const root = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
const scratch = mkdtempSync(join(tmpdir(), 'kubectl-aa-npm-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const [packed] = JSON.parse(
  // --ignore-scripts: the bundle is there, and prepack would build it again under the other tests.
  execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--loglevel=error', `--pack-destination=${scratch}`], {
    cwd: root,
    encoding: 'utf8',
  }),
) as [Packed];

it('holds the bundle, its start, licences and no more', () => {
  expect(packed.files.map(({ path }) => path).toSorted()).toEqual(
    [
      'LICENSE',
      'README.md',
      'bin/kubectl-aa.js',
      'bin/kubectl_complete-aa.js',
      'bin/package.json',
      'dist/THIRD-PARTY-NOTICES.txt',
      'dist/kubectl-aa.cjs',
      'dist/kubectl-aa.rest.cjs',
      'dist/kubectl-aa.status.cjs',
      'package.json',
    ].toSorted(),
  );
});

describe('installed globally', () => {
  const prefix = join(scratch, 'prefix');
  execFileSync(
    'npm',
    ['install', '--global', '--offline', '--loglevel=error', `--prefix=${prefix}`, join(scratch, packed.filename)],
    { stdio: 'ignore' },
  );
  const env = { HOME: scratch, PATH: pathWith(join(prefix, 'bin'), dirname(process.execPath)) };

  it('has no dependencies', () => {
    const installed = join(prefix, 'lib/node_modules/kubectl-aa');
    expect(existsSync(join(installed, 'node_modules'))).toBe(false);
    const declared = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(declared).filter((key) => /^(?:optional|peer)?[dD]ependencies$/.test(key))).toEqual([]);
  });

  it.skipIf(kubectl === null)('runs through kubectl', () => {
    expect(spawnSync('kubectl', ['aa', 'version', '--client'], { encoding: 'utf8', env })).toMatchObject({
      status: 0,
      stdout: `kubectl-aa      v${version}\n`,
    });
    const from = ['--from', join(root, 'test/clusters/ten-backends.aa.json'), '-o', 'json'];
    const doctor = spawnSync('kubectl', ['aa', 'doctor', ...from], { encoding: 'utf8', env });
    expect(doctor.status).toBe(1);
    expect(JSON.parse(doctor.stdout)).toMatchObject({ kind: 'DoctorReport' });
  });

  it('opens with every command, with nothing else to load', () => {
    for (const command of ['status', 'doctor', 'cert', 'explain', 'snapshot', 'schema', 'version']) {
      expect(spawnSync('kubectl-aa', [command, '--help'], { encoding: 'utf8', env }), command).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
  });
});
