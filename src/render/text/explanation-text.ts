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

const nowOf = ({ now }: ExplanationFinding): readonly string[] =>
  now === undefined || now === null ? [] : [nowWords[now]];

/** Of a message of a log. */
const QUOTED = 160;

/** A message without the header of klog, which says when and in which file but not what. */
const quoted = (message: string): string => {
  const words = message.replace(/^[IWEF]\d{4} [\d:.]+\s+\d+ \S+\] (?:"Unhandled Error" err=)?/, '');
  return printable(words.length <= QUOTED ? words : `${words.slice(0, QUOTED)}…`);
};

/** What the text states: the code, why, and in a log where and how often. */
const statedBlock = (finding: ExplanationFinding, ofMany: boolean, style: TerminalStyle): string => {
  const { code, name, severity, confidence, why, message, messages, groupVersions } = finding;
  const times = messages === 1 ? 'Once' : `${messages} times`;
  const about = groupVersions.length > 0 ? ` (${printable(groupVersions.join(', '))})` : '';
  return [
    `${paint(style, hues[severity], `${code} ${name}`)} (${[confidence, ...nowOf(finding)].join('; ')})`,
    wrap(why, style.width, '  '),
    ...(ofMany && message !== null ? [wrap(`${times}${about}: ${quoted(message)}`, style.width, '    ', '  ')] : []),
  ].join('\n');
};

const possibleLine = (finding: ExplanationFinding, ofMany: boolean, style: TerminalStyle): string => {
  const { code, name, why, groupVersions } = finding;
  const about = ofMany && groupVersions.length > 0 ? [printable(groupVersions.join(', '))] : [];
  return wrap(`${[`${code} ${name}`, ...about, ...nowOf(finding)].join('; ')}: ${why}`, style.width, '      ', '  - ');
};

const namedLine = ({ subject }: Explanation): readonly string[] => {
  const { groupVersion, apiService, service, address } = subject;
  const parts = [
    ...(groupVersion === null ? [] : [`group version ${groupVersion}`]),
    ...(apiService === null ? [] : [`APIService ${apiService}`]),
    ...(service === null ? [] : [`Service ${service}`]),
    ...(address === null ? [] : [`address ${address}`]),
  ];
  return parts.length === 0 ? [] : [`It names ${printable(parts.join(', '))}.`];
};

const liveBlocks = ({ live }: Explanation, style: TerminalStyle): readonly string[] =>
  live === undefined
    ? []
    : [
        [
          paint(style, 'bold', 'IN THE CLUSTER NOW'),
          ...live.absent.map((name) => wrap(`There is no APIService ${printable(name)}.`, style.width, '  ')),
        ].join('\n'),
        ...(live.report ? [doctorText(live.report, style).trimEnd()] : []),
      ];

/** The summary, what the text states, what to run next, and what it may be besides. */
export const explanationText = (explanation: Explanation, style: TerminalStyle): string => {
  const { summary, findings, messages } = explanation;
  const stated = findings.filter(({ confidence }) => confidence !== 'possible');
  const possible = findings.filter(({ confidence }) => confidence === 'possible');
  const ofMany = messages.read > 1;
  const next = new Set(findings.filter(({ message }) => message !== null).map((finding) => finding.next));
  const list = (heading: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [[paint(style, 'bold', heading), ...lines].join('\n')];
  return `${[
    [summary, ...namedLine(explanation)].map((line) => wrap(line, style.width, '')).join('\n'),
    ...stated.map((finding) => statedBlock(finding, ofMany, style)),
    ...list(
      'Next',
      [...next].map((command) => `  ${command}`),
    ),
    ...list(
      stated.length > 0 ? 'Also possible' : 'Possible',
      possible.map((finding) => possibleLine(finding, ofMany, style)),
    ),
    ...liveBlocks(explanation, style),
  ].join('\n\n')}\n`;
};
