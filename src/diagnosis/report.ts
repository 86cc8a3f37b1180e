import { answerReading } from '../aggregation/health.ts';
import type { AnyCheck, Draft } from '../checks/define-check.ts';
import { catalogue, type FindingCode, type Severity } from '../model/catalogue.ts';
import type { ApiService, ClusterSnapshot, Facts } from '../model/facts.ts';
import { allConsequencesOf, type Finding, sameSubject, type Subject, subjectText } from '../model/finding.ts';
import type { DoctorReport, PassedCheck, Undetermined } from '../model/report.ts';
import { compareText } from '../model/wording.ts';
import { clusterSummary, knownApiServices } from './cluster-summary.ts';
import { oneLine, quoteEvidence, quoteLine } from './received-text.ts';
import { type CheckVerdict, runChecks } from './run-checks.ts';

export interface DoctorOptions {
  /** The APIServices to judge, by name; all where absent. */
  readonly names?: readonly string[];
  /** Makes only these findings. */
  readonly only?: readonly FindingCode[];
  /** Leaves findings out: by code, and by subject name where given (with `*` as wildcard). */
  readonly skip?: readonly { readonly code: FindingCode; readonly name: string | null }[];
  readonly showPassed?: boolean;
}

/** A failure before shared causes are made one. */
interface Failure {
  readonly check: AnyCheck;
  readonly draft: Draft;
  readonly subject: Subject;
  readonly severity: Severity;
}

const rank = { error: 0, warning: 1, info: 2, certain: 0, likely: 1, possible: 2 } as const;

/** A code listed as error is a warning where the API server's own answer shows that requests succeed now. */
const severityOf = ({ code }: AnyCheck, draft: Draft, apiService: ApiService | null, facts: Facts): Severity => {
  const severity = draft.severity ?? catalogue[code].severities[0];
  return severity === 'error' &&
    !draft.failsDespiteAnswer &&
    apiService &&
    answerReading(apiService, facts.answers[apiService.name])?.outcome === 'works'
    ? 'warning'
    : severity;
};

const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')}$`).test(name);

const isSkipped = (
  { check, subject }: Pick<Failure, 'check' | 'subject'>,
  skip: NonNullable<DoctorOptions['skip']>,
): boolean => skip.some(({ code, name }) => code === check.code && (name === null || matches(name, subject.name)));

const nameOf = (code: FindingCode, subject: Subject): string => `${code} ${subjectText(subject)}`;

const distinct = (subjects: readonly Subject[]): readonly Subject[] => [
  ...new Map(subjects.map((subject) => [subjectText(subject), subject])).values(),
];

/** The failure that explains another: same APIService, closest cause first. */
const explanations = (failures: readonly Failure[]): ((failure: Failure) => Failure | null) => {
  const firstOf = new Map(
    failures.toReversed().map((failure) => [nameOf(failure.check.code, failure.subject), failure]),
  );
  return ({ check, subject }) => {
    const cause = check.explainedBy?.find((code) => firstOf.has(nameOf(code, subject)));
    return (cause && firstOf.get(nameOf(cause, subject))) ?? null;
  };
};

/**
 * Names what becomes one finding: failures of one code with one shared cause that are as severe and as certain as the worst of
 * them. The others stand alone: a finding about the shared object must hold for every APIService that it names.
 */
const keysOf = (failures: readonly Failure[]): ((failure: Failure) => string) => {
  const weight = ({ severity, draft }: Failure): number => 10 * rank[severity] + rank[draft.confidence ?? 'certain'];
  const sharedKey = ({ check, draft }: Failure): string | null =>
    draft.sharedCause ? `${check.code} shared ${subjectText(draft.sharedCause)}` : null;
  const worst = new Map<string | null, number>();
  for (const failure of failures)
    worst.set(sharedKey(failure), Math.min(weight(failure), worst.get(sharedKey(failure)) ?? Infinity));
  return (failure) => {
    const key = sharedKey(failure);
    return key !== null && weight(failure) === worst.get(key) ? key : nameOf(failure.check.code, failure.subject);
  };
};

/** Failures of one code that one object causes in several APIServices become one finding, about that object. */
const mergeSharedCauses = (failures: readonly Failure[]): readonly Finding[] => {
  const causeOf = explanations(failures);
  const keyOf = keysOf(failures);
  const groupKey = (failure: Failure): string => {
    const cause = causeOf(failure);
    return `${keyOf(failure)} of ${cause ? keyOf(cause) : ''}`;
  };
  const groups = Map.groupBy(failures, groupKey);
  const subjectOf = (failure: Failure): Subject => {
    const group = groups.get(groupKey(failure)) ?? [];
    return group.length > 1 && failure.draft.sharedCause ? failure.draft.sharedCause : failure.subject;
  };
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { check, draft } = first;
    const cause = causeOf(first);
    return [
      {
        code: check.code,
        name: catalogue[check.code].name,
        severity: first.severity,
        subject: subjectOf(first),
        message: quoteLine(draft.message),
        evidence: quoteEvidence(draft.evidence),
        confidence: draft.confidence ?? 'certain',
        remedy: {
          text: quoteLine(draft.remedy.text),
          commands: [...new Set(group.flatMap((failure) => failure.draft.remedy.commands))].map(oneLine),
        },
        consequenceOf: cause ? { code: cause.check.code, subject: subjectOf(cause) } : null,
        affects: distinct([
          ...(group.length > 1 ? group.map(({ subject }) => subject) : []),
          ...group.flatMap(({ draft: { affects = [] } }) => affects),
        ]),
      },
    ];
  });
};

