import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  type AnyCheck,
  type Check,
  defineCheck,
  defineClusterCheck,
  type Draft,
} from '../../src/checks/define-check.ts';
import { checks } from '../../src/checks/index.ts';
import { type DoctorOptions, doctorReport } from '../../src/diagnosis/report.ts';
import type { FindingCode } from '../../src/model/catalogue.ts';
import type { ApiService, ClusterSnapshot } from '../../src/model/facts.ts';
import { type Finding, sameSubject } from '../../src/model/finding.ts';
import type { DoctorReport } from '../../src/model/report.ts';
import { arbitrarySnapshot } from '../arbitrary-snapshot.ts';
import { type CaseFacts, snapshotOf } from '../case-snapshot.ts';

const metrics = 'v1beta1.metrics.k8s.io';
const service = { namespace: 'kube-system', name: 'metrics-server', port: 443 };
const works = {
  status: 200,
  json: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'metrics.k8s.io/v1beta1',
    resources: [{ name: 'nodes' }],
  },
};
const missingEndpoints = {
  status: 'False',
  reason: 'MissingEndpoints',
  message: 'endpointslices for service/metrics-server in "kube-system" have no addresses with port name "https"',
  since: null,
} as const;

const report = (given: CaseFacts, options: DoctorOptions = {}, which: readonly AnyCheck[] = checks): DoctorReport =>
  doctorReport(which, snapshotOf(given), options);

const brief = ({ code, severity, subject, consequenceOf }: Finding): unknown => ({
  code,
  severity,
  subject: subject.name,
  of: consequenceOf?.code ?? null,
});

const draft = (given: Partial<Draft> = {}): Draft => ({
  message: 'It fails.',
  evidence: [{ from: 'somewhere', value: 'something' }],
  remedy: { text: 'Mend it.', commands: [] },
  ...given,
});

/** A check that fails for every remote APIService as it is told. */
const failing = (
  code: FindingCode,
  given: (apiService: ApiService) => Partial<Draft> | null,
  more: Partial<Check> = {},
): AnyCheck =>
  defineCheck({
    code,
    title: 'It fails',
    source: 'a test',
    explanation: 'It fails.',
    byHand: [],
    remedy: 'Mend it.',
    needs: [],
    run: ({ apiService }) => {
      const change = given(apiService);
      return change && draft(change);
    },
    ...more,
  });

const named = (...names: readonly string[]): CaseFacts => ({ apiServices: names.map((name) => ({ name, service })) });

const authority = {
  subject: 'CN=front-proxy-ca',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2036-01-01T00:00:00Z',
  sha256: 'aa',
  subjectKeyId: null,
};
const noGroups = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items: [] };
const noLegacyGroups = { kind: 'APIGroupList', apiVersion: 'v1', groups: [] };

