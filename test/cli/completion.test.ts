import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { describe, expect, it } from 'vitest';

import { completionScripts } from '../../src/commands/completion-scripts.ts';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { kubeconfigFor } from '../fakes/kube-apiserver.ts';
import { run, type RunOptions } from './captured-run.ts';
import { startHostileServer } from './hostile-server.ts';
import { useScratch } from './scratch.ts';

const { folder, file, opened } = useScratch();
const root = join(import.meta.dirname, '../..');
const snapshot = join(root, 'test/clusters/ten-backends.aa.json');

/** What is offered, and cobra's directive. */
const complete = async (
  words: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly offered: readonly string[]; readonly directive: string }> => {
  const { stdout, stderr, status } = await run(['__complete', ...words], options);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const lines = stdout.trimEnd().split('\n');
  return { offered: lines.slice(0, -1).map((line) => line.replace(/\t.*/, '')), directive: lines.at(-1) ?? '' };
};

describe('what is offered', () => {
  it.each([
    ['commands', ['st'], ['status']],
    ['commands behind a flag', ['--context', 'any', 'st'], ['status']],
    ['the words of a command of two, beside its NAMEs', ['cert', 'ver'], ['verify']],
    ['flags', ['status', '--no-h'], ['--no-headers']],
    ['flags that were not given yet', ['status', '--failing', '--fail'], ['--fail-on']],
    ['global flags', ['explain', '--qui'], ['--quiet']],
    ['choices', ['doctor', '--fail-on', ''], ['error', 'warning', 'info', 'never']],
    ['choices behind =', ['doctor', '--fail-on=w'], ['warning']],
    ['formats behind a short flag', ['cert', '-o', 'p'], ['pem']],
    ['codes', ['explain', 'AA30'], ['AA301', 'AA302', 'AA303', 'AA304', 'AA305', 'AA306', 'AA307', 'AA308', 'AA309']],
    [
      'codes behind a comma',
      ['doctor', '--only', 'AA301,AA60'],
      Array.from({ length: 9 }, (_, at) => `AA301,AA60${at + 1}`),
    ],
    ['NAMEs of the snapshot that is named', ['status', '--from', snapshot, 'v1.h'], ['v1.healthy.example.com']],
    [
      'NAMEs that were not given yet',
      ['status', '--from', snapshot, 'v1.healthy.example.com', 'v1.p'],
      ['v1.plain-http.example.com', 'v1.pods-crashing.example.com', 'v1.policy'],
    ],
    [
      'groups',
      ['status', '--from', snapshot, '--group', 'au'],
      ['authentication.k8s.io', 'authorization.k8s.io', 'autoscaling'],
    ],
    ['shells', ['completion', 'f'], ['fish']],
    ['nothing where no argument is taken', ['version', ''], []],
    ['nothing behind an unknown command', ['nothing', 'x'], []],
    ['nothing for a flag that takes anything', ['status', '-l', ''], []],
  ])('%s', async (_what, words, offered) => {
    const found = await complete(words);
    expect(found.offered.toSorted()).toEqual(offered.toSorted());
    expect(found.directive).toBe(':4');
  });

  it('stays open behind a format that takes an argument', async () => {
    expect(await complete(['status', '-o', 'custom'])).toEqual({
      offered: ['custom-columns=', 'custom-columns-file='],
      directive: ':6',
    });
  });

  it.each([[['status', '--from', '']], [['status', '--kubeconfig=']], [['cert', 'verify', '--ca-bundle', 'x']]])(
    "is the shell's business where files are: %j",
    async (words) => {
      expect(await complete(words)).toEqual({ offered: [], directive: ':0' });
    },
  );

  it('are the contexts of the kubeconfig', async () => {
    const env = { KUBECONFIG: file(kubeconfigFor({ server: 'https://127.0.0.1:1', context: 'staging' })) };
    expect((await complete(['status', '--context', ''], { env })).offered).toEqual(['staging']);
    expect((await complete(['--context=s'], { env })).offered).toEqual(['staging']);
  });

  it('are names of the cluster, but none that a terminal or shell would take for more', async () => {
    const listed = ['v1.good.example.com', 'v1.\u001b[2J', 'v1.two words'];
    const { facts } = JSON.parse(readFileSync(snapshot, 'utf8')) as RawSnapshot;
    const [one] = facts.apiServices.state === 'known' ? facts.apiServices.value : [];
    const items = listed.map((name) => ({ ...one, metadata: { ...one?.metadata, name } }));
    const server = await opened(
      startHostileServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ metadata: {}, items }));
      }),
    );
    const env = { KUBECONFIG: file(server.kubeconfigText()) };
    expect((await complete(['doctor', ''], { env })).offered).toEqual(['v1.good.example.com']);
    expect((await complete(['status', '-n', ''], { env })).offered).toEqual(['v1.good.example.com']);
  });

  it('is nothing, soon and without a word, where the cluster is silent or away', async () => {
    const silent = await opened(startHostileServer(() => undefined));
    const started = performance.now();
    const env = { KUBECONFIG: file(silent.kubeconfigText()) };
    expect(await complete(['cert', ''], { env })).toEqual({ offered: ['verify'], directive: ':4' });
    expect(performance.now() - started).toBeLessThan(3000);
    expect(await complete(['doctor', ''], { env: { KUBECONFIG: '/nowhere' } })).toEqual({
      offered: [],
      directive: ':4',
    });
    expect(await complete(['doctor', ''], { env: { KUBECONFIG: file('{{{') } })).toEqual({
      offered: [],
      directive: ':4',
    });
  });

  it('asks nothing of the cluster for commands, flags and codes', async () => {
    const server = await opened(startHostileServer((_request, response) => response.end()));
    const env = { KUBECONFIG: file(server.kubeconfigText()) };
    for (const words of [['st'], ['status', '--'], ['explain', 'AA'], ['status', '-o', '']])
      await complete(words, { env });
    expect(server.paths).toEqual([]);
  });
});

