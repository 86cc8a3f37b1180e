import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The addresses inside every control plane's own network. */
export const labNetwork = {
  controlPlane: '10.0.0.1',
  node: '10.0.0.2',
  nameServer: '10.0.0.3',
  secondControlPlane: '10.0.0.4',
  services: '10.96.0.0/16',
  pods: '10.244.0.0/16',
} as const;

/** A network of its own for one control plane, and a folder for its files. */
export interface NetworkNamespace {
  readonly name: string;
  readonly folder: string;
}

const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

const folderOf = (name: string): string => join(tmpdir(), name);
const resolverFolderOf = (name: string): string => join('/etc/netns', name);

/** When a process began, in clock ticks since boot: with its id it names the process even after the id was reused. */
const startTimeOf = (pid: number): string | undefined => {
  try {
    // The command, field 2, is in parentheses and may hold blanks.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
};

const killProcessesInside = (name: string): void => {
  for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
};

/** Ends every process inside, and removes the namespace and its files. */
export const deleteNetworkNamespace = (name: string): void => {
  try {
    killProcessesInside(name);
    ip('netns', 'delete', name);
  } finally {
    rmSync(resolverFolderOf(name), { recursive: true, force: true });
    rmSync(folderOf(name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
};

const isOfDeadRun = (name: string): boolean => {
  const [, pid, startTime] = /^aalab-(\d+)-(\d+)-\d+$/.exec(name) ?? [];
  return pid !== undefined && startTimeOf(Number(pid)) !== startTime;
};

/** Removes what runs left behind that were killed before they could clean up. */
export const deleteStaleNetworkNamespaces = (): void => {
  const names = ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  for (const name of names.filter(isOfDeadRun)) deleteNetworkNamespace(name);
  for (const name of readdirSync(tmpdir()).filter(isOfDeadRun))
    rmSync(folderOf(name), { recursive: true, force: true });
};

let created = 0;

export const createNetworkNamespace = (): NetworkNamespace => {
  created += 1;
  const name = `aalab-${process.pid}-${startTimeOf(process.pid)}-${created}`;
  const inside = (...args: readonly string[]): string => ip('-netns', name, ...args);
  // "ip netns exec" shows this file as /etc/resolv.conf.
  mkdirSync(resolverFolderOf(name), { recursive: true });
  writeFileSync(join(resolverFolderOf(name), 'resolv.conf'), `nameserver ${labNetwork.nameServer}\n`);
  mkdirSync(folderOf(name), { recursive: true, mode: 0o700 });
  ip('netns', 'add', name);
  inside('link', 'set', 'lo', 'up');
  const { controlPlane, node, nameServer, secondControlPlane } = labNetwork;
  for (const address of [controlPlane, node, nameServer, secondControlPlane])
    inside('address', 'add', `${address}/32`, 'dev', 'lo');
  // Every address of these ranges is local: a process may bind any ClusterIP or Pod address.
  for (const range of [labNetwork.services, labNetwork.pods]) inside('route', 'add', 'local', range, 'dev', 'lo');
  return { name, folder: folderOf(name) };
};
