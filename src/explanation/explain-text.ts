import type { FindingCode } from '../model/catalogue.ts';
import type { Confidence } from '../model/finding.ts';
import { neighbours } from './neighbours.ts';
import { read } from './reading.ts';
import { recordsOf } from './records.ts';
import { applies, ranks, type Rule } from './rule.ts';
import { rules } from './rules/index.ts';
import { type NamedSubject } from './subject.ts';

/** One code that a text points to. */
export interface Explained {
  readonly code: FindingCode;
  readonly confidence: Confidence;
  readonly why: string;
  /** The message that states it; null for a neighbour, which no message states. */
  readonly message: string | null;
  /** How many messages state it. */
  readonly count: number;
}

export interface TextExplanation {
  /** Most likely first. */
  readonly findings: readonly Explained[];
  /** Of the message that states the first finding; else of the first message that names anything. */
  readonly subject: NamedSubject;
  /** How many messages there were, and how many of them are of a known shape. */
  readonly messages: number;
  readonly recognised: number;
  /** What the first message that concerns something else is about; null where none is known to. */
  readonly outside: string | null;
}

interface Stated extends Explained {
  readonly rank: number;
  /** Place among what one rule says. */
  readonly place: number;
  readonly subject: NamedSubject;
}

const MAX_FINDINGS = 12;

const confidences: readonly Confidence[] = ['certain', 'likely', 'possible'];
const lower = (a: Confidence, b: Confidence): Confidence => (confidences.indexOf(a) > confidences.indexOf(b) ? a : b);

const namesAnything = ({ groupVersion, apiService, service, address, group }: NamedSubject): boolean =>
  [groupVersion, apiService, service, address, group].some((name) => name !== null);

const hintRank = ranks.indexOf('hint');

/** What one message states. A failure without a word about whose it is, is that of the backend at best. */
const statedBy = (
  text: string,
  count: number,
): { readonly known: boolean; readonly outside: string | null; readonly stated: readonly Stated[] } => {
  const reading = read(text);
  const fitting = rules.flatMap((rule): { rule: Rule; limit: Confidence }[] => {
    const where = applies(rule, reading);
    if (where === null) return [];
    const told = rule.needs.failure === undefined || where.hop !== 'unknown';
    return [{ rule, limit: told ? 'certain' : namesAnything(reading.subject) ? 'likely' : 'possible' }];
  });
  const stated = fitting.flatMap(({ rule, limit }) =>
    rule.says.map(({ code, confidence, why }, place): Stated => ({
      code,
      confidence: lower(confidence, limit),
      why,
      message: text,
      count,
      rank: ranks.indexOf(rule.rank),
      place,
      subject: reading.subject,
    })),
  );
  const more = fitting.some(({ rule }) => rule.rank !== 'hint');
  return {
    known: fitting.length > 0,
    outside: fitting.find(({ rule }) => rule.outside !== undefined)?.rule.outside ?? null,
    stated: more ? stated.filter(({ rank }) => rank < hintRank) : stated,
  };
};

/** Reasons before what only follows from them; what a rule is surest of before its other readings. */
const inOrder = (a: Stated, b: Stated): number =>
  Number(a.confidence === 'possible') - Number(b.confidence === 'possible') ||
  a.rank - b.rank ||
  a.place - b.place ||
  confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence) ||
  b.count - a.count;

/** The causes that the stated ones may be mistaken for: those of the first first. */
const neighboursOf = (stated: readonly Stated[]): readonly Explained[] =>
  stated.flatMap(({ code }) =>
    (neighbours[code] ?? []).map(({ code: neighbour, unless }): Explained => ({
      code: neighbour,
      confidence: 'possible',
      why: unless,
      message: null,
      count: 0,
    })),
  );

const nothing: NamedSubject = { groupVersion: null, apiService: null, service: null, address: null, group: null };

/** What a message, a log or the output of a command points to. Pure, and linear in the length of the text. */
export const explainText = (text: string): TextExplanation => {
  const records = recordsOf(text);
  const read = records.map((record) => ({ ...record, ...statedBy(record.text, record.count) }));
  const stated = read.flatMap((record) => record.stated).toSorted(inOrder);
  const byCode = new Map<FindingCode, Explained>();
  for (const finding of [...stated, ...neighboursOf(stated)]) {
    const { code, confidence, why, message, count } = finding;
    const known = byCode.get(code);
    if (known) byCode.set(code, { ...known, count: known.count + count });
    else byCode.set(code, { code, confidence, why, message, count });
  }
  const counted = (of: typeof read): number => of.reduce((sum, { count }) => sum + count, 0);
  return {
    findings: [...byCode.values()].slice(0, MAX_FINDINGS),
    subject: stated[0]?.subject ?? nothing,
    messages: counted(read),
    outside: read.find(({ outside }) => outside !== null)?.outside ?? null,
    recognised: counted(read.filter(({ known }) => known)),
  };
};
