import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { binaryPath, buildServers, kubeVersions } from '../lab/build.ts';
import { startControlPlane } from '../lab/control-plane.ts';
import { deploySituations } from '../lab/deploy.ts';
import { readSituation } from '../lab/situation.ts';
import { until } from '../lab/until.ts';
import { runTool } from './run-tool.ts';
import type { DoctorReport } from './situation-lane.ts';

const SITUATION = 'tls-verification-needless';

beforeAll(() => buildServers((line) => process.stderr.write(`${line}\n`)));

it.each(kubeVersions)('Kubernetes %s takes the patch of AA104, and is healthy after it', async (kube) => {
  const situation = readSituation(SITUATION, kube);
  if (situation === undefined) throw new Error(`no situation ${SITUATION} on ${kube}`);
  const controlPlane = await startControlPlane(kube);
  try {
    expect(await deploySituations(controlPlane, [situation], () => undefined)).toEqual(new Map());
    const doctor = () => runTool<DoctorReport>(controlPlane, ['doctor'], controlPlane.kubeconfigPath);
    const [finding, ...more] = (await doctor()).document.findings;
    expect(more).toEqual([]);
    expect(finding?.code).toBe('AA104');
    const [patch = ''] = finding?.remedy?.commands ?? [];
    const run = (command: string): string =>
      execFileSync('sh', ['-c', command], {
        encoding: 'utf8',
        env: {
          PATH: `${dirname(binaryPath('kubectl'))}:${process.env['PATH']}`,
          // Of kubectl's cache.
          HOME: controlPlane.network.folder,
          KUBECONFIG: controlPlane.kubeconfigPath,
        },
      });
    expect(run(`${patch} --dry-run=server`)).toContain('patched');
    expect(run(patch)).toContain('patched');
    await until('a healthy report', 60_000, async () => {
      const { findings } = (await doctor()).document;
      return findings.length === 0 ? undefined : findings.map(({ code }) => code).join(' ');
    });
  } finally {
    await controlPlane.stop();
  }
});
