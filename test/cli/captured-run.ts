import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly ms: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly stdin?: Readable;
  /** What standard output passes for; default: no terminal. */
  readonly isTerminal?: boolean;
}

/** Runs the command line in this process. */
export const run = async (
  args: readonly string[],
  { env = {}, workingDirectory = tmpdir(), stdin = Readable.from([]), isTerminal = false }: RunOptions = {},
): Promise<Ran> => {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string | Uint8Array) => {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
    },
    drained: async () => {},
    isTerminal: name === 'stdout' && isTerminal,
    columns: null,
    stream: null,
  });
  const started = performance.now();
  const io: Io = {
    args,
    env: { PATH: process.env['PATH'], ...env },
    workingDirectory,
    programName: 'kubectl aa',
    stdin,
    stdout: output('stdout'),
    stderr: output('stderr'),
    now: () => new Date('2026-11-21T10:00:00Z'),
  };
  const status = await runCli(io);
  return { ...written, status, ms: performance.now() - started };
};

export interface RanApart extends Ran {
  /** Of the whole life of the process. */
  readonly peakMebibytes: number;
}

const program = fileURLToPath(new URL('../../bin/kubectl-aa.js', import.meta.url));

/** Runs the built program, as a user does, with `stdin` as its standard input. */
export const runApart = async (args: readonly string[], { env = {}, stdin }: RunOptions = {}): Promise<RanApart> => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-apart-'));
  try {
    const hook = join(folder, 'peak.cjs');
    const peak = join(folder, 'peak');
    // Not process.resourceUsage(): its maximum begins with the memory of the process that forked.
    writeFileSync(
      hook,
      `const { readFileSync, writeFileSync } = require('node:fs');
       process.on('exit', () => writeFileSync(${JSON.stringify(peak)}, /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));`,
    );
    const started = performance.now();
    const child = spawn(process.execPath, ['--require', hook, program, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    // The program may be done before it has read everything.
    child.stdin?.on('error', () => undefined);
    if (stdin && child.stdin) stdin.pipe(child.stdin);
    const written = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    stdin?.destroy();
    return {
      ...written,
      status,
      ms: performance.now() - started,
      peakMebibytes: Number(readFileSync(peak, 'utf8')) / 1024,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
