import { allConsequencesOf, consequencesOf, type Finding, type Subject, subjectText } from '../../model/finding.ts';
import type { Deletion, DoctorReport, Undetermined } from '../../model/report.ts';
import { plural } from '../../model/wording.ts';
import { printable } from './printable.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

const hues = { error: 'red', warning: 'yellow', info: 'blue' } as const;
const unicodeMarks = { error: '✗', warning: '!', info: 'i' } as const;
const asciiMarks = { error: 'x', warning: '!', info: 'i' } as const;

/** The part of the sentence on what else breaks, for each AA7xx that was found. */
const impacts: Readonly<Record<string, (hit: readonly Subject[]) => string>> = {
  AA701: (hit) => `the deletion of ${plural(hit.length, 'namespace')}`,
  AA702: (hit) => plural(hit.length, 'autoscaler'),
  AA703: () => 'garbage collection and quota',
  AA704: (hit) => {
    const users = hit.filter(({ kind }) => /Role$|WebhookConfiguration$/.test(kind));
    const naming = users.length === 1 ? '1 role or webhook names' : `${users.length} roles or webhooks name`;
    return `clients that need the whole of discovery${users.length > 0 ? ` or the group, which ${naming}` : ''}`;
  },
  AA705: () => 'schemas for explain, validation and diff',
  AA706: (hit) => `what ${plural(hit.length, 'webhook')} should see or convert`,
};
/** What the sentence says in full. */
const inSentenceOnly: readonly string[] = ['AA703', 'AA704', 'AA705'];

/** What else breaks, in one sentence; empty where nothing does. */
const breaks = (cause: Finding, findings: readonly Finding[]): string => {
  const consequences = allConsequencesOf(cause, findings);
  const parts = Object.entries(impacts).flatMap(([code, words]) => {
    const found = consequences.filter((finding) => finding.code === code);
    const hit = new Map(found.flatMap(({ affects }) => affects.map((subject) => [subjectText(subject), subject])));
    return found.length === 0 ? [] : [`${words([...hit.values()])} (${code})`];
  });
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;
};

/** Of one code, told one by one; the rest is counted. */
const TOLD_OF_ONE_CODE = 3;

/** One cause: what it is, whom it hits, the evidence, what follows, and the remedy. */
const causeBlock = (cause: Finding, findings: readonly Finding[], style: TerminalStyle): string => {
  const { width } = style;
  const mark = (style.unicode ? unicodeMarks : asciiMarks)[cause.severity];
  const label = (text: string): string => paint(style, 'bold', text);
  const confidence = cause.confidence === 'certain' ? '' : ` (${cause.confidence})`;
  const head = `${mark} ${cause.severity} ${cause.code} ${cause.name}${confidence}  ${printable(subjectText(cause.subject))}`;
  const follow = (consequence: Finding, indent: string, seen: readonly Finding[]): readonly string[] =>
    seen.includes(consequence)
      ? []
      : [
          wrap(
            `${consequence.code} ${consequence.name}: ${printable(consequence.message)}`,
            width,
            `${indent}  `,
            `${indent}- `,
          ),
          ...followAll(consequence, `${indent}  `, [...seen, consequence]),
        ];
  const followAll = (of: Finding, indent: string, seen: readonly Finding[]): readonly string[] => {
    const told = consequencesOf(of, findings).filter(({ code }) => !inSentenceOnly.includes(code));
    return [...new Set(told.map(({ code }) => code))].flatMap((code) => {
      const alike = told.filter((finding) => finding.code === code);
      const more = alike.length - TOLD_OF_ONE_CODE;
      return [
        ...alike.slice(0, TOLD_OF_ONE_CODE).flatMap((next) => follow(next, indent, seen)),
        ...(more > 0 ? [`${indent}- ${code}: ${more} more`] : []),
      ];
    });
  };
  const therefore = followAll(cause, '    ', [cause]);
  const broken = breaks(cause, findings);
  return [
    wrap(paint(style, hues[cause.severity], head), width, '  ', ''),
    wrap(printable(cause.message), width, '  '),
    ...(cause.affects.length > 0
      ? [
          wrap(
            `${label('Hits')} ${cause.affects.map((subject) => printable(subjectText(subject))).join(', ')}`,
            width,
            '    ',
            '  ',
          ),
        ]
      : []),
    ...(broken === '' ? [] : [wrap(`${label('Impact')} ${broken}`, width, '    ', '  ')]),
    `  ${label('Seen')}`,
    ...cause.evidence.map(({ from, value }) =>
      wrap(`${printable(from)}: ${printable(value)}`, width, '      ', '    '),
    ),
    ...(therefore.length > 0 ? [`  ${label('Therefore')}`, ...therefore] : []),
    `  ${label('Mend')}`,
    wrap(printable(cause.remedy.text), width, '    '),
    // A command is never wrapped: it is there to be copied.
    ...cause.remedy.commands.map((command) => `      ${printable(command)}`),
  ].join('\n');
};

