import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { answerReading, currentFailure, liveVerdict, verdictOf } from '../../src/aggregation/health.ts';
import { checks } from '../../src/checks/index.ts';
import { doctorReport } from '../../src/diagnosis/report.ts';
import { statusList } from '../../src/diagnosis/status-list.ts';
import type { Answer, ApiService, ClusterSnapshot, Fact } from '../../src/model/facts.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Verdict } from '../../src/model/report.ts';
import { type AnswerKind, answersOf, arbitrarySnapshot, falseWords } from '../arbitrary-snapshot.ts';
import { snapshotOf } from '../case-snapshot.ts';

type ConditionKind = 'True' | 'False' | 'Unknown' | 'none';

const refused =
  'failing or missing response from https://10.96.0.20:443/apis/sem.example.com/v1: Get "https://10.96.0.20:443/apis/sem.example.com/v1": EOF';

const conditions: Readonly<Record<ConditionKind, ApiService['availability']>> = {
  True: { status: 'True', reason: 'Passed', message: 'all checks passed', since: null },
  False: { status: 'False', reason: 'FailedDiscoveryCheck', message: refused, since: null },
  Unknown: {
    status: 'Unknown',
    reason: 'ServiceAccessError',
    message: 'service/backend in "sem" cannot be checked due to: boom',
    since: null,
  },
  none: null,
};

const pairOf = (
  condition: ConditionKind,
  answer: NonNullable<Parameters<typeof snapshotOf>[0]['answers']>[string] | undefined,
  group = 'sem.example.com',
) => {
  const name = `v1.${group}`;
  const { facts } = snapshotOf({
    apiServices: [
      { name, service: { namespace: 'sem', name: 'backend', port: 443 }, availability: conditions[condition] },
    ],
    answers: answer === undefined ? {} : { [name]: answer },
  });
  if (facts.apiServices.state !== 'known' || !facts.apiServices.value[0])
    throw new Error('the case has one APIService');
  return { apiService: facts.apiServices.value[0], answer: facts.answers[name] };
};

describe('the verdict on condition and answer', () => {
  const table: Readonly<
    Record<AnswerKind | 'notAsked', readonly [True: Verdict, False: Verdict, Unknown: Verdict, none: Verdict]>
  > = {
    works: ['ok', 'degraded', 'degraded', 'degraded'],
    slow: ['degraded', 'degraded', 'degraded', 'degraded'],
    emptyList: ['degraded', 'degraded', 'degraded', 'degraded'],
    invalid: ['broken', 'broken', 'broken', 'broken'],
    fails: ['broken', 'broken', 'broken', 'broken'],
    refused: ['broken', 'broken', 'broken', 'broken'],
    // kube-apiserver's own start tells nothing of the backend: the condition speaks.
    starting: ['unknown', 'broken', 'broken', 'unknown'],
    missing: ['unknown', 'broken', 'broken', 'unknown'],
    notAsked: ['unknown', 'broken', 'broken', 'unknown'],
  };
  const rows = Object.entries(table).flatMap(([kind, verdicts]) =>
    (['True', 'False', 'Unknown', 'none'] as const).map(
      (condition, index) => [condition, kind as keyof typeof table, verdicts[index]] as const,
    ),
  );

  it.each(rows)('condition %s, answer %s: %s', (condition, kind, verdict) => {
    const answers = kind === 'notAsked' ? [undefined] : answersOf('sem.example.com')[kind];
    expect(answers.length).toBeGreaterThan(0);
    for (const given of answers) {
      const { apiService, answer } = pairOf(condition, given);
      expect(verdictOf(apiService, answer), JSON.stringify(given)).toBe(verdict);
    }
  });

  it('may be ok with an empty list of external metrics', () => {
    for (const given of answersOf('external.metrics.k8s.io').emptyList) {
      const { apiService, answer } = pairOf(
        'True',
        { latencyMs: 12, ...given, ...('missing' in given ? {} : { latencyMs: 12 }) },
        'external.metrics.k8s.io',
      );
      expect(verdictOf(apiService, answer)).toBe('ok');
    }
  });

  it.each([
    ['True', 'ok'],
    ['False', 'broken'],
    ['none', 'unknown'],
  ] as const)('of a local APIService is the condition alone: %s', (condition, verdict) => {
    const { apiService } = pairOf(condition, undefined);
    expect(verdictOf({ ...apiService, service: null }, undefined)).toBe(verdict);
  });
});

