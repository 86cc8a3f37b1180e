import type { FailureKind } from '../aggregation/failure.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { Confidence } from '../model/finding.ts';
import type { ReadSegment, Reading } from './reading.ts';
import type { Hop } from './wrappers.ts';

/**
 * How much a message says, most first: a reason that stands for itself; a reason that fits many causes (a time-out, an EOF, a 5xx);
 * who suffers; in what state the group is; which client or document lacks it; a word that only repeats that something fails, and
 * counts where nothing else is said.
 */
export const ranks = ['reason', 'generic', 'victim', 'group', 'client', 'hint'] as const;
export type Rank = (typeof ranks)[number];

export interface Saying {
  readonly code: FindingCode;
  readonly confidence: Confidence;
  /** Why the text points there. */
  readonly why: string;
}

/** What a rule needs. All that is given has to hold, in one stretch of the message where `failure` or `on` is given. */
export interface Needs {
  /** Null: the words name none that is known. */
  readonly failure?: readonly FailureKind[] | null;
  /** Default with `failure`: to the backend, through the API server, or untold. */
  readonly on?: readonly Hop[];
  /** With `failure`: the backend's HTTP status, from and to; null: it did not get to answer. */
  readonly status?: readonly [from: number, to: number] | null;
  readonly words?: RegExp;
  /** Somewhere in the message. */
  readonly within?: RegExp;
  readonly without?: RegExp;
}

/** A message shape: what it needs, and what it says. An empty `says` is a shape that is known not to concern the aggregation layer. */
export interface Rule {
  readonly name: string;
  /** Where the wording is from. */
  readonly source: string;
  /** Each is explained by this rule first; no one's cluster is named. */
  readonly examples: readonly [string, ...string[]];
  readonly needs: Needs;
  readonly rank: Rank;
  readonly says: readonly Saying[];
  /** Where nothing is said: what the text is about, in a sentence. */
  readonly outside?: string;
}

const towardsTheBackend: readonly Hop[] = ['backend', 'throughApiServer', 'unknown'];

const holds = ({ words, without }: Needs, text: string): boolean =>
  (words === undefined || words.test(text)) && (without === undefined || !without.test(text));

const failureFits = (failure: Needs['failure'], actual: FailureKind | null): boolean =>
  failure === undefined || (failure === null ? actual === null : actual !== null && failure.includes(actual));

const statusFits = (status: Needs['status'], actual: number | null): boolean =>
  status === undefined ||
  (status === null ? actual === null : actual !== null && actual >= status[0] && actual <= status[1]);

/** The stretch of the message that a rule applies to; null where it does not apply. */
export const applies = ({ needs }: Rule, { text, segments }: Reading): Pick<ReadSegment, 'hop' | 'text'> | null => {
  const { failure, on = failure === undefined ? undefined : towardsTheBackend } = needs;
  if (needs.within !== undefined && !needs.within.test(text)) return null;
  if (on === undefined) return holds(needs, text) ? { hop: 'unknown', text } : null;
  return (
    segments.find(
      (segment) =>
        on.includes(segment.hop) &&
        failureFits(failure, segment.failure) &&
        statusFits(needs.status, segment.httpStatus) &&
        holds(needs, segment.text),
    ) ?? null
  );
};
