import { consequencesOf, type Finding, subjectText } from '../../model/finding.ts';
import type { DoctorReport } from '../../model/report.ts';
import { summaryLine, undeterminedGroups } from '../text/doctor-text.ts';
import { printable } from '../text/printable.ts';
import { code, codeBlock, heading, prose } from './markdown.ts';

const consequenceItems = (
  cause: Finding,
  findings: readonly Finding[],
  seen: readonly Finding[] = [cause],
): readonly string[] =>
  consequencesOf(cause, findings)
    .filter((consequence) => !seen.includes(consequence))
    .flatMap((consequence) => [
      `${'  '.repeat(seen.length - 1)}- ${consequence.code} ${consequence.name}: ${prose(consequence.message)}`,
      ...consequenceItems(consequence, findings, [...seen, consequence]),
    ]);

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`**${title}**\n\n${lines.join('\n')}`];

const causeBlock = (cause: Finding, findings: readonly Finding[]): string => {
  const { severity, name, confidence, subject, message, affects, evidence, remedy } = cause;
  return [
    `#### ${severity} ${cause.code} ${name}${confidence === 'certain' ? '' : ` (${confidence})`}: ${prose(subjectText(subject))}`,
    prose(message),
    ...section(
      'Hits',
      affects.map((affected) => `- ${prose(subjectText(affected))}`),
    ),
    ...section(
      'Seen',
      evidence.map(({ from, value }) => `- ${prose(from)}: ${code(value)}`),
    ),
    ...section('Therefore', consequenceItems(cause, findings)),
    ...section('Mend', [prose(remedy.text)]),
    ...(remedy.commands.length === 0 ? [] : [codeBlock(remedy.commands.map(printable).join('\n'))]),
  ].join('\n\n');
};

/** A section for each cause, consequences in it; then what could not be checked, and one line that sums up. */
export const doctorMarkdown = (report: DoctorReport): string => {
  const { findings, undetermined } = report;
  return `${[
    heading(report),
    ...findings.filter(({ consequenceOf }) => consequenceOf === null).map((cause) => causeBlock(cause, findings)),
    ...(undetermined.length === 0
      ? []
      : [
          [
            '#### Could not be checked',
            '',
            ...undeterminedGroups(undetermined).map(({ why, codes }) => `- ${prose(why)} (${codes.join(', ')})`),
          ].join('\n'),
        ]),
    ...(report.passed
      ? [
          [
            '#### Passed',
            '',
            ...report.passed.map(({ code: passed, name, count }) => `- ${passed} ${name} (${count})`),
          ].join('\n'),
        ]
      : []),
    prose(summaryLine(report)),
  ].join('\n\n')}\n`;
};