describe('what fails now', () => {
  it.each<[ConditionKind, AnswerKind, 'answer' | 'condition' | null]>([
    ['True', 'works', null],
    ['False', 'works', null],
    ['False', 'invalid', null],
    ['True', 'refused', null],
    ['none', 'refused', null],
    ['False', 'refused', 'condition'],
    ['False', 'starting', 'condition'],
    ['True', 'starting', null],
    ['False', 'missing', 'condition'],
    ['True', 'fails', 'answer'],
    ['False', 'fails', 'answer'],
    ['none', 'fails', 'answer'],
  ])('condition %s, answer %s: by the word of %s', (condition, kind, from) => {
    for (const given of answersOf('sem.example.com')[kind]) {
      const { apiService, answer } = pairOf(condition, given);
      expect(currentFailure(apiService, answer)?.from ?? null, JSON.stringify(given)).toBe(from);
    }
  });

  it('names a code with every broken answer but the refusal to dial, which names none', () => {
    const codes = (kind: AnswerKind): readonly (string | null)[] =>
      answersOf('sem.example.com')[kind].map((given) => {
        const { apiService, answer } = pairOf('True', given);
        return answer?.state === 'known' ? liveVerdict(apiService, answer.value).code : null;
      });
    expect(codes('fails')).not.toContain(null);
    expect(codes('invalid')).not.toContain(null);
    expect(new Set(codes('refused'))).toEqual(new Set([null]));
    expect(new Set([...codes('works'), ...codes('starting')])).toEqual(new Set([null]));
  });

  it.each(falseWords)('gives an error on the condition alone: %s, %s: %s', (status, reason, message) => {
    const snapshot = snapshotOf({
      apiServices: [
        {
          service: { namespace: 'sem', name: 'backend', port: 443 },
          availability: { status, reason, message, since: null },
        },
      ],
    });
    const { findings } = doctorReport(checks, snapshot, {});
    const words = {
      from: 'APIService v1beta1.metrics.k8s.io status.conditions[Available]',
      value: `${status}, ${reason}: ${message}`,
    };
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.length).toBeGreaterThan(0);
    for (const { evidence } of errors) expect(evidence).toContainEqual(words);
  });
});

const badness: Readonly<Record<Verdict, number>> = { ok: 0, unknown: 1, degraded: 2, broken: 3 };

const remotesOf = ({ facts }: ClusterSnapshot): readonly ApiService[] =>
  facts.apiServices.state === 'known' ? facts.apiServices.value.filter(({ service }) => service !== null) : [];

const concerns = ({ subject, affects }: Finding, { name }: ApiService): boolean =>
  [subject, ...affects].some((object) => object.kind === 'APIService' && object.name === name);

const verdicts = (snapshot: ClusterSnapshot): ReadonlyMap<string, Verdict> =>
  new Map(statusList(snapshot, () => true).items.map(({ name, verdict }) => [name, verdict]));

/** Whether the condition or the answer shows that requests fail. */
const showsFailure = (apiService: ApiService, answer: Fact<Answer> | undefined): boolean => {
  const outcome = answerReading(apiService, answer)?.outcome ?? 'starting';
  if (outcome === 'starting') return apiService.availability !== null && apiService.availability.status !== 'True';
  return outcome !== 'works';
};

/** Created two seconds before, not yet judged and so refused: nothing is wrong yet that doctor could name. */
const isJustCreated = ({ availability, createdAt }: ApiService): boolean =>
  availability === null && createdAt === '2026-11-21T09:59:58Z';

const RUNS = { numRuns: 1000 };

describe('status and doctor on one snapshot', () => {
  it('status is never better than the live answer or the condition allows', () => {
    fc.assert(
      fc.property(arbitrarySnapshot, (snapshot) => {
        const list = statusList(snapshot, () => true);
        for (const { verdict, live, available, service } of list.items) {
          if (service === null) continue;
          if (live) expect(badness[verdict]).toBeGreaterThanOrEqual(badness[live.verdict]);
          else expect(['unknown', 'broken']).toContain(verdict);
          if (available?.status !== 'True') expect(verdict).not.toBe('ok');
          if (available && available.status !== 'True' && (live === null || live.verdict === 'unknown'))
            expect(verdict).toBe('broken');
        }
      }),
      RUNS,
    );
  });

  it('an error of doctor that condition or answer shows is broken in status, and no error is ok', () => {
    fc.assert(
      fc.property(arbitrarySnapshot, (snapshot) => {
        const { findings } = doctorReport(checks, snapshot, {});
        const status = verdicts(snapshot);
        for (const apiService of remotesOf(snapshot)) {
          const errors = findings.filter((finding) => finding.severity === 'error' && concerns(finding, apiService));
          if (errors.length === 0) continue;
          expect(status.get(apiService.name), JSON.stringify(errors)).not.toBe('ok');
          expect(status.get(apiService.name), JSON.stringify(errors)).not.toBe('degraded');
          if (showsFailure(apiService, snapshot.facts.answers[apiService.name]))
            expect(status.get(apiService.name)).toBe('broken');
        }
      }),
      RUNS,
    );
  });

  it('what is broken in status has an error in doctor', () => {
    fc.assert(
      fc.property(arbitrarySnapshot, (snapshot) => {
        const { findings } = doctorReport(checks, snapshot, {});
        const status = verdicts(snapshot);
        for (const apiService of remotesOf(snapshot)) {
          if (status.get(apiService.name) !== 'broken' || isJustCreated(apiService)) continue;
          const errors = findings.filter((finding) => finding.severity === 'error' && concerns(finding, apiService));
          expect(
            errors.length,
            JSON.stringify([apiService, snapshot.facts.answers[apiService.name], snapshot.facts.services]),
          ).toBeGreaterThan(0);
        }
      }),
      RUNS,
    );
  });
});
