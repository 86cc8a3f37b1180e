import type { Look } from '../look.ts';

/** What several collectors, or one for several objects, want to know is asked once in each capture. */
export const oncePerLook = <T>(ask: (look: Look) => Promise<T>): ((look: Look) => Promise<T>) => {
  const asked = new WeakMap<Look, Promise<T>>();
  return (look) => {
    const answer = asked.get(look) ?? ask(look);
    asked.set(look, answer);
    return answer;
  };
};