describe('a cause shared by several APIServices', () => {
  const names = Array.from({ length: 10 }, (_, index) => `v1.group-${index}.example.com`);
  const dead: CaseFacts = {
    apiServices: names.map((name, index) => ({
      name,
      service,
      availability: missingEndpoints,
      groupPriorityMinimum: 100 + index,
    })),
    discoveryDocuments: {
      legacy: { json: noLegacyGroups },
      aggregatedCore: { json: noGroups },
      aggregated: { json: noGroups },
    },
    openApi: {},
    backendDocuments: { 'kube-system/metrics-server:443': null },
    namespaces: { 'kube-system': {} },
    services: {
      'kube-system': [
        {
          name: 'metrics-server',
          selector: { app: 'gone' },
          ports: [{ name: 'https', port: 443, targetPort: 'https' }],
        },
      ],
    },
    endpointSlices: { 'kube-system': [] },
    pods: { 'kube-system': [] },
    answers: Object.fromEntries(names.map((name) => [name, { status: 503, text: 'service unavailable\n' }])),
    servedChains: Object.fromEntries(names.map((name) => [name, { endpoints: [] }])),
    terminatingNamespaces: [],
    autoscalers: [],
    clientCache: null,
    admissionWebhooks: [],
    customResourceConversions: [],
    networkPolicies: { 'kube-system': [] },
    disruptionBudgets: { 'kube-system': [] },
    authenticationConfiguration: { requestHeaderAuthorities: [authority] },
  };

  it('is one finding about the object to mend, with its consequences under it', () => {
    const { findings, summary } = report(dead);
    expect(findings.map(brief)).toEqual([
      { code: 'AA204', severity: 'error', subject: 'metrics-server', of: null },
      { code: 'AA203', severity: 'error', subject: 'metrics-server', of: 'AA204' },
      { code: 'AA703', severity: 'warning', subject: 'metrics-server', of: 'AA204' },
      { code: 'AA704', severity: 'warning', subject: 'metrics-server', of: 'AA204' },
      { code: 'AA705', severity: 'warning', subject: 'metrics-server', of: 'AA204' },
    ]);
    for (const { subject, affects } of findings) {
      expect(subject).toEqual({ kind: 'Service', namespace: 'kube-system', name: 'metrics-server' });
      expect(affects.slice(0, names.length)).toEqual(names.map((name) => ({ kind: 'APIService', name })));
    }
    // What a consequence itself breaks is named once, after them.
    expect(findings.map(({ affects }) => affects.slice(names.length).map(({ name }) => name))).toEqual([
      [],
      [],
      ['garbage-collector-controller', 'resourcequota-controller'],
      ['namespace-controller'],
      [],
    ]);
    expect(findings[1]?.consequenceOf?.subject).toEqual(findings[0]?.subject);
    expect(summary).toMatchObject({ apiServices: 10, remote: 10, errors: 2, warnings: 3, undetermined: 0 });
  });

  it('is a finding about the APIService where there is only one', () => {
    const { findings } = report(dead, { names: [names[3] ?? ''] });
    expect(findings.slice(0, 2).map(({ subject, affects }) => [subject, affects])).toEqual([
      [{ kind: 'APIService', name: names[3] }, []],
      [{ kind: 'APIService', name: names[3] }, []],
    ]);
  });

  it('leaves out APIServices whose own answer shows that they work', () => {
    const groupVersion = 'group-0.example.com/v1';
    const { findings } = report({
      ...dead,
      answers: { ...dead.answers, 'v1.group-0.example.com': { status: 200, json: { ...works.json, groupVersion } } },
    });
    const first = { kind: 'APIService', name: 'v1.group-0.example.com' };
    for (const { severity, subject, affects } of findings) {
      const concerned = sameSubject(subject, first) || affects.some((object) => sameSubject(object, first));
      if (concerned) expect(severity).toBe('warning');
    }
    expect(findings.filter(({ severity }) => severity === 'error').map(({ affects }) => affects.length)).toEqual([
      9, 9,
    ]);
  });

  it('does not lend its certainty to an APIService of which it is only likely', () => {
    const shared = { sharedCause: { kind: 'Service', namespace: 'a', name: 'b' } } as const;
    const check = failing('AA201', ({ name }) => ({
      ...shared,
      confidence: name === 'v1.b.example.com' ? 'likely' : 'certain',
    }));
    const { findings } = report(named('v1.a.example.com', 'v1.b.example.com', 'v1.c.example.com'), {}, [check]);
    expect(findings.map(({ subject, confidence, affects }) => [subject.name, confidence, affects.length])).toEqual([
      ['b', 'certain', 2],
      ['v1.b.example.com', 'likely', 0],
    ]);
  });
});

describe('severity', () => {
  const down = failing('AA201', () => ({}));

  it('is that of the catalogue', () => {
    expect(report(named(metrics), {}, [down]).findings[0]?.severity).toBe('error');
  });

  it.each<[string, NonNullable<CaseFacts['answers']>[string], string]>([
    ['succeeds', works, 'warning'],
    ['fails', { status: 500, text: 'boom' }, 'error'],
    ['is no valid document', { status: 200, text: 'ok' }, 'error'],
    ['may not be had', { missing: { state: 'forbidden', detail: 'no' } }, 'error'],
  ])('where the live answer %s', (_name, answer, severity) => {
    expect(report({ ...named(metrics), answers: { [metrics]: answer } }, {}, [down]).findings[0]?.severity).toBe(
      severity,
    );
  });

  it('stays info or warning whatever the answer', () => {
    const check = failing('AA104', () => ({}));
    expect(report({ ...named(metrics), answers: { [metrics]: works } }, {}, [check]).findings[0]?.severity).toBe(
      'warning',
    );
  });
});

