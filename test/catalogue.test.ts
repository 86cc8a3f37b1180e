import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { familyOf } from '../scripts/check-family.ts';
import { currentFailure } from '../src/aggregation/health.ts';
import type { AnyCheck, BackendFactName, Check, RemoteApiService } from '../src/checks/define-check.ts';
import { checks } from '../src/checks/index.ts';
import { backendView, firstMissing } from '../src/diagnosis/backend-view.ts';
import { doctorReport } from '../src/diagnosis/report.ts';
import { runChecks } from '../src/diagnosis/run-checks.ts';
import { catalogue, type FindingCode, isFindingCode } from '../src/model/catalogue.ts';
import type { ApiService, ClusterSnapshot, FactName } from '../src/model/facts.ts';
import { caseFolders, casesIn, isFailing, type NamedCase } from './case-files.ts';
import { snapshotOf } from './case-snapshot.ts';

const source = join(import.meta.dirname, '../src/checks');
const findingsPage = join(import.meta.dirname, '../../shared/reference/findings.md');

const folderOf = (code: FindingCode): string => `${familyOf(code)}/${catalogue[code].name}`;
const casesOf = ({ code }: AnyCheck): readonly NamedCase[] => casesIn(folderOf(code));
const named = checks.map((check) => [`${check.code} ${catalogue[check.code].name}`, check] as const);

const apiServicesOf = ({ facts }: ClusterSnapshot): readonly ApiService[] =>
  facts.apiServices.state === 'known' ? facts.apiServices.value : [];

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the catalogue', () => {
  const entries = Object.entries(catalogue);

  it('names each finding once', () => {
    expect(new Set(entries.map(([, { name }]) => name)).size).toBe(entries.length);
  });

  it('leaves out the numbers that would be read as HTTP errors', () => {
    expect(entries.filter(([code]) => /^AA(?:40[0-4]|50[0-4])$/.test(code))).toEqual([]);
  });

  it.each(entries)('%s is a family, a number and half a sentence', (code, { name, severities, situation }) => {
    expect(code).toMatch(/^AA[1-8]\d\d$/);
    expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(situation).not.toMatch(/^$|\.$/);
    expect(new Set(severities).size).toBe(severities.length);
  });

  it.skipIf(!existsSync(findingsPage))('says what findings.md says of what stands there, in the same order', () => {
    const rows = [...readFileSync(findingsPage, 'utf8').matchAll(/^\| (AA\d{3}) \| ([a-z-]+) \| ([a-z/]+) \|/gm)];
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.map(([, code, name, severities]) => ({ code, name, severities: severities?.split('/') }))).toEqual(
      entries
        .filter(([code]) => rows.some(([, known]) => known === code))
        .map(([code, { name, severities }]) => ({ code, name, severities: [...severities] })),
    );
  });
});

