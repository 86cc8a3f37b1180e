import { beforeAll, describe, expect, it } from 'vitest';
import { buildServers, type KubeVersion } from '../lab/build.ts';
import { deleteStaleNetworkNamespaces } from '../lab/network-namespace.ts';
import { compareCertificates, ownWords } from '../lab/certificate-comparison.ts';
import { compareFindings, compareStatus, type ReportedFinding, strayFindings } from '../lab/report-comparison.ts';
import { checks } from '../../src/checks/index.ts';
import { LAB_PASSWORD } from '../lab/situation-objects.ts';
import type { Situation } from '../lab/situation.ts';
import { covers, isReadOnly, type Rule } from './audit-log.ts';
import { codeTable, contradictions, explainedIn, notProduced, producedBy, tableText } from './code-table.ts';
import type { ReaderOutcome } from './reader.ts';
import { type DoctorReport, isWhole, type RoundOutcome, roundsOf, runLane, versionsRun } from './situation-lane.ts';

const checked = new Set<string>(checks.map(({ code }) => code));

/** A situation of a finding that no check makes yet: it stands beside the others, but is not judged. */
const awaitsCheck = ({ expect: { findings } }: Situation): boolean => findings.some(({ code }) => !checked.has(code));

const lanes = new Map<KubeVersion, readonly (RoundOutcome | Error)[]>();

beforeAll(async () => {
  deleteStaleNetworkNamespaces();
  await buildServers((line) => process.stderr.write(`${line}\n`));
  await Promise.all(versionsRun.map(async (kube) => lanes.set(kube, await runLane(kube))));
});

const roundOf = (kube: KubeVersion, index: number): RoundOutcome => {
  const outcome = lanes.get(kube)?.[index];
  if (outcome === undefined) throw new Error(`round ${index + 1} of ${kube} did not run`);
  if (outcome instanceof Error) throw outcome;
  return outcome;
};

const crashes = ({ undetermined }: DoctorReport): readonly unknown[] =>
  undetermined.filter(({ state }) => state === 'crashed');

describe.each(versionsRun)('Kubernetes %s', (kube) => {
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

    it(`round ${index + 1}: the tool asked for nothing but what it may ask for`, () => {
      const { requests } = roundOf(kube, index);
      expect(requests.length).toBeGreaterThan(5);
      expect(requests.filter((request) => !isReadOnly(request))).toEqual([]);
    });

    it(`round ${index + 1}: the commands of remedies are accepted`, () => {
      const { dryRuns } = roundOf(kube, index);
      expect(
        dryRuns.flatMap(({ exitStatus, codes, command, stderr }) =>
          exitStatus === 0 ? [] : [`${codes.join(' ')}: ${command}: ${stderr}`],
        ),
      ).toEqual([]);
      process.stderr.write(
        `${kube} round ${index + 1}: ${dryRuns.length} commands of ${new Set(dryRuns.flatMap(({ codes }) => codes)).size} codes accepted\n`,
      );
    });

    it(`round ${index + 1}: what servers write is explained`, () => {
      const { explained } = roundOf(kube, index);
      for (const { from, code, words, explainedAs } of explained) expect(explainedAs, `${from}: ${words}`).toBe(code);
    });

    // The reader looks at the round with the most in it.
    if (situations.every(({ name }) => name !== 'healthy')) continue;
    describe('with the generated ClusterRole alone', () => {
      const reader = (): ReaderOutcome => {
        const { asReader } = roundOf(kube, index);
        if (asReader === undefined) throw new Error('no reader ran');
        return asReader;
      };

      it('nothing is missing, forbidden or otherwise unknown', () => {
        const { permissions, doctor, others } = reader();
        expect(
          permissions.document.permissions.filter(({ allowed, optional }) => optional === null && allowed !== true),
        ).toEqual([]);
        expect(permissions.exitStatus).toBe(0);
        const { findings, undetermined } = doctor.document;
        expect(undetermined.filter(({ state }) => state === 'forbidden')).toEqual([]);
        expect(findings.filter(({ code }) => code === 'AA607')).toEqual([]);
        for (const [command, { exitStatus, stderr }] of others) {
          expect([0, 1], `${command}: ${stderr}`).toContain(exitStatus);
          expect(stderr, command).not.toMatch(/forbidden/i);
        }
      });

      it('the administrator sees no more', () => {
        const { doctor } = roundOf(kube, index);
        const text = ({ code, subject, consequenceOf }: ReportedFinding): string =>
          `${code} on ${subject.kind} ${subject.namespace ?? ''}/${subject.name} ${consequenceOf?.code ?? ''}`;
        // What hinders the deletion of a namespace changes from one try of its controller to the next.
        const lasting = ({ code }: ReportedFinding): boolean => code !== 'AA701';
        const byReader = reader().doctor.document.findings;
        const seen = new Set(byReader.map(text));
        expect(
          doctor.document.findings
            .filter(lasting)
            .map(text)
            .filter((each) => !seen.has(each)),
        ).toEqual([]);
        // A backend need not ask whether a member of system:masters is allowed: what fails for all others does not for him.
        const byAdministrator = new Set(doctor.document.findings.map(text));
        expect(
          byReader.filter((finding) => finding.consequenceOf === null && !byAdministrator.has(text(finding))),
        ).toEqual([]);
      });

      it('no request was refused', () => {
        const { user, rules, portForwardVerbs } = reader();
        const requests = roundOf(kube, index).requests.filter((request) => request.user === user);
        expect(requests.filter(({ allowed }) => !allowed)).toEqual([]);
        process.stderr.write(
          `${kube}: ${requests.length} different requests of the reader, ${rules.length} rules; no port-forward without ${portForwardVerbs.join(', without ') || 'one verb or the other'}\n`,
        );
      });
    });
  }
});

describe.runIf(isWhole)('the catalogue on real control planes', () => {
  it('names no code as explain only that a check makes', () => {
    expect(Object.keys(notProduced.explainOnly).filter((code) => checked.has(code))).toEqual([]);
  });

  it('has no rule in the ClusterRole that no version asks for', () => {
    const outcomes = [...lanes.values()].flat().flatMap((outcome) => (outcome instanceof Error ? [] : [outcome]));
    const readers = outcomes.flatMap(({ asReader, requests }) => (asReader ? [{ ...asReader, requests }] : []));
    expect(readers).toHaveLength(versionsRun.length);
    const isAsked = (rule: Rule): boolean =>
      readers.some(
        ({ user, requests, portForwardVerbs }) =>
          requests.some((request) => request.user === user && covers(rule, request)) ||
          (rule.resource === 'pods/portforward' && portForwardVerbs.includes(rule.verb)),
      );
    // A group that does not answer names no resource to list; those that do are asked.
    const isProbe = ({ resource }: Rule): boolean => resource === '*';
    expect(readers.flatMap(({ rules }) => rules.filter((rule) => !isProbe(rule) && !isAsked(rule)))).toEqual([]);
    for (const { rules } of readers)
      expect(rules.find((rule) => isProbe(rule) && rule.group === 'healthy.example.com')).toSatisfy(isAsked);
  });

  it('has a situation or a reason for each code on each version', () => {
    const rows = codeTable(
      new Map(
        versionsRun.map((kube) => {
          const rounds = (lanes.get(kube) ?? []).flatMap((outcome) => (outcome instanceof Error ? [] : [outcome]));
          return [kube, { produced: producedBy(rounds), explained: explainedIn(rounds) }];
        }),
      ),
    );
    process.stderr.write(`\n${tableText(rows)}\n\n`);
    expect(contradictions(rows)).toEqual([]);
  });
});
