import type { Facts } from '../model/facts.ts';

/** What depends on nothing but the snapshot is worked out once, however many APIServices ask for it. */
export const oncePerSnapshot = <T extends object>(work: (facts: Facts) => T): ((facts: Facts) => T) => {
  const done = new WeakMap<Facts, T>();
  return (facts) => {
    const value = done.get(facts) ?? work(facts);
    done.set(facts, value);
    return value;
  };
};
