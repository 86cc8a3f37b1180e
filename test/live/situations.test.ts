import { beforeAll, describe, expect, it } from 'vitest';
import { buildServers, type KubeVersion, kubeVersions } from '../lab/build.ts';
import { deleteStaleNetworkNamespaces } from '../lab/network-namespace.ts';
import { compareCertificates, ownWords } from '../lab/certificate-comparison.ts';
import { compareFindings, compareStatus, strayFindings } from '../lab/report-comparison.ts';
import { checks } from '../../src/checks/index.ts';
import { LAB_PASSWORD } from '../lab/situation-objects.ts';
import type { Situation } from '../lab/situation.ts';
import { type DoctorReport, type RoundOutcome, roundsOf, runLane } from './situation-lane.ts';

const checked = new Set<string>(checks.map(({ code }) => code));

/** A situation of a finding that no check makes yet: it stands beside the others, but is not judged. */
const awaitsCheck = ({ expect: { findings } }: Situation): boolean => findings.some(({ code }) => !checked.has(code));

const lanes = new Map<KubeVersion, readonly (RoundOutcome | Error)[]>();

beforeAll(async () => {
  deleteStaleNetworkNamespaces();
  await buildServers((line) => process.stderr.write(`${line}\n`));
  await Promise.all(kubeVersions.map(async (kube) => lanes.set(kube, await runLane(kube))));
});

const roundOf = (kube: KubeVersion, index: number): RoundOutcome => {
  const outcome = lanes.get(kube)?.[index];
  if (outcome === undefined) throw new Error(`round ${index + 1} of ${kube} did not run`);
  if (outcome instanceof Error) throw outcome;
  return outcome;
};

const crashes = ({ undetermined }: DoctorReport): readonly unknown[] =>
  undetermined.filter(({ state }) => state === 'crashed');

describe.each(kubeVersions)('Kubernetes %s', (kube) => {
  for (const [index, situations] of roundsOf(kube).entries()) {
    for (const situation of situations) {
      it.skipIf(awaitsCheck(situation))(`${situation.name}: ${situation.title}`, () => {
        const round = roundOf(kube, index);
        expect(round.unmet.get(situation.name), 'the state that the situation awaits').toBeUndefined();
        const asCaller = round.asCaller.get(situation.name);
        const { findings } = (asCaller ?? round.doctor).document;
        expect([
          ...compareFindings(situation, findings),
          ...compareStatus(situation, round.status.document.items),
        ]).toEqual([]);
      });
    }

    it(`round ${index + 1}: the verdict on what is served has the API server's own words`, () => {
      const { status, cert } = roundOf(kube, index);
      const { items } = cert.document;
      expect(
        status.document.items.flatMap((item) =>
          compareCertificates(
            item,
            items.find(({ apiService }) => apiService === item.name),
          ),
        ),
      ).toEqual([]);
      const compared = status.document.items.filter(
        (item) =>
          ownWords(item) !== null &&
          items.some(
            ({ apiService, endpoints }) =>
              apiService === item.name && endpoints.some(({ source }) => source === 'port-forward'),
          ),
      );
      process.stderr.write(`${kube} round ${index + 1}: ${compared.length} refusals compared word for word\n`);
    });

    it(`round ${index + 1}: nothing surplus, nothing crashed, the exit status follows`, () => {
      const { doctor, status, asCaller } = roundOf(kube, index);
      expect(strayFindings(situations, doctor.document.findings)).toEqual([]);
      expect(doctor.exitStatus, doctor.stderr).toBe(doctor.document.summary.errors > 0 ? 1 : 0);
      expect(status.exitStatus, status.stderr).toBe(
        status.document.items.some(({ verdict }) => verdict === 'broken') ? 1 : 0,
      );
      for (const { document } of [doctor, ...asCaller.values()]) {
        expect(crashes(document)).toEqual([]);
        expect(JSON.stringify(document)).not.toContain(LAB_PASSWORD);
      }
    });
  }
});
