import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import type { Io } from '../src/cli/io.ts';
import { runCli } from '../src/cli/run-cli.ts';

// Each *.md holds calls and what they print: `$ kubectl aa …`, standard output, standard error, exit status. With
// UPDATE_TRANSCRIPTS=1 they are written anew, for a person to read as a diff.

const root = join(import.meta.dirname, '..');
const folder = join(import.meta.dirname, 'transcripts');

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

const splitWords = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

const run = async (args: readonly string[], columns: number | null): Promise<Ran> => {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string | Uint8Array) => {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
    },
    isTerminal: name === 'stdout' && columns !== null,
    columns: name === 'stdout' ? columns : null,
    stream: null,
  });
  const io: Io = {
    args: args.map((argument) => (argument.startsWith('test/') ? join(root, argument) : argument)),
    env: { LANG: 'C.UTF-8', NO_COLOR: '1' },
    workingDirectory: root,
    programName: 'kubectl aa',
    stdin: Readable.from([]),
    stdout: output('stdout'),
    stderr: output('stderr'),
    now: () => new Date('2026-11-21T14:30:00Z'),
  };
  const status = await runCli(io);
  // Where the checkout is, no transcript tells.
  const shown = (text: string): string => text.replaceAll(`${root}/`, '');
  return { stdout: shown(written.stdout), stderr: shown(written.stderr), status };
};

/** `$ kubectl aa … # 80 columns` */
const callLine = /^\$ kubectl aa ?(.*?)(?: +# (\d+) columns)?$/;

const transcriptOf = (line: string, { stdout, stderr, status }: Ran): string =>
  [
    '```console',
    line,
    ...(stdout === '' ? [] : [stdout.replace(/\n$/, '')]),
    ...(stderr === '' ? [] : ['--- standard error', stderr.replace(/\n$/, '')]),
    `--- exit status ${status}`,
    '```',
  ].join('\n');

for (const command of readdirSync(folder)) {
  describe(command, () => {
    it.each(readdirSync(join(folder, command)))('%s', async (file) => {
      const path = join(folder, command, file);
      const text = readFileSync(path, 'utf8');
      const blocks = [...text.matchAll(/```console\n([\s\S]*?)\n```/g)];
      expect(blocks.length).toBeGreaterThan(0);
      let now = text;
      for (const [block, body] of blocks) {
        const [line = ''] = (body ?? '').split('\n');
        const [, call = '', columns] = callLine.exec(line) ?? [];
        const ran = await run(splitWords(call), columns === undefined ? null : Number(columns));
        now = now.replace(block, () => transcriptOf(line, ran));
      }
      if (process.env['UPDATE_TRANSCRIPTS']) writeFileSync(path, now);
      else expect(now).toBe(text);
    });
  });
}
