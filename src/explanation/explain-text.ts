import type { FindingCode } from '../model/catalogue.ts';
import type { Confidence } from '../model/finding.ts';
import { neighbours } from './neighbours.ts';
import { apiServiceNameOf } from './next-command.ts';
import { read } from './reading.ts';
import { recordsOf, type TextRecord } from './records.ts';
import { applies, ranks } from './rule.ts';
import { rules } from './rules/index.ts';
import { type NamedSubject, subjectOf } from './subject.ts';

/** One code that a text points to. */
export interface Explained {
  readonly code: FindingCode;
  readonly confidence: Confidence;
  readonly why: string;
  /** The message that states it; null for a neighbour, which no message states. */
  readonly message: string | null;
  /** How many messages state it. */
  readonly count: number;
  /** What the message that states it names; for a neighbour, what the one names that it is a neighbour of. */
  readonly subject: NamedSubject;
  /** All group versions that messages name which state it. */
  readonly groupVersions: readonly string[];
}

export interface TextExplanation {
  /** Most likely first. */
  readonly findings: readonly Explained[];
  /** Of the first finding's message. */
  readonly subject: NamedSubject;
  /** The APIServices of all messages that state something. */
  readonly apiServices: readonly string[];
  /** How many messages there were, and how many of them are of a known shape. */
  readonly messages: number;
  readonly recognised: number;
  /** What the first message that is known to concern something else is about. */
  readonly outside: string | null;
}

interface Stated extends Explained {
  readonly rank: number;
  /** Place among what one rule says. */
  readonly place: number;
}

interface ReadMessage {
  readonly count: number;
  readonly subject: NamedSubject;
  readonly known: boolean;
  readonly outside: string | null;
  readonly stated: readonly Stated[];
}

const MAX_FINDINGS = 12;
const MAX_NAMES = 50;

const confidences: readonly Confidence[] = ['certain', 'likely', 'possible'];
const lower = (a: Confidence, b: Confidence): Confidence => (confidences.indexOf(a) > confidences.indexOf(b) ? a : b);

const nothing: NamedSubject = { groupVersion: null, apiService: null, service: null, address: null, group: null };

const namesAnything = (subject: NamedSubject): boolean => Object.values(subject).some((name) => name !== null);

/** What one message states. A failure without a word about whose it is, is that of the backend at best. */
const readMessage = ({ text, count }: TextRecord): ReadMessage => {
  const reading = read(text);
  const fitting = rules.flatMap((rule) => {
    const where = applies(rule, reading);
    return where === null ? [] : [{ rule, told: rule.needs.failure === undefined || where.hop !== 'unknown' }];
  });
  if (fitting.length === 0) return { count, subject: nothing, known: false, outside: null, stated: [] };
  const subject = subjectOf(text);
  // Words that only repeat that something fails count where nothing more is said.
  const more = fitting.some(({ rule }) => rule.rank !== 'hint');
  return {
    count,
    subject,
    known: true,
    outside: fitting.find(({ rule }) => rule.outside !== undefined)?.rule.outside ?? null,
    stated: fitting.flatMap(({ rule, told }) =>
      more && rule.rank === 'hint'
        ? []
        : rule.says.map(({ code, confidence, why }, place) => ({
            code,
            confidence: lower(confidence, told ? 'certain' : namesAnything(subject) ? 'likely' : 'possible'),
            why,
            message: text,
            count,
            subject,
            groupVersions: subject.groupVersion === null ? [] : [subject.groupVersion],
            rank: ranks.indexOf(rule.rank),
            place,
          })),
    ),
  };
};

/** Reasons before what only follows from them; what a rule is surest of before its other readings; then what is said most. */
const inOrder = (a: Stated, b: Stated): number =>
  Number(a.confidence === 'possible') - Number(b.confidence === 'possible') ||
  a.rank - b.rank ||
  a.place - b.place ||
  confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence) ||
  b.count - a.count;

/** A hint that names many causes has named them all. */
const hasNeighbours = ({ rank, confidence }: Stated): boolean => ranks[rank] !== 'hint' || confidence !== 'possible';

/** The causes that a stated one may be mistaken for. */
const neighboursOf = ({ code, subject }: Stated): readonly Explained[] =>
  (neighbours[code] ?? []).map(({ code: neighbour, unless }) => ({
    code: neighbour,
    confidence: 'possible',
    why: unless,
    message: null,
    count: 0,
    subject,
    groupVersions: [],
  }));

const distinct = (names: readonly (string | null)[]): readonly string[] =>
  [...new Set(names.filter((name) => name !== null))].slice(0, MAX_NAMES);

/** Where nothing is stated the beginning of the text may name something all the same. */
const firstNamed = (records: readonly TextRecord[]): NamedSubject =>
  records
    .slice(0, 100)
    .map((record) => subjectOf(record.text))
    .find(namesAnything) ?? nothing;

/** The group version of the whole text, where it names only one, and no other group is meant. */
const onlyGroupVersion = (
  records: readonly TextRecord[],
  group: string | null,
): Pick<NamedSubject, 'groupVersion' | 'group'> | null => {
  const named = records.slice(0, 100).map((record) => subjectOf(record.text));
  const [only, ...others] = distinct(named.map(({ groupVersion }) => groupVersion));
  if (only === undefined || others.length > 0) return null;
  const itsGroup = named.find(({ groupVersion }) => groupVersion === only)?.group ?? null;
  return group === null || group === itsGroup ? { groupVersion: only, group: itsGroup } : null;
};

/** What a message, a log or the output of a command points to. Pure, and linear in the length of the text. */
export const explainText = (text: string): TextExplanation => {
  const records = recordsOf(text);
  const messages = records.map(readMessage);
  const stated = messages.flatMap((message) => message.stated).toSorted(inOrder);
  const byCode = new Map<FindingCode, Explained & { count: number; readonly groupVersions: string[] }>();
  for (const finding of [...stated, ...stated.filter(hasNeighbours).flatMap(neighboursOf)]) {
    const known = byCode.get(finding.code);
    if (known) {
      known.count += finding.count;
      known.groupVersions.push(...finding.groupVersions);
    } else byCode.set(finding.code, { ...finding, groupVersions: [...finding.groupVersions] });
  }
  const counted = (of: readonly ReadMessage[]): number => of.reduce((sum, { count }) => sum + count, 0);
  const subject = stated[0]?.subject ?? firstNamed(records);
  return {
    findings: [...byCode.values()]
      .slice(0, MAX_FINDINGS)
      .map((finding) => ({ ...finding, groupVersions: distinct(finding.groupVersions) })),
    subject: { ...subject, ...(subject.groupVersion === null ? onlyGroupVersion(records, subject.group) : null) },
    apiServices: distinct(stated.map((finding) => apiServiceNameOf(finding.subject))),
    messages: counted(messages),
    recognised: counted(messages.filter(({ known }) => known)),
    outside: messages.find(({ outside }) => outside !== null)?.outside ?? null,
  };
};
