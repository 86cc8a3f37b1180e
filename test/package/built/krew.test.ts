// What krew itself, built from its source, and a real kubectl make of the archives and the manifest.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';

import { archiveViolations } from '../../../scripts/package/krew-archive-rules.ts';
import { manifestViolations, readManifest } from '../../../scripts/package/krew-rules.ts';
import { archiveName, targets } from '../../../scripts/package/targets.ts';
import { type ArchiveCase, movedArchives, refusedArchives } from '../archive-cases.ts';
import { goodManifest, refusedManifests } from '../manifest-cases.ts';
import { go, kubectl, pathWith } from './tools.ts';

const root = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
const packageFolder = inject('packageFolder');
const manifestPath = join(packageFolder, 'krew-manifest.yaml');
const manifest = readFileSync(manifestPath, 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'kubectl-aa-krew-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it('has a manifest and archives that break no rule of krew', async () => {
  expect(manifestViolations('aa.yaml', manifest)).toEqual([]);
  const read = readManifest(manifest);
  if (typeof read === 'string') throw new Error(read);
  const platforms = read.spec.platforms ?? [];
  expect(platforms.map(({ uri }) => basename(uri))).toEqual(
    targets.map((target) => archiveName(`v${version}`, target)),
  );
  for (const platform of platforms) {
    // oxlint-disable-next-line no-await-in-loop -- one archive in memory is enough
    await expect(
      archiveViolations(platform, readFileSync(join(packageFolder, basename(platform.uri)))),
    ).resolves.toEqual([]);
  }
});

it('has the checksums that sha256sum computes', () => {
  const check = spawnSync('sha256sum', ['--check', '--strict', 'checksums.txt'], {
    cwd: packageFolder,
    encoding: 'utf8',
  });
  expect(check.stdout.trim().split('\n')).toEqual(targets.map((target) => `${archiveName(`v${version}`, target)}: OK`));
});

/** krew's own words for a rule that is broken. */
const refusals: Readonly<Record<string, string>> = {
  K01: 'failed to read plugin file',
  K02: 'plugin manifest has apiVersion=',
  K03: 'but only "Plugin" is supported',
  K04: 'is not allowed, must match',
  K05: 'is not allowed, must match',
  K06: 'expected manifest extension ".yaml"',
  K07: 'plugin should be named',
  K08: 'should have a short description',
  K09: 'should not have line breaks in short description',
  K10: 'should have a platform specified',
  K11: 'should have a version specified',
  K12: "not starting with 'v'",
  K13: 'failed to parse plugin version',
  K14: '`uri` has to be set',
  K15: '`sha256`',
  K16: '`bin` has to be set',
  K17: '`files` is invalid',
  K18: 'selector is not supported',
  K19: 'key "libc" not supported',
  K20: 'specified but empty',
  K21: "doesn't match any supported platforms",
  K22: 'overlapping selectors',
  A01: 'is not a supported archive format',
  A02: 'refusing to unpack archive',
  A03: 'unable to handle file type',
  A05: 'checksum does not match',
  A06: 'the provided path is not clean',
  A07: 'no files in the plugin archive matched the glob',
  A08: 'no files in the plugin archive matched the glob',
  A09: 'is out of bounds',
  A10: 'cannot be found in extracted archive',
};

