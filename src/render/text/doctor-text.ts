import { type Finding, sameSubject, subjectText } from '../../model/finding.ts';
import type { DoctorReport, Undetermined } from '../../model/report.ts';
import { printable } from './printable.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

const hues = { error: 'red', warning: 'yellow', info: 'blue' } as const;
const unicodeMarks = { error: '✗', warning: '!', info: 'i' } as const;
const asciiMarks = { error: 'x', warning: '!', info: 'i' } as const;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What follows directly from a finding. */
export const consequencesOf = (cause: Finding, findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(
    ({ consequenceOf }) =>
      consequenceOf !== null && consequenceOf.code === cause.code && sameSubject(consequenceOf.subject, cause.subject),
  );

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
          ...consequencesOf(consequence, findings).flatMap((next) =>
            follow(next, `${indent}  `, [...seen, consequence]),
          ),
        ];
  const consequences = consequencesOf(cause, findings);
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
    `  ${label('Seen')}`,
    ...cause.evidence.map(({ from, value }) =>
      wrap(`${printable(from)}: ${printable(value)}`, width, '      ', '    '),
    ),
    ...(consequences.length > 0
      ? [`  ${label('Therefore')}`, ...consequences.flatMap((consequence) => follow(consequence, '    ', [cause]))]
      : []),
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
    ...causes.map((cause) => causeBlock(cause, findings, style)),
    ...(undetermined.length > 0 ? [undeterminedBlock(undetermined, style).join('\n')] : []),
    ...(report.passed
      ? [['passed', ...report.passed.map(({ code, name, count }) => `  ${code} ${name} (${count})`)].join('\n')]
      : []),
    [...healthy, wrap(summaryLine(report), style.width, '')].join('\n'),
  ].join('\n\n')}\n`;
};