describe('order', () => {
  it('has root causes first, worst and most certain first, and the widest of them first', () => {
    const shared = { sharedCause: { kind: 'Namespace', name: 'kube-system' } } as const;
    const which = [
      failing('AA203', () => ({}), { explainedBy: ['AA201'] }),
      failing('AA104', () => ({})),
      failing('AA604', () => ({ confidence: 'likely' })),
      failing('AA201', () => ({})),
      failing('AA105', () => shared),
    ];
    const { findings } = report(named('v1.a.example.com', 'v1.b.example.com'), {}, which);
    expect(findings.map(({ code, subject }) => `${code} ${subject.name}`)).toEqual([
      'AA105 kube-system',
      'AA201 v1.a.example.com',
      'AA201 v1.b.example.com',
      'AA604 v1.a.example.com',
      'AA604 v1.b.example.com',
      'AA104 v1.a.example.com',
      'AA104 v1.b.example.com',
      'AA203 v1.a.example.com',
      'AA203 v1.b.example.com',
    ]);
  });

  it('does not depend on the order of checks', () => {
    fc.assert(
      fc.property(
        arbitrarySnapshot,
        fc.shuffledSubarray([...checks], { minLength: checks.length }),
        (snapshot, shuffled) => {
          expect(doctorReport(shuffled, snapshot, {}).findings).toEqual(doctorReport(checks, snapshot, {}).findings);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('--only and --skip', () => {
  const which = [failing('AA201', () => ({})), failing('AA203', () => ({}), { explainedBy: ['AA201'] })];
  const two = named('v1.a.example.com', 'v1.b.example.com');

  it('make no consequence of what is left out', () => {
    expect(report(two, { only: ['AA203'] }, which).findings.map(brief)).toEqual([
      { code: 'AA203', severity: 'error', subject: 'v1.a.example.com', of: null },
      { code: 'AA203', severity: 'error', subject: 'v1.b.example.com', of: null },
    ]);
    expect(
      report(two, { skip: [{ code: 'AA201', name: null }] }, which).findings.map(({ consequenceOf }) => consequenceOf),
    ).toEqual([null, null]);
  });

  it.each<[string | null, number]>([
    [null, 2],
    ['v1.a.example.com', 1],
    ['*.example.com', 2],
    ['v1.a.*', 1],
    ['v1.?.example.com', 0],
    ['.*', 0],
    ['v1.a', 0],
    ['*', 2],
    ['V1.A.example.com', 0],
  ])('skips by name %s: %i', (name, skipped) => {
    const { summary, findings } = report(two, { skip: [{ code: 'AA201', name }] }, which);
    expect(summary.skipped).toBe(skipped);
    expect(findings.filter(({ code }) => code === 'AA201')).toHaveLength(2 - skipped);
  });

  it('do not list what was skipped as undetermined', () => {
    const needy = failing('AA201', () => ({}), { needs: ['service'] });
    expect(report(two, {}, [needy]).undetermined).toHaveLength(1);
    expect(report(two, { skip: [{ code: 'AA201', name: null }] }, [needy]).undetermined).toEqual([]);
  });
});

describe('a group that nothing registers', () => {
  const facts: CaseFacts = {
    apiServices: [{ name: 'v1.apps', labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }],
    autoscalers: [{ metrics: [{ group: 'metrics.k8s.io', name: 'cpu' }] }],
  };

  it('is found in the cluster, and not where one APIService is asked about', () => {
    expect(report(facts).findings.map(({ code }) => code)).toEqual(['AA115']);
    expect(report(facts, { names: ['v1.apps'] }).findings).toEqual([]);
  });
});

describe('what could not be checked', () => {
  const crash = failing('AA201', () => {
    throw new TypeError('cannot read\nthis');
  });

  it('a crash stays with its check', () => {
    const { findings, undetermined, summary } = report(named(metrics), {}, [crash, failing('AA203', () => ({}))]);
    expect(findings.map(({ code }) => code)).toEqual(['AA203']);
    expect(undetermined).toEqual([
      {
        code: 'AA201',
        subject: { kind: 'APIService', name: metrics },
        needs: 'check',
        state: 'crashed',
        detail: 'TypeError: cannot read this',
      },
    ]);
    expect(summary.undetermined).toBe(1);
  });

  it('a crash of a check of the whole cluster does too', () => {
    const check = defineClusterCheck({
      code: 'AA607',
      title: 'It fails',
      source: 'a test',
      explanation: 'It fails.',
      byHand: [],
      remedy: 'Mend it.',
      needs: [],
      run: () => {
        throw new Error('boom');
      },
    });
    expect(report(named(metrics), {}, [check]).undetermined).toEqual([
      {
        code: 'AA607',
        subject: { kind: 'Cluster', name: 'test' },
        needs: 'check',
        state: 'crashed',
        detail: 'Error: boom',
      },
    ]);
  });

  it('is one entry for each code and missing fact, about the cluster where several APIServices miss it', () => {
    const detail = 'list services in kube-system: forbidden';
    const facts: CaseFacts = {
      ...named('v1.a.example.com', 'v1.b.example.com'),
      services: { 'kube-system': { missing: { state: 'forbidden', detail } } },
    };
    const needy = failing('AA201', () => ({}), { needs: ['service'] });
    expect(report(facts, {}, [needy]).undetermined).toEqual([
      { code: 'AA201', subject: { kind: 'Cluster', name: 'test' }, needs: 'services', state: 'forbidden', detail },
    ]);
    expect(report(facts, { names: ['v1.a.example.com'] }, [needy]).undetermined).toMatchObject([
      { subject: { kind: 'APIService', name: 'v1.a.example.com' } },
    ]);
  });

  it('is not what is not applicable', () => {
    const { undetermined, summary } = report(
      {
        apiServices: [{ name: 'v1.apps', labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }],
        autoscalers: [],
        clientCache: null,
        discoveryDocuments: { legacy: { json: noLegacyGroups }, aggregated: { json: noGroups } },
      },
      { showPassed: true },
    );
    expect(undetermined).toEqual([]);
    expect(summary).toMatchObject({ apiServices: 1, remote: 0, errors: 0 });
    expect(summary.notApplicable + summary.passed).toBe(checks.length);
  });
});

describe('received text', () => {
  const hostile = `a\nb\tc\u0000d\u001b[31m\u202ee\u2066f\u0085g\ud800`;

  it('is one line without control characters in message and remedy', () => {
    const check = failing('AA201', () => ({
      message: `It says ${hostile}.`,
      remedy: { text: `Mend ${hostile}.`, commands: [`echo ${hostile}`] },
    }));
    const [finding] = report(named(metrics), {}, [check]).findings;
    const shown = 'a b c\\u0000d\\u001b[31m\\u202ee\\u2066f\\u0085g\ufffd';
    expect(finding?.message).toBe(`It says ${shown}.`);
    expect(finding?.remedy).toEqual({ text: `Mend ${shown}.`, commands: [`echo ${shown}`] });
  });

  it('is quoted to 1,024 characters, and says how much was left out', () => {
    const check = failing('AA201', () => ({
      message: 'x'.repeat(2000),
      evidence: [{ from: 'here', value: `${'y'.repeat(1024)}zz` }],
    }));
    const [finding] = report(named(metrics), {}, [check]).findings;
    expect(finding?.message).toBe(`${'x'.repeat(1024)}… (976 characters left out)`);
    expect(finding?.evidence).toEqual([{ from: 'here', value: `${'y'.repeat(1024)}… (2 characters left out)` }]);
  });

  it('is not cut within a pair of surrogates', () => {
    const check = failing('AA201', () => ({ evidence: [{ from: 'here', value: `${'y'.repeat(1023)}\u{1f600}` }] }));
    const [finding] = report(named(metrics), {}, [check]).findings;
    expect(finding?.evidence[0]?.value.isWellFormed()).toBe(true);
  });

  it('keeps every finding below 16 KiB apart from the lists that name objects', () => {
    const long = 'ü'.repeat(4096);
    const states = Array.from({ length: 20 }, (_, index) => ({
      from: `status.containerStatuses[c${index}].state.waiting`,
      value: `CrashLoopBackOff: ${long}`,
    }));
    const labels = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`label-${index}`, 'ü'.repeat(63)]));
    const { findings } = report({
      apiServices: [{ service, owner: long, availability: { ...missingEndpoints, message: long } }],
      services: {
        'kube-system': [
          { name: 'metrics-server', selector: labels, ports: [{ name: 'https', port: 443, targetPort: long }] },
        ],
      },
      pods: {
        'kube-system': Array.from({ length: 20 }, (_, index) => ({
          name: `metrics-server-${index}`,
          labels,
          ready: false,
          states,
        })),
      },
      endpointSlices: { 'kube-system': [] },
      answers: { [metrics]: { status: 503, text: `error trying to reach service: ${long}` } },
    });
    expect(findings.length).toBeGreaterThan(3);
    for (const { affects: _affects, ...finding } of findings) {
      expect(Buffer.byteLength(JSON.stringify(finding)), finding.code).toBeLessThanOrEqual(16 * 1024);
    }
  });
});

describe('every report', () => {
  const anyOptions: fc.Arbitrary<DoctorOptions> = fc.oneof(
    fc.constant({}),
    fc.record({
      only: fc.subarray(
        checks.map(({ code }) => code),
        { minLength: 1 },
      ),
    }),
    fc.record({
      skip: fc.array(
        fc.record({
          code: fc.constantFrom(...checks.map(({ code }) => code)),
          name: fc.constantFrom(null, '*', 'v1.sem.*', '*.example.com', 'backend'),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
    fc.record({ names: fc.constant(['v1.sem.example.com', 'v1.metrics.k8s.io', 'v1.apps']) }),
  );

  const always = (holds: (given: DoctorReport, snapshot: ClusterSnapshot, options: DoctorOptions) => void): void => {
    fc.assert(
      fc.property(arbitrarySnapshot, anyOptions, (snapshot, options) => {
        holds(doctorReport(checks, snapshot, options), snapshot, options);
      }),
      { numRuns: 500 },
    );
  };

  it('points with consequenceOf at a finding of its own', () => {
    always(({ findings }) => {
      for (const { consequenceOf } of findings) {
        if (consequenceOf === null) continue;
        expect(
          findings.filter(
            ({ code, subject }) => code === consequenceOf.code && sameSubject(subject, consequenceOf.subject),
          ),
        ).not.toEqual([]);
      }
    });
  });

  it('holds no two findings of the same code, subject and consequenceOf', () => {
    always(({ findings }) => {
      const keys = findings.map(({ code, subject, consequenceOf }) => JSON.stringify([code, subject, consequenceOf]));
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  it('lists root causes before consequences', () => {
    always(({ findings }) => {
      const consequences = findings.map(({ consequenceOf }) => consequenceOf !== null);
      expect(consequences).toEqual(consequences.toSorted((a, b) => Number(a) - Number(b)));
    });
  });

  it('counts what it lists', () => {
    always(({ findings, undetermined, summary }, snapshot) => {
      const count = (wanted: string): number => findings.filter(({ severity }) => severity === wanted).length;
      expect(summary).toMatchObject({
        errors: count('error'),
        warnings: count('warning'),
        infos: count('info'),
        undetermined: undetermined.length,
      });
      expect(summary.apiServices).toBe(
        snapshot.facts.apiServices.state === 'known' ? snapshot.facts.apiServices.value.length : 0,
      );
    });
  });

  it('makes only what --only names and nothing that --skip names whole', () => {
    always(({ findings, undetermined }, _snapshot, { only, skip }) => {
      for (const { code } of [...findings, ...undetermined]) {
        if (only) expect(only).toContain(code);
        expect(skip?.some((entry) => entry.code === code && (entry.name === null || entry.name === '*')) ?? false).toBe(
          false,
        );
      }
    });
  });

  it('has one line of message, evidence for all but infos, and at most one AA607', () => {
    always(({ findings, undetermined }) => {
      for (const { message, evidence, severity, remedy } of findings) {
        // eslint-disable-next-line no-control-regex -- exactly what must not be there
        expect(message).toMatch(/^[^\u0000-\u001f\u007f-\u009f]+\.$/);
        expect(remedy.text).toMatch(/\.$/);
        if (severity !== 'info') expect(evidence.length).toBeGreaterThan(0);
      }
      expect(findings.filter(({ code }) => code === 'AA607').length).toBeLessThan(2);
      expect(undetermined.filter(({ state }) => state === 'crashed')).toEqual([]);
      expect(
        new Set(undetermined.map((entry) => JSON.stringify([entry.code, entry.needs, entry.state, entry.detail]))).size,
      ).toBe(undetermined.length);
    });
  });
});