// From here on the built program, as kubectl and shells start it.

const bin = join(folder, 'bin');
mkdirSync(bin);
for (const name of ['kubectl-aa', 'kubectl_complete-aa']) symlinkSync(join(root, 'bin', `${name}.js`), join(bin, name));
const environment = {
  ...process.env,
  PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
  HOME: folder,
  TERM: 'xterm-256color',
};

const isThere = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

describe('kubectl', () => {
  const hasKubectl = isThere('kubectl', 'version', '--client');

  it.skipIf(!hasKubectl)('completes the plugin through kubectl_complete-aa', () => {
    const kubectl = (...words: readonly string[]): string =>
      spawnSync('kubectl', ['__complete', 'aa', ...words], { env: environment, encoding: 'utf8' }).stdout;
    expect(kubectl('sta')).toMatch(/^status\tList APIServices [^\n]*\n:4\n$/);
    expect(kubectl('status', '--from', snapshot, 'v1.h')).toBe('v1.healthy.example.com\thealthy/api\n:4\n');
    expect(kubectl('status', '-o', 'custom')).toBe('custom-columns=\ncustom-columns-file=\n:6\n');
    expect(kubectl('status', '--kubeconfig', '')).toBe(':0\n');
  });

  it.skipIf(!hasKubectl)('completes the plugin through the script that completion prints', () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    const script = join(other, 'kubectl_complete-aa');
    writeFileSync(script, completionScripts.kubectl);
    chmodSync(script, 0o755);
    const env = { ...environment, PATH: [other, environment.PATH].join(delimiter) };
    const { stdout } = spawnSync('kubectl', ['__complete', 'aa', 'vers'], { env, encoding: 'utf8' });
    expect(stdout).toMatch(/^version\t[^\n]*\n:4\n$/);
  });
});

const hasTerminal = process.platform === 'linux' && isThere('script', '--version');

/** Types into a shell on a terminal, each text when what goes before is answered. */
const typed = async (shell: string, steps: readonly (readonly [keys: string, answer: RegExp])[]): Promise<string> => {
  const child = spawn('script', ['--quiet', '--flush', '--command', shell, '/dev/null'], { env: environment });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += stripVTControlCharacters(text)));
  const ended = once(child, 'close');
  try {
    for (const [keys, answer] of steps) {
      const from = shown.length;
      child.stdin.write(keys);
      await expect.poll(() => shown.slice(from), { timeout: 15_000, interval: 50 }).toMatch(answer);
    }
    return shown;
  } finally {
    child.stdin.end();
    child.kill();
    await ended;
  }
};

const shells = [
  ['bash', 'bash --norc --noprofile -i', '', 'bash'],
  ['zsh', 'zsh -f -i', 'autoload -Uz compinit; compinit -u -D; ', 'zsh'],
  ['fish', 'fish --no-config -i', '', 'fish'],
] as const;

for (const [name, command, setUp, script] of shells) {
  describe(`a real ${name}`, () => {
    it.skipIf(!hasTerminal || !isThere(name, '-c', 'true'))(
      'completes commands, flags, values behind = and NAMEs',
      async () => {
        const path = file(completionScripts[script]);
        const shown = await typed(command, [
          [`${setUp}source ${path}; echo rea""dy\n`, /ready\s/],
          ['kubectl-aa vers\t', /version\s/],
          ['--client --disa\t', /--disable-compression\s/],
          ['\n', /kubectl-aa +v\d/],
          [`kubectl-aa status --from ${snapshot} --fail-on=ne\t`, /--fail-on=never\s|never\s/],
          ['v1.heal\t', /healthy\.example\.com\s|thy\.example\.com\s/],
          ['-o na\t\n', /apiservice\.apiregistration\.k8s\.io\/v1\.healthy\.example\.com/],
        ]);
        expect(shown).not.toContain('error:');
      },
      60_000,
    );
  });
}
