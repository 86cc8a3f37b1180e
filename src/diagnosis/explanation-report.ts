import { type Explained, explainText, type TextExplanation } from '../explanation/explain-text.ts';
import { nextCommand } from '../explanation/next-command.ts';
import { catalogue, type FindingCode } from '../model/catalogue.ts';
import type {
  DoctorReport,
  Explanation,
  ExplanationAnswer,
  ExplanationFinding,
  ExplanationSubject,
} from '../model/report.ts';
import { plural } from '../model/wording.ts';
import { quoteLine } from './received-text.ts';

const findingOf = ({
  code,
  confidence,
  why,
  message,
  count,
  subject,
  groupVersions,
}: Explained): ExplanationFinding => ({
  code,
  name: catalogue[code].name,
  severity: catalogue[code].severities[0],
  confidence,
  why,
  message: message === null ? null : quoteLine(message),
  messages: count,
  groupVersions,
  next: nextCommand(code, subject),
});

const subjectOf = ({
  subject: { groupVersion, apiService, service, address },
}: TextExplanation): ExplanationSubject => ({
  groupVersion,
  apiService,
  service,
  address,
});

/** What one text points to, for `--stream`. */
export const explanationAnswer = (text: string): ExplanationAnswer => {
  const explanation = explainText(text);
  return { findings: explanation.findings.map(findingOf), subject: subjectOf(explanation) };
};

/** So many causes in the same words have to be said at once. */
const MANY = 5;

const isOutside = (code: FindingCode): boolean => code.startsWith('AA8') && code !== 'AA803';

const summaryOf = ({ findings, outside, messages, recognised }: TextExplanation): string => {
  const [first] = findings;
  const of = messages > 1 ? ` ${recognised} of ${messages} messages are of a known shape.` : '';
  if (!first) {
    if (outside !== null) return `This is not about the aggregation layer. ${outside}`;
    return messages === 0
      ? 'The text is empty.'
      : `Nothing in this text is known to kubectl-aa, which does not say that nothing is wrong (${plural(messages, 'message')} read); kubectl aa doctor looks at the cluster itself.`;
  }
  const { code, confidence } = first;
  if (isOutside(code)) return `This is not about the way from kube-apiserver to an aggregated API.${of}`;
  const open = findings.filter((finding) => finding.confidence === 'possible').length;
  if (confidence === 'possible')
    return `The text does not say why: it fits ${plural(open, 'cause')}, most likely first.${of}`;
  const fits = open >= MANY && messages === 1 ? ` That fits ${open} further causes, which are listed below.` : '';
  return `The text ${confidence === 'certain' ? 'says' : 'points to'} ${code} ${catalogue[code].name}.${fits}${of}`;
};

/** What the cluster shows now of the APIServices that a text names. */
export interface LiveFindings {
  /** Null where the cluster has none of them. */
  readonly report: DoctorReport | null;
  readonly absent: readonly string[];
  /** The codes for which there is a check. */
  readonly checked: ReadonlySet<FindingCode>;
}

const nowOf = (code: FindingCode, { report, checked }: LiveFindings): NonNullable<ExplanationFinding['now']> | null => {
  if (report === null || !checked.has(code)) return null;
  if (report.findings.some((finding) => finding.code === code)) return 'shown';
  return report.undetermined.some((entry) => entry.code === code) ? 'undetermined' : 'notShown';
};

/** The document of `explain`, with what the cluster shows now where that was looked at. */
export const explanationReport = (
  explanation: TextExplanation,
  capturedAt: string,
  live: LiveFindings | null,
): Explanation => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'Explanation',
  capturedAt,
  summary: summaryOf(explanation),
  findings: explanation.findings.map((explained) => {
    const finding = findingOf(explained);
    return live ? { ...finding, now: nowOf(finding.code, live) } : finding;
  }),
  subject: subjectOf(explanation),
  messages: { read: explanation.messages, recognised: explanation.recognised },
  ...(live ? { live: { absent: live.absent, report: live.report } } : {}),
});