/** How many objects a finding and all that follows from it hit. */
const blastRadius = (finding: Finding, findings: readonly Finding[]): number =>
  new Set([finding, ...allConsequencesOf(finding, findings)].flatMap(({ affects }) => affects.map(subjectText))).size;

/** Root causes first, worst and most certain first, then those whose consequences hit most; consequences after them likewise. */
const inOrder = (findings: readonly Finding[]): readonly Finding[] => {
  const radius = new Map(findings.map((finding) => [finding, blastRadius(finding, findings)]));
  return findings.toSorted(
    (a, b) =>
      Number(a.consequenceOf !== null) - Number(b.consequenceOf !== null) ||
      rank[a.severity] - rank[b.severity] ||
      rank[a.confidence] - rank[b.confidence] ||
      (radius.get(b) ?? 0) - (radius.get(a) ?? 0) ||
      compareText(a.code, b.code) ||
      compareText(subjectText(a.subject), subjectText(b.subject)),
  );
};

/** One entry for each code and missing fact; where several APIServices miss it, the subject is the cluster. */
const undeterminedOf = (verdicts: readonly CheckVerdict[], cluster: Subject): readonly Undetermined[] => {
  const entries = new Map<string, Undetermined>();
  for (const { check, subject, outcome } of verdicts) {
    if (outcome.state !== 'undetermined' && outcome.state !== 'crashed') continue;
    const { needs, state, detail } =
      outcome.state === 'crashed'
        ? { needs: 'check', state: outcome.state, detail: outcome.detail }
        : { needs: outcome.source, state: outcome.missing.state, detail: outcome.missing.detail };
    const entry = { code: check.code, subject, needs, state, detail: quoteLine(detail) };
    const key = JSON.stringify([entry.code, needs, state, entry.detail]);
    const earlier = entries.get(key);
    entries.set(key, earlier && !sameSubject(earlier.subject, subject) ? { ...entry, subject: cluster } : entry);
  }
  return [...entries.values()].toSorted(
    (a, b) => compareText(a.code, b.code) || compareText(subjectText(a.subject), subjectText(b.subject)),
  );
};

const passedOf = (verdicts: readonly CheckVerdict[]): readonly PassedCheck[] => {
  const counts = new Map<FindingCode, number>();
  for (const { check, outcome } of verdicts)
    if (outcome.state === 'passed') counts.set(check.code, (counts.get(check.code) ?? 0) + 1);
  return [...counts]
    .map(([code, count]) => ({ code, name: catalogue[code].name, count }))
    .toSorted((a, b) => compareText(a.code, b.code));
};

/** What doctor says of a snapshot. Needs `apiServices` to be known. */
export const doctorReport = (
  checks: readonly AnyCheck[],
  snapshot: ClusterSnapshot,
  options: DoctorOptions,
): DoctorReport => {
  const { facts, capturedAt } = snapshot;
  const { names, only, skip = [], showPassed } = options;
  const all = knownApiServices(facts);
  const judged = names ? all.filter(({ name }) => names.includes(name)) : all;
  const selected = only ? checks.filter(({ code }) => only.includes(code)) : checks;
  const cluster: Subject = { kind: 'Cluster', name: snapshot.cluster.context ?? 'unknown' };
  // A group without APIService is nothing that was asked about by name.
  const ran = runChecks(selected, snapshot, judged).filter(
    ({ subject }) => names === undefined || subject.kind !== 'APIGroup',
  );
  const verdicts = ran.filter((verdict) => verdict.outcome.state === 'failed' || !isSkipped(verdict, skip));
  const made = verdicts.flatMap(({ check, apiService, subject, outcome }): readonly Failure[] =>
    outcome.state === 'failed'
      ? [{ check, draft: outcome.draft, subject, severity: severityOf(check, outcome.draft, apiService, facts) }]
      : [],
  );
  const failures = made.filter((failure) => !isSkipped(failure, skip));
  const findings = inOrder(mergeSharedCauses(failures));
  const undetermined = undeterminedOf(verdicts, cluster);
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const verdictCount = (state: string): number => verdicts.filter(({ outcome }) => outcome.state === state).length;
  return {
    apiVersion: 'kubectl-aa/v1',
    kind: 'DoctorReport',
    capturedAt,
    cluster: clusterSummary(snapshot),
    summary: {
      apiServices: all.length,
      remote: all.filter(({ service }) => service !== null).length,
      errors: count('error'),
      warnings: count('warning'),
      infos: count('info'),
      undetermined: undetermined.length,
      passed: verdictCount('passed'),
      notApplicable: verdictCount('notApplicable'),
      skipped: made.length - failures.length,
    },
    findings,
    undetermined,
    ...(showPassed ? { passed: passedOf(verdicts) } : {}),
  };
};
