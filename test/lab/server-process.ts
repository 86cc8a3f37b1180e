import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { NetworkNamespace } from './network-namespace.ts';

export interface ServerProcess {
  /** The first line on standard output, for a server that says when it is ready. */
  readonly firstLine: Promise<string>;
  /** The end of the log, for an error message. */
  readonly logTail: () => string;
  readonly hasEnded: () => boolean;
  /** Settles once it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly kill: () => Promise<void>;
}

export interface ServerOptions {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly network: NetworkNamespace;
  /** Runs in the caller's own network instead, as the way in has to. */
  readonly outside?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Instead of the machine's, for this server alone. */
  readonly hostName?: string;
}

/** Where a server of that name writes. */
export const logPathOf = ({ folder }: NetworkNamespace, name: string): string => join(folder, `${name}.log`);

/** Starts a server that dies with this process, however this process ends. */
export const startServer = ({
  name,
  binary,
  args,
  network,
  outside = false,
  environment = {},
  hostName,
}: ServerOptions): ServerProcess => {
  const logPath = logPathOf(network, name);
  const log = openSync(logPath, 'a');
  const child: ChildProcess = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      ...(outside ? [] : ['ip', 'netns', 'exec', network.name]),
      ...(hostName === undefined ? [] : ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', hostName]),
      binary,
      ...args,
    ],
    {
      stdio: ['pipe', 'pipe', log],
      cwd: network.folder,
      env: { PATH: process.env['PATH'], HOME: network.folder, ...environment },
    },
  );
  closeSync(log);
  const logTail = (): string => {
    // Its folder goes with the control plane.
    if (!existsSync(logPath)) return 'stopped';
    return readFileSync(logPath, 'utf8').split('\n').slice(-8).join('\n');
  };
  const ended = new Promise<void>((resolve) => {
    child.once('close', resolve);
    child.once('error', resolve);
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    if (child.stdout === null) throw new Error('standard output is a pipe');
    createInterface({ input: child.stdout }).once('line', resolve);
    void ended.then(() => reject(new Error(`${name} ended: ${logTail()}`)));
  });
  // Most servers say nothing there and nobody waits for it.
  firstLine.catch(() => {});
  return {
    firstLine,
    logTail,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