const stateWords = {
  forbidden: 'not permitted',
  unreachable: 'unreachable',
  timedOut: 'timed out',
  unreadable: 'unreadable',
  notCollected: 'not collected',
  crashed: 'a check crashed',
} as const;

/** What could not be checked, grouped by what is missing. */
export const undeterminedGroups = (
  undetermined: readonly Undetermined[],
): readonly { readonly why: string; readonly codes: readonly string[] }[] => {
  const groups = Map.groupBy(undetermined, ({ state, detail }) => `${stateWords[state]}: ${printable(detail)}`);
  return [...groups].map(([why, entries]) => ({ why, codes: [...new Set(entries.map(({ code }) => code))] }));
};

const undeterminedBlock = (undetermined: readonly Undetermined[], style: TerminalStyle): readonly string[] => [
  paint(style, 'bold', '? could not be checked'),
  ...undeterminedGroups(undetermined).map(({ why, codes }) =>
    wrap(`${why} (${codes.join(', ')})`, style.width, '    ', '  - '),
  ),
];

/** What was looked at and found, in one sentence. */
export const summaryLine = ({ summary, cluster }: DoctorReport): string => {
  const { apiServices, remote, errors, warnings, infos, undetermined, passed, skipped } = summary;
  const parts = [
    plural(errors, 'error'),
    plural(warnings, 'warning'),
    ...(infos > 0 ? [plural(infos, 'info')] : []),
    ...(undetermined > 0 ? [`${undetermined} undetermined`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  const version = cluster.version === null ? '' : `, kube-apiserver ${printable(cluster.version)}`;
  return `${plural(apiServices, 'APIService')} (${remote} remote)${version}: ${parts.join(', ')}; ${plural(passed, 'check')} passed.`;
};

const deletionWords = {
  safe: 'may be deleted',
  harmful: 'should not be deleted',
  pointless: 'need not be deleted',
  unknown: 'cannot be judged: do not delete it yet',
} as const;

/** Whether the APIService may be deleted, and how. */
const deletionBlock = (deletion: Deletion, style: TerminalStyle): string => {
  const { width } = style;
  const label = (text: string): string => paint(style, 'bold', text);
  const list = (name: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0
      ? []
      : [`  ${label(name)}`, ...lines.map((line) => wrap(printable(line), width, '      ', '    '))];
  return [
    wrap(
      paint(
        style,
        deletion.verdict === 'safe' ? 'green' : 'red',
        `APIService ${printable(deletion.apiService)} ${deletionWords[deletion.verdict]}`,
      ),
      width,
      '  ',
      '',
    ),
    wrap(printable(deletion.why), width, '  '),
    ...list('It would break', deletion.breaks),
    ...list('It would leave behind', deletion.leaves),
    ...list('Goes on by itself afterwards', deletion.recovers),
    ...list('Comes back', deletion.comesBack === null ? [] : [deletion.comesBack]),
    ...(deletion.steps.length > 0 ? [`  ${label('Steps')}`] : []),
    ...deletion.steps.flatMap(({ text, commands }, index) => [
      wrap(`${index + 1}. ${printable(text)}`, width, '       ', '    '),
      ...commands.map((command) => `         ${printable(command)}`),
    ]),
  ].join('\n');
};

/** One block for each cause, consequences under it; then what could not be checked; then one line that sums up. */
export const doctorText = (report: DoctorReport, style: TerminalStyle): string => {
  const { findings, undetermined, summary } = report;
  const causes = findings.filter(({ consequenceOf }) => consequenceOf === null);
  const healthy =
    findings.length === 0 && undetermined.length === 0
      ? [
          paint(
            style,
            'green',
            `${style.unicode ? '✓' : '+'} The aggregation layer is healthy: ${plural(summary.passed, 'check')} of ${plural(summary.remote, 'remote APIService')} passed.`,
          ),
        ]
      : [];
  return `${[
    ...(report.deletion ? [deletionBlock(report.deletion, style)] : []),
    ...causes.map((cause) => causeBlock(cause, findings, style)),
    ...(undetermined.length > 0 ? [undeterminedBlock(undetermined, style).join('\n')] : []),
    ...(report.passed
      ? [['passed', ...report.passed.map(({ code, name, count }) => `  ${code} ${name} (${count})`)].join('\n')]
      : []),
    [...healthy, wrap(summaryLine(report), style.width, '')].join('\n'),
  ].join('\n\n')}\n`;
};
