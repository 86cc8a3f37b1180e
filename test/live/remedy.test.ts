import { beforeAll, expect, it } from 'vitest';

import { buildServers } from '../lab/build.ts';
import { startControlPlane } from '../lab/control-plane.ts';
import { deploySituations } from '../lab/deploy.ts';
import { shareOf } from '../lab/report-comparison.ts';
import { planRounds } from '../lab/rounds.ts';
import { readSituation } from '../lab/situation.ts';
import { until } from '../lab/until.ts';
import { mutations, runInShell } from './remedies.ts';
import { runTool } from './run-tool.ts';
import { type DoctorReport, versionsRun } from './situation-lane.ts';

/**
 * Those whose remedies are commands that a person can run as they are. The others wait for a certificate or for a Pod that only
 * its owner can make, and are tried by dry run in situations.test.ts.
 */
const mendable = [
  'auth-delegator-missing',
  'automanaged-label-misused',
  'custom-port-missing',
  'group-outranks-built-in',
  'group-priority-inconsistent',
  'network-policy-blocks',
  'registration-obsolete',
  'registration-orphaned',
  'resource-name-shadowed',
  'single-replica',
  'target-port-name-mismatch',
  'target-port-number-mismatch',
  'tls-verification-needless',
  'version-order-unusual',
];

// Backends are asked again after up to half a minute, and after failures less often.
const MENDED_WITHIN_MS = 150_000;

beforeAll(() => buildServers((line) => process.stderr.write(`${line}\n`)));

it.each(versionsRun)('Kubernetes %s takes the remedies that are printed, and is healthy after them', async (kube) => {
  const [situations = [], ...more] = planRounds(mendable.flatMap((name) => readSituation(name, kube) ?? []));
  expect(more).toEqual([]);
  expect(situations).toHaveLength(mendable.length);
  const controlPlane = await startControlPlane(kube);
  try {
    expect(await deploySituations(controlPlane, situations, () => undefined)).toEqual(new Map());
    const findings = async () =>
      (await runTool<DoctorReport>(controlPlane, ['doctor'], controlPlane.kubeconfigPath)).document.findings;
    const before = await findings();
    const commands = mutations(before.filter(({ consequenceOf }) => consequenceOf === null));
    for (const situation of situations) {
      const own = [...mutations(shareOf(situation, before)).keys()];
      expect(own.length, situation.name).toBeGreaterThan(0);
    }
    for (const [command, codes] of commands) {
      const { exitStatus, stderr } = await runInShell(controlPlane, command);
      expect(exitStatus, `${codes.join(' ')}: ${command}: ${stderr}`).toBe(0);
    }
    await until(
      'a healthy report',
      MENDED_WITHIN_MS,
      async () => {
        const tried = new Set([...commands.values()].flat());
        // Two groups that were given the priority of ordinary ones share it, which is for information (AA511).
        const left = (await findings()).filter(({ code, severity }) => severity !== 'info' || tried.has(code));
        return left.length === 0 ? undefined : left.map(({ code, subject }) => `${code} ${subject.name}`).join(', ');
      },
      2000,
    );
    process.stderr.write(
      `${kube}: ${commands.size} commands of ${[...new Set([...commands.values()].flat())].toSorted().join(' ')} mended ${situations.length} situations\n`,
    );
  } finally {
    await controlPlane.stop();
  }
});
