import type { Fact, FactsByName } from '../model/facts.ts';

/** What is kept under a name, known or missing. */
export const factAt = <T>(facts: FactsByName<T>, name: string): Fact<T> =>
  (Object.hasOwn(facts, name) ? facts[name] : undefined) ?? {
    state: 'notCollected',
    detail: 'not part of this snapshot',
  };