describe('the checks', () => {
  it('have a code each', () => {
    expect(new Set(checks.map(({ code }) => code)).size).toBe(checks.length);
    expect(checks.filter(({ code }) => !isFindingCode(code))).toEqual([]);
  });

  it('stand in the folder of their family, in a file with the name of their finding', async () => {
    const files = readdirSync(source, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((family) => readdirSync(join(source, family.name)).map((file) => `${family.name}/${file}`));
    const found = await Promise.all(
      files.map(async (file) => {
        const { default: check } = (await import(join(source, file))) as { readonly default: AnyCheck };
        expect(checks, file).toContain(check);
        return [`${folderOf(check.code)}.ts`, file];
      }),
    );
    expect(found.length).toBe(checks.length);
    for (const [expected, file] of found) expect(file).toBe(expected);
  });

  it('have one folder of cases each, and no folder is left over', () => {
    expect(caseFolders().toSorted()).toEqual(checks.map(({ code }) => folderOf(code)).toSorted());
  });

  it('are not explained by each other in a circle', () => {
    const reaches = (from: FindingCode, path: readonly FindingCode[]): void => {
      expect(path, [...path, from].join(' is explained by ')).not.toContain(from);
      for (const code of checks.find((check) => check.code === from)?.explainedBy ?? []) reaches(code, [...path, from]);
    };
    for (const { code } of checks) reaches(code, []);
  });
});

describe.each(named)('%s', (_name, check) => {
  it('is documented', () => {
    const { title, source: where, explanation, byHand, remedy, explainedBy = [] } = check;
    expect(title).toMatch(/^\S.*[^.]$/);
    expect(where).toMatch(/\S/);
    expect(explanation).toMatch(/^\S.*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
    expect(byHand.length).toBeGreaterThan(0);
    expect(explainedBy.filter((code) => !isFindingCode(code) || code === check.code)).toEqual([]);
    expect(new Set(explainedBy).size).toBe(explainedBy.length);
  });

  it('has a failing, a passing and a not applicable case, named by their first word', () => {
    const cases = casesOf(check);
    expect(cases.some(isFailing)).toBe(true);
    expect(cases.some(({ expect: expected }) => expected === 'passed')).toBe(true);
    if (check.scope === 'APIService')
      expect(cases.some(({ expect: expected }) => expected === 'notApplicable')).toBe(true);
    for (const { file, expect: expected } of cases) {
      const firstWords =
        typeof expected === 'string'
          ? { passed: /^passes-/, notApplicable: /^not-applicable-/, undetermined: /^undetermined-/ }[expected]
          : /^(?:fails|is-likely|becomes)-/;
      expect(file).toMatch(firstWords);
      expect(file).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*\.yaml$/);
    }
  });

  it('says what fails in one sentence, with evidence and a remedy', () => {
    for (const { file, facts } of casesOf(check).filter(isFailing)) {
      for (const { message, evidence, remedy, severity } of doctorReport([check], snapshotOf(facts), {}).findings) {
        expect(message, file).toMatch(/^\S.*\.$/);
        expect(remedy.text, file).toMatch(/^[A-Z].*\.$/);
        expect(
          catalogue[check.code].severities.some((usual) => usual === severity) || severity === 'warning',
          file,
        ).toBe(true);
        expect(evidence.length, file).toBeGreaterThan(0);
        for (const { from, value } of evidence) {
          expect(from, file).toMatch(/\S/);
          expect(value, file).toMatch(/\S/);
        }
        for (const command of remedy.commands)
          expect(command, file).not.toMatch(/undefined|(?<!\/dev\/)null|\[object|<[a-z]+>/);
      }
    }
  });

  it('does not change what it is given', () => {
    for (const { file, facts } of casesOf(check)) {
      const outcomes = outcomesOf(check, snapshotOf(facts));
      expect(outcomesOf(check, deepFrozen(snapshotOf(facts))), file).toEqual(outcomes);
      expect(
        outcomes.filter(({ state }) => state === 'crashed'),
        file,
      ).toEqual([]);
    }
  });

  it('reads no clock', () => {
    const cases = casesOf(check);
    const before = cases.map(({ facts }) => outcomesOf(check, snapshotOf(facts)));
    for (const year of [1990, 2090]) {
      vi.useFakeTimers({ now: new Date(Date.UTC(year, 0, 1)) });
      vi.spyOn(Date, 'now').mockImplementation(() => {
        throw new Error('a check reads the clock');
      });
      expect(cases.map(({ facts }) => outcomesOf(check, snapshotOf(facts)))).toEqual(before);
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });

  it('is given the facts that it needs in a failing case, and reads every one that it declares', () => {
    const failing = casesOf(check).filter(isFailing);
    if (check.scope === 'Cluster') {
      expect(failing.length).toBeGreaterThan(0);
      return;
    }
    const given = ({ facts }: NamedCase): boolean =>
      check.needs.every((need) => factsOf(need).some((fact) => Object.hasOwn(facts, fact)));
    expect(failing.some(given)).toBe(true);
    const read = new Set(casesOf(check).flatMap(({ facts }) => [...factsRead(check, snapshotOf(facts))]));
    expect([...read].toSorted()).toEqual([...check.needs, ...(check.uses ?? [])].toSorted());
  });
});

const outcomesOf = (check: AnyCheck, snapshot: ClusterSnapshot) =>
  runChecks([check], snapshot, apiServicesOf(snapshot)).map(({ outcome }) => outcome);

const deepFrozen = <T>(value: T): T => {
  // Bytes cannot be frozen.
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const held of Object.values(value)) deepFrozen(held);
    Object.freeze(value);
  }
  return value;
};

/** The facts of a snapshot from which a backend fact is made. */
const factsOf = (name: BackendFactName): readonly FactName[] => {
  const sources: Readonly<Record<BackendFactName, readonly FactName[]>> = {
    serverVersion: ['serverVersion'],
    apiServices: ['apiServices'],
    namespace: ['namespaces'],
    service: ['services'],
    readyAddresses: ['endpointSlices', 'endpoints'],
    pods: ['pods'],
    answer: ['answers'],
    servedChains: ['servedChains'],
    aggregated: ['discoveryDocuments'],
    openApi: ['openApi'],
    openApiV2: ['openApiV2'],
    backendGroups: ['backendDocuments'],
    backendList: ['backendDocuments'],
    backends: ['backendDocuments'],
    customResources: ['customResourceNames', 'customResources'],
    servedResources: ['discoveryDocuments'],
    judgedChains: ['servedChains', 'secrets'],
    mountedChains: ['secrets'],
    serverClock: ['serverClock'],
    injectionSource: ['secrets', 'certificates', 'authorities'],
    injectorPods: ['injectors'],
    terminatingNamespaces: ['terminatingNamespaces'],
    autoscalers: ['autoscalers'],
    caller: ['caller'],
    authenticationConfiguration: ['authenticationConfiguration'],
    roleBindings: ['roleBindings'],
    roles: ['roles'],
    groupRoles: ['groupRoles'],
    admissionWebhooks: ['admissionWebhooks'],
    customResourceConversions: ['customResourceConversions'],
    networkPolicies: ['networkPolicies'],
    disruptionBudgets: ['disruptionBudgets'],
    workloads: ['workloads'],
    events: ['events'],
    logFindings: ['logs'],
    systemWorkloads: ['workloads'],
    nodes: ['nodes'],
    apiServerPods: ['apiServerPods'],
    resourceProbe: ['resourceProbes'],
    samples: ['samples'],
    completeSamples: ['samples'],
  };
  return sources[name];
};

const isRemote = (apiService: ApiService): apiService is RemoteApiService => apiService.service !== null;

/** Which of the backend facts the check's `run` looks at. */
const factsRead = (check: Check, { facts, capturedAt }: ClusterSnapshot): ReadonlySet<string> => {
  const read = new Set<string>();
  const recorded = <T extends object>(values: T): T =>
    new Proxy(values, {
      get: (target, name, receiver): unknown => {
        if (typeof name === 'string' && Object.hasOwn(target, name)) read.add(name);
        return Reflect.get(target, name, receiver);
      },
    });
  for (const apiService of facts.apiServices.state === 'known' ? facts.apiServices.value.filter(isRemote) : []) {
    const view = backendView(facts, apiService, new Date(capturedAt));
    if (firstMissing(view, check.needs)) continue;
    const values = Object.fromEntries(
      check.needs.map((need) => {
        const { fact } = view[need];
        return [need, fact.state === 'known' ? fact.value : null];
      }),
    );
    const used = recorded(Object.fromEntries((check.uses ?? []).map((use) => [use, view[use].fact])));
    const current = currentFailure(apiService, view.answer.fact);
    check.run(
      recorded({ apiService, current, ...values, used }) as unknown as Parameters<Check['run']>[0],
      new Date(capturedAt),
    );
  }
  return new Set([...read].filter((name) => !['apiService', 'current', 'used'].includes(name)));
};
