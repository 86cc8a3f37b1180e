import type { FindingCode } from '../src/model/catalogue.ts';

const families: Readonly<Record<string, string>> = {
  1: 'registration',
  2: 'backend',
  3: 'serving-certificate',
  4: 'discovery',
  5: 'priority',
  6: 'authentication',
  7: 'impact',
  8: 'outside',
};

/** The folder, below src/checks and test/checks, of the family that the hundreds of a code stand for. */
export const familyOf = (code: FindingCode): string => {
  const family = families[code.charAt(2)];
  if (family === undefined) throw new Error(`${code} belongs to no family`);
  return family;
};
