import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binaryPath } from '../lab/build.ts';
import type { ControlPlane } from '../lab/control-plane.ts';
import type { ReportedFinding } from '../lab/report-comparison.ts';
import { type Ran, run } from './run-tool.ts';

/** A command of a remedy that changes the cluster, tried by server-side dry run. */
export interface DryRun extends Ran {
  readonly codes: readonly string[];
  readonly command: string;
}

// Not edit, which asks a person; rollout restart knows no dry run.
const mutation = /^(?:echo '[^']*' \| )?kubectl (?:-n \S+ )?(?:annotate|apply|create|delete|label|patch|scale|set) /;

/** The commands that change something, without those that wait for a name from the reader. */
export const mutations = (findings: readonly ReportedFinding[]): ReadonlyMap<string, readonly string[]> => {
  const codes = new Map<string, string[]>();
  for (const { code, remedy } of findings) {
    for (const command of remedy?.commands ?? []) {
      if (!mutation.test(command) || /<[a-z][a-z -]*>/.test(command)) continue;
      codes.set(command, [...(codes.get(command) ?? []), code]);
    }
  }
  return codes;
};

/** Runs a command as a person would who followed the remedy; `ca.pem` is there, which some of them read. */
export const runInShell = (
  { network, kubeconfigPath, ca }: Pick<ControlPlane, 'network' | 'kubeconfigPath' | 'ca'>,
  command: string,
): Promise<Ran> => {
  writeFileSync(join(network.folder, 'ca.pem'), ca);
  return run('sh', ['-c', command], {
    home: network.folder,
    kubeconfigPath,
    path: `${dirname(binaryPath('kubectl'))}:`,
  });
};

/** One after the other: kubectl asks for the discovery documents once, and then has them in its cache. */
export const dryRunRemedies = async (
  controlPlane: ControlPlane,
  findings: readonly ReportedFinding[],
): Promise<readonly DryRun[]> => {
  const dryRuns: DryRun[] = [];
  for (const [command, codes] of mutations(findings)) {
    const ran = await runInShell(controlPlane, `${command} --dry-run=server`);
    dryRuns.push({ ...ran, codes: [...new Set(codes)], command });
  }
  return dryRuns;
};
