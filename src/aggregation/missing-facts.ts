import type { Fact, FactName, Facts, Missing } from '../model/facts.ts';

/** A fact that could not be had; `name` is the namespace or APIService where it is kept for each. */
export interface MissingFact {
  readonly fact: FactName;
  readonly name: string | null;
  readonly missing: Missing;
}

const isFact = (value: unknown): value is Fact<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { state?: unknown }).state === 'string';

/** Everything in the snapshot that could not be looked at, and why. */
export const missingFacts = (facts: Facts): readonly MissingFact[] =>
  (Object.entries(facts) as [FactName, Facts[FactName]][]).flatMap(([fact, held]): readonly MissingFact[] => {
    // A namespace named `state` holds an object, never a string, so the two shapes cannot be confused.
    if (isFact(held)) return held.state === 'known' ? [] : [{ fact, name: null, missing: held }];
    return Object.entries(held as Readonly<Record<string, Fact<unknown>>>).flatMap(([name, entry]) =>
      entry.state === 'known' ? [] : [{ fact, name, missing: entry }],
    );
  });
