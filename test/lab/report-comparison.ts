import type { ExpectedFinding, Situation, Subject } from './situation.ts';

/** A finding of a DoctorReport, as much of it as is compared. */
export interface ReportedFinding {
  readonly code: string;
  readonly severity: string;
  readonly confidence: string;
  readonly subject: Subject;
  readonly consequenceOf: { readonly code: string; readonly subject: Subject } | null;
  readonly affects: readonly Subject[];
  readonly remedy?: { readonly commands: readonly string[] };
}

/** An item of a StatusList, as much of it as is compared. */
export interface ReportedStatus {
  readonly name: string;
  readonly verdict: string;
  readonly live: { readonly verdict: string; readonly code: string | null } | null;
}

/** What of a report two comparisons share: the situations it was made over. */
export type ComparedSituation = Pick<Situation, 'name' | 'namespace' | 'expect'> & {
  readonly apiServices: readonly { readonly name: string }[];
};

const describeSubject = ({ kind, namespace, name }: Subject): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

const describeFinding = ({ code, subject, consequenceOf }: ReportedFinding): string =>
  `${code} on ${describeSubject(subject)}${consequenceOf === null ? '' : ` as consequence of ${consequenceOf.code}`}`;

const isSame = (one: Subject, other: Subject): boolean =>
  one.kind === other.kind && one.name === other.name && one.namespace === other.namespace;

const isAbout = (finding: ReportedFinding, subject: Subject): boolean =>
  isSame(finding.subject, subject) || finding.affects.some((affected) => isSame(affected, subject));

const belongs = (situation: ComparedSituation, subject: Subject): boolean => {
  switch (subject.kind) {
    case 'APIService':
      return situation.apiServices.some(({ name }) => name === subject.name);
    case 'Namespace':
      return subject.name === situation.namespace;
    default:
      return (
        subject.namespace === situation.namespace ||
        situation.expect.findings.some(
          (expected) => expected.subject !== undefined && isSame(expected.subject, subject),
        )
      );
  }
};

/**
 * The part of a report that is a situation's own. What an impact finding affects does not count: a group that is
 * broken in one situation keeps the namespaces of all others from being deleted.
 */
export const shareOf = (
  situation: ComparedSituation,
  findings: readonly ReportedFinding[],
): readonly ReportedFinding[] =>
  findings.filter(
    (finding) =>
      belongs(situation, finding.subject) ||
      (!isImpact(finding) && finding.affects.some((affected) => belongs(situation, affected))),
  );

/** Findings that are nobody's. */
export const strayFindings = (
  situations: readonly ComparedSituation[],
  findings: readonly ReportedFinding[],
): readonly string[] =>
  findings
    .filter((finding) => !situations.some((situation) => shareOf(situation, [finding]).length > 0))
    .map(describeFinding);

const isImpact = ({ code }: ReportedFinding): boolean => code.startsWith('AA7');

// Consequences that follow from a cause by the catalogue's own rules. The others, AA112 first of all, follow
// in certain situations only, which name them.
const namelessConsequences = new Set(['AA201', 'AA203', 'AA207', 'AA414']);

const followsFromExpected = (finding: ReportedFinding, expected: readonly ExpectedFinding[]): boolean =>
  (isImpact(finding) || namelessConsequences.has(finding.code)) &&
  expected.some(({ code }) => code === finding.consequenceOf?.code);

const matches = (expected: ExpectedFinding, finding: ReportedFinding): boolean =>
  finding.code === expected.code &&
  (expected.subject === undefined || isAbout(finding, expected.subject)) &&
  (finding.consequenceOf?.code ?? undefined) === expected.consequenceOf;

const differences = (expected: ExpectedFinding, finding: ReportedFinding): readonly string[] =>
  (['severity', 'confidence'] as const).flatMap((field) =>
    expected[field] === undefined || expected[field] === finding[field]
      ? []
      : [`${describeFinding(finding)}: ${field} is ${finding[field]}, not ${expected[field]}`],
  );

const describeExpected = (expected: ExpectedFinding): string =>
  [
    expected.code,
    ...(expected.subject === undefined ? [] : ['on', describeSubject(expected.subject)]),
    ...(expected.consequenceOf === undefined ? [] : ['as consequence of', expected.consequenceOf]),
  ].join(' ');

const rootsInWrongOrder = (
  expected: readonly ExpectedFinding[],
  share: readonly ReportedFinding[],
): readonly string[] => {
  const wanted = expected.filter(({ consequenceOf }) => consequenceOf === undefined);
  const [first] = wanted;
  if (first?.subject === undefined) return [];
  const { subject } = first;
  const roots = share.filter((finding) => finding.consequenceOf === null && isAbout(finding, subject));
  const [leading] = roots;
  return leading === undefined || leading.code === first.code || !roots.some((finding) => matches(first, finding))
    ? []
    : [`not first: ${first.code} comes after ${describeFinding(leading)}`];
};

/** How a doctor report differs from what a situation expects; empty where it does not. */
export const compareFindings = (
  situation: ComparedSituation,
  findings: readonly ReportedFinding[],
): readonly string[] => {
  const { expect } = situation;
  const share = shareOf(situation, findings);
  const taken = new Set<ReportedFinding>();
  const missingOrWrong = expect.findings.flatMap((expected) => {
    const found = share.find((finding) => !taken.has(finding) && matches(expected, finding));
    if (found === undefined) return [`missing: ${describeExpected(expected)}`];
    taken.add(found);
    return differences(expected, found);
  });
  const surplus = share
    .filter((finding) => !taken.has(finding))
    .filter((finding) => !followsFromExpected(finding, expect.findings))
    .filter(({ code }) => expect.optional?.includes(code) !== true)
    .map((finding) => `surplus: ${describeFinding(finding)}`);
  const present = share
    .filter(({ code }) => expect.absent?.includes(code) === true)
    .map((finding) => `must not be there: ${describeFinding(finding)}`);
  return [...missingOrWrong, ...surplus, ...present, ...rootsInWrongOrder(expect.findings, share)];
};

/** How a status list differs from what a situation expects. */
export const compareStatus = (situation: ComparedSituation, items: readonly ReportedStatus[]): readonly string[] =>
  Object.entries(situation.expect.status ?? {}).flatMap(([name, expected]) => {
    const item = items.find((candidate) => candidate.name === name);
    if (item === undefined) return [`missing in status: ${name}`];
    return [
      ...(item.verdict === expected.verdict
        ? []
        : [`status of ${name}: verdict ${item.verdict}, not ${expected.verdict}`]),
      ...(expected.live?.verdict === undefined || item.live?.verdict === expected.live.verdict
        ? []
        : [`status of ${name}: live verdict ${item.live?.verdict}, not ${expected.live.verdict}`]),
      ...(expected.live?.code === undefined || item.live?.code === expected.live.code
        ? []
        : [`status of ${name}: live code ${item.live?.code}, not ${expected.live.code}`]),
    ];
  });
