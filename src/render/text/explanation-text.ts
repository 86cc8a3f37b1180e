import type { Explanation, ExplanationFinding } from '../../model/report.ts';
import { doctorText } from './doctor-text.ts';
import { printable } from './printable.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

const hues = { error: 'red', warning: 'yellow', info: 'blue' } as const;

const nowWords = {
  shown: 'the cluster shows it now',
  notShown: 'the cluster does not show it now',
  undetermined: 'could not be checked now',
} as const;

const QUOTED = 160;

const shortened = (text: string): string => (text.length <= QUOTED ? text : `${text.slice(0, QUOTED)}…`);

const nowOf = ({ now }: ExplanationFinding): string => (now === undefined || now === null ? '' : `; ${nowWords[now]}`);

/** What the text states: the code, why, in a log where and how often, and what to run. */
const statedBlock = (finding: ExplanationFinding, ofMany: boolean, style: TerminalStyle): string => {
  const { code, name, severity, confidence, why, message, messages, groupVersions, next } = finding;
  const about = ofMany && groupVersions.length > 0 ? ` (${groupVersions.map(printable).join(', ')})` : '';
  return [
    `${paint(style, hues[severity], `${code} ${name}`)} (${confidence}${nowOf(finding)})`,
    wrap(why, style.width, '  '),
    ...(ofMany && message !== null
      ? [
          wrap(
            `${messages === 1 ? 'Once' : `${messages} times`}${about}: ${printable(shortened(message))}`,
            style.width,
            '    ',
            '  ',
          ),
        ]
      : []),
    `  ${paint(style, 'bold', 'Next')}  ${next}`,
  ].join('\n');
};

const neighbourLine = (finding: ExplanationFinding, style: TerminalStyle): string =>
  wrap(
    `${finding.code} ${finding.name}${nowOf(finding)}: ${finding.why}`.replace('; the cluster', ', the cluster'),
    style.width,
    '      ',
    '  - ',
  );

const namedLine = ({ subject }: Explanation): readonly string[] => {
  const { groupVersion, apiService, service, address } = subject;
  const parts = [
    ...(groupVersion === null ? [] : [`group version ${groupVersion}`]),
    ...(apiService === null ? [] : [`APIService ${apiService}`]),
    ...(service === null ? [] : [`Service ${service}`]),
    ...(address === null ? [] : [`address ${address}`]),
  ];
  return parts.length === 0 ? [] : [`Named there: ${printable(parts.join(', '))}`];
};

const liveBlocks = ({ live }: Explanation, style: TerminalStyle): readonly string[] =>
  live === undefined
    ? []
    : [
        [
          paint(style, 'bold', 'IN THE CLUSTER NOW'),
          ...live.absent.map((name) => wrap(`There is no APIService ${printable(name)}.`, style.width, '  ')),
        ].join('\n'),
        doctorText(live.report, style).trimEnd(),
      ];

/** The summary, what the text states, what its words fit besides, and what it names. */
export const explanationText = (explanation: Explanation, style: TerminalStyle): string => {
  const { summary, findings, messages } = explanation;
  const stated = findings.filter(({ message }) => message !== null);
  const others = findings.filter(({ message }) => message === null);
  return `${[
    [wrap(summary, style.width, ''), ...namedLine(explanation).map((line) => wrap(line, style.width, ''))].join('\n'),
    ...stated.map((finding) => statedBlock(finding, messages.read > 1, style)),
    ...(others.length > 0
      ? [
          [
            paint(style, 'bold', 'Told in the same words'),
            ...others.map((finding) => neighbourLine(finding, style)),
          ].join('\n'),
        ]
      : []),
    ...liveBlocks(explanation, style),
  ].join('\n\n')}\n`;
};
