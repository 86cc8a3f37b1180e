import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ControlPlane } from '../lab/control-plane.ts';

const repository = join(import.meta.dirname, '../..');

/** How a command ended, and what it said. */
export interface Ran {
  readonly exitStatus: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `home` keeps it away from caches of other clusters at the same address. */
export const run = (
  command: string,
  args: readonly string[],
  {
    home,
    kubeconfigPath,
    path = '',
  }: { readonly home: string; readonly kubeconfigPath: string; readonly path?: string },
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: command === process.execPath ? repository : home,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${path}${process.env['PATH']}`, HOME: home, KUBECONFIG: kubeconfigPath },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (exitStatus) => resolve({ exitStatus, stdout, stderr }));
  });

/** Runs the built tool as the user of that kubeconfig. */
export const runPlain = (
  { network }: ControlPlane,
  args: readonly string[],
  kubeconfigPath: string,
  home: string = network.folder,
): Promise<Ran> => run(process.execPath, ['bin/kubectl-aa.js', ...args], { home, kubeconfigPath });

/** One run of the tool. */
export interface Outcome<Document> {
  readonly exitStatus: number | null;
  readonly stderr: string;
  readonly document: Document;
}

/**
 * Runs the tool and reads the document that it prints.
 * @throws Error where it prints none
 */
export const runTool = async <Document>(
  controlPlane: ControlPlane,
  args: readonly string[],
  kubeconfigPath: string,
  home?: string,
): Promise<Outcome<Document>> => {
  // All situations of a version share a cluster, and three versions a machine: the default deadline is for people.
  const ran = await runPlain(controlPlane, [...args, '-o', 'json', '--timeout', '3m'], kubeconfigPath, home);
  const { exitStatus, stdout, stderr } = ran;
  try {
    return { exitStatus, stderr, document: JSON.parse(stdout) as Document };
  } catch (cause) {
    throw new Error(`kubectl-aa ${args.join(' ')}: status ${exitStatus}: ${stderr.slice(0, 2000)}`, { cause });
  }
};
