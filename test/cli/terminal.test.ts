import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { invocationOf } from '../../src/cli/invocation.ts';
import type { Output } from '../../src/cli/io.ts';
import { styleOf } from '../../src/cli/style.ts';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { useScratch } from './scratch.ts';

const { file, opened } = useScratch();
const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/kubectl-aa.js');
const snapshot = join(root, 'test/clusters/ten-backends.aa.json');

describe('how text looks', () => {
  const terminal: Output = {
    write: () => undefined,
    drained: () => Promise.resolve(),
    isTerminal: true,
    columns: 80,
    stream: null,
  };
  const pipe: Output = { ...terminal, isTerminal: false, columns: null };
  const utf8 = { LANG: 'en_US.UTF-8', TERM: 'xterm' };
  const oldConsole = { OS: 'Windows_NT' };
  const style = (env: Record<string, string>, output = terminal, color: 'auto' | 'always' | 'never' = 'auto') =>
    styleOf({ env }, output, { color, headers: true });

  it.each([
    ['a terminal', style(utf8), true],
    ['a pipe', style(utf8, pipe), false],
    ['a pipe with CLICOLOR_FORCE', style({ ...utf8, CLICOLOR_FORCE: '1' }, pipe), true],
    ['a pipe with CLICOLOR_FORCE=0', style({ ...utf8, CLICOLOR_FORCE: '0' }, pipe), false],
    ['NO_COLOR', style({ ...utf8, NO_COLOR: '1' }), false],
    ['NO_COLOR that is empty, as for kubectl', style({ ...utf8, NO_COLOR: '' }), false],
    ['NO_COLOR and CLICOLOR_FORCE', style({ ...utf8, NO_COLOR: '1', CLICOLOR_FORCE: '1' }), false],
    ['a dumb terminal', style({ ...utf8, TERM: 'dumb' }), false],
    ['an old console of Windows', style(oldConsole), false],
    ['the Windows Terminal', style({ ...oldConsole, WT_SESSION: 'x' }), true],
    ['--color=always in a pipe with NO_COLOR', style({ ...utf8, NO_COLOR: '1' }, pipe, 'always'), true],
    ['--color=never with CLICOLOR_FORCE', style({ ...utf8, CLICOLOR_FORCE: '1' }, terminal, 'never'), false],
  ])('%s', (_what, { color }, colored) => {
    expect(color).toBe(colored);
  });

  it.each([
    ['a locale of UTF-8', style(utf8), true],
    ['LC_ALL=C over it', style({ ...utf8, LC_ALL: 'C' }), false],
    ['no locale', style({}), false],
    ['a Latin-1 locale', style({ LANG: 'de_DE.ISO-8859-1' }), false],
    ['an old console of Windows', style(oldConsole), false],
    ['the Windows Terminal', style({ ...oldConsole, WT_SESSION: 'x' }), true],
    ['a dumb terminal', style({ ...utf8, TERM: 'dumb' }), false],
  ])('symbols in %s', (_what, { unicode }, symbols) => {
    expect(unicode).toBe(symbols);
  });

  const printed = (args: readonly string[], env: Record<string, string>): string =>
    spawnSync(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' })
      .stdout;

  it('is ASCII alone where the locale is not UTF-8', () => {
    const texts = [
      ['status', '--from', snapshot],
      ['doctor', '--from', snapshot],
      ['cert', '--from', snapshot],
      ['status', '--help'],
    ].map((args) => printed(args, { LANG: 'C' }));
    for (const text of texts) expect(text).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it('has colour in a pipe where that is wanted', () => {
    expect(printed(['status', '--from', snapshot], { CLICOLOR_FORCE: '1' })).toContain('\u001b[31m');
    expect(printed(['status', '--from', snapshot, '--color', 'always'], {})).toContain('\u001b[31m');
    expect(printed(['status', '--from', snapshot], {})).not.toContain('\u001b');
    expect(printed(['status', '--from', snapshot, '-o', 'markdown', '--color=always'], {})).not.toContain('\u001b');
  });
});

describe('the name in usage lines', () => {
  const named = (argv: readonly string[], env: Record<string, string> = {}, argv0 = 'node'): string =>
    invocationOf(argv, argv0, env).programName;

  it.each([
    ['kubectl, from bash or zsh', named(['node', '/bin/kubectl-aa', 'x'], { _: '/usr/bin/kubectl' }), 'kubectl aa'],
    ['kubectl, from a program', named(['node', '/bin/kubectl-aa', 'x']), 'kubectl aa'],
    [
      'kubectl 1.37',
      named(['node', '/b/kubectl-aa'], { KUBECTL_PATH: '/b/kubectl', _: '/b/kubectl-aa' }),
      'kubectl aa',
    ],
    ['a shell', named(['node', '/bin/kubectl-aa', 'x'], { _: '/bin/kubectl-aa' }), 'kubectl-aa'],
    ['node', named(['node', '/x/bin/kubectl-aa.js'], { _: '/bin/node' }), 'kubectl-aa'],
    ['a name without a path, of an executable', named(['/b/kubectl-aa', 'kubectl-aa'], {}, 'kubectl-aa'), 'kubectl-aa'],
    ['kubectl, of an executable', named(['/b/kubectl-aa', '/b/kubectl-aa'], {}, '/b/kubectl-aa'), 'kubectl aa'],
    ['Windows', named(['node.exe', String.raw`C:\bin\kubectl-aa.exe`, 'x']), 'kubectl aa'],
  ])('when started by %s', (_what, name, expected) => {
    expect(name).toBe(expected);
  });

  it('is not asked for by kubectl_complete-aa, which only completes', () => {
    const argv = ['node', '/bin/kubectl_complete-aa', 'status', ''];
    expect(invocationOf(argv, 'node', {}).args).toEqual(['__complete', 'status', '']);
  });
});

describe('signals and pipes', () => {
  const shell = (
    script: string,
  ): { readonly stdout: string; readonly stderr: string; readonly status: number | null } =>
    spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  const tool = `${process.execPath} ${program}`;

  it('ends quietly, with 141, when the reader of a pipe has had enough', () => {
    // `true` is gone before anything is written.
    const ran = shell(`${tool} explain | true; exit "\${PIPESTATUS[0]}"`);
    expect(ran).toMatchObject({ stdout: '', stderr: '', status: 141 });
    expect(shell(`${tool} explain | head -1`)).toMatchObject({ stdout: expect.stringMatching(/^CODE /), stderr: '' });
  });

  it('needs no standard input, output or error', () => {
    expect(shell(`${tool} status --from ${snapshot} <&-`)).toMatchObject({ stderr: '', status: 1 });
    expect(shell(`${tool} status --from ${snapshot} >&-`)).toMatchObject({ stdout: '', stderr: '', status: 1 });
    expect(shell(`${tool} status --from ${snapshot} 2>&-`).status).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'a watch dies of %s, with all that it had to say said',
    async (signal) => {
      const raw = JSON.parse(readFileSync(snapshot, 'utf8')) as RawSnapshot;
      const server = await opened(startKubeApiServer(raw));
      const kubeconfig = file(server.kubeconfigText());
      const child = spawn(process.execPath, [program, 'status', '-w', '--kubeconfig', kubeconfig]);
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      await expect.poll(() => stdout, { timeout: 15_000 }).toContain('APIServices: ');
      child.kill(signal);
      const [status, died] = (await once(child, 'close')) as [number | null, string | null];
      expect({ status, died, stderr }).toEqual({ status: null, died: signal, stderr: '' });
      expect(stdout).toMatch(/^NAME {2}[\s\S]*\n\n10 of 31 APIServices: [^\n]*\n$/);
    },
    30_000,
  );
});