describe.skipIf(!go || kubectl === null)('krew', () => {
  const tools = join(scratch, 'tools');
  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    PATH: pathWith(tools, join(scratch, 'krew/bin')),
    HOME: scratch,
    KREW_ROOT: join(scratch, 'krew'),
    KREW_NO_UPGRADE_CHECK: '1',
    ...more,
  });
  const run = (command: string, args: readonly string[], more?: Readonly<Record<string, string>>) =>
    spawnSync(command, args, { encoding: 'utf8', env: environment(more) });

  beforeAll(() => {
    mkdirSync(tools);
    execFileSync(
      'go',
      [
        'build',
        '-buildvcs=false',
        '-o',
        `${tools}/`,
        'sigs.k8s.io/krew/cmd/krew',
        'sigs.k8s.io/krew/cmd/validate-krew-manifest',
      ],
      { cwd: join(import.meta.dirname, 'krew'), stdio: ['ignore', 'ignore', 'inherit'] },
    );
    symlinkSync(join(tools, 'krew'), join(tools, 'kubectl-krew'));
  }, 300_000);

  it('installs the plugin, which runs through kubectl', () => {
    const archive = join(packageFolder, archiveName(`v${version}`, { os: 'linux', arch: 'amd64' }));
    const forLinux = { KREW_OS: 'linux', KREW_ARCH: 'amd64' };
    const installed = run(
      'kubectl',
      ['krew', 'install', `--manifest=${manifestPath}`, `--archive=${archive}`],
      forLinux,
    );
    expect(installed).toMatchObject({ status: 0 });
    expect(installed.stderr).toContain('Installed plugin: aa');
    if (process.platform === 'linux' && process.arch === 'x64') {
      expect(run('kubectl', ['aa', 'version', '--client'])).toMatchObject({
        status: 0,
        stdout: `kubectl-aa      v${version}\n`,
      });
      const from = ['--from', join(root, 'test/clusters/ten-backends.aa.json')];
      expect(run('kubectl', ['aa', 'status', ...from]).stdout).toContain('v1.healthy.example.com');
    }
  });

  it('installs every platform from its uri, as the CI of krew-index does', async () => {
    const server = createServer((request, response) => {
      createReadStream(join(packageFolder, basename(request.url ?? ''))).pipe(response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const { port } = server.address() as AddressInfo;
      const local = join(scratch, 'aa.yaml');
      writeFileSync(local, manifest.replaceAll(/uri: https:\/\/[^/]+/g, `uri: http://127.0.0.1:${port}`));
      const validator = spawn(join(tools, 'validate-krew-manifest'), ['-manifest', local], {
        env: environment(),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      validator.stderr.on('data', (text: Buffer) => (said += text.toString('utf8')));
      const status = await new Promise((ended) => validator.on('close', ended));
      expect(said).toContain('all 6 spec.platforms installed fine');
      expect(status).toBe(0);
    } finally {
      server.close();
    }
  });

  it.each(refusedManifests)('refuses as our rule $rule does: a manifest $what', ({ rule, file, content }) => {
    const folder = mkdtempSync(join(scratch, 'refused-'));
    writeFileSync(join(folder, file), content);
    const { status, stderr } = run(join(tools, 'validate-krew-manifest'), [
      '-skip-install',
      '-manifest',
      join(folder, file),
    ]);
    expect(status).not.toBe(0);
    expect(stderr).toContain(refusals[rule]);
  });

  const install = ({ archive, platform }: Pick<ArchiveCase, 'archive' | 'platform'>) => {
    const folder = mkdtempSync(join(scratch, 'install-'));
    const described = parse(goodManifest) as { spec: Record<string, unknown> };
    described.spec['platforms'] = [platform];
    writeFileSync(join(folder, 'aa.yaml'), stringify(described));
    writeFileSync(join(folder, 'archive'), archive);
    const args = ['krew', 'install', `--manifest=${join(folder, 'aa.yaml')}`, `--archive=${join(folder, 'archive')}`];
    return run('kubectl', args, { KREW_ROOT: join(folder, 'krew'), KREW_OS: 'linux', KREW_ARCH: 'amd64' });
  };

  it.each(refusedArchives)('refuses as our rule $rule does: an archive with $what', ({ rule, ...archive }) => {
    const { status, stderr } = install(archive);
    expect(status).not.toBe(0);
    expect(stderr).toContain(refusals[rule]);
  });

  it.each(movedArchives)('moves as our rules do', (archive, platform) => {
    expect(install({ archive, platform })).toMatchObject({ status: 0 });
  });

  it('takes the manifest by the same way', () => {
    writeFileSync(join(scratch, 'aa.yaml'), manifest);
    expect(
      run(join(tools, 'validate-krew-manifest'), ['-skip-install', '-manifest', join(scratch, 'aa.yaml')]),
    ).toMatchObject({
      status: 0,
    });
  });
});
