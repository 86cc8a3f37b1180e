import type { Evidence } from '../model/finding.ts';

/** How much of any received text is quoted (docs/report-contract.md). */
const QUOTED_CHARACTERS = 1024;

// A message is one line that a terminal cannot misread: no control characters, no bidirectional overrides, no lone surrogates.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const escapeOne = (character: string): string => {
  if (character === '\n' || character === '\r' || character === '\t') return ' ';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
};

/** One line, without control characters. */
export const oneLine = (text: string): string => text.toWellFormed().replace(unprintable, escapeOne).trim();

const quote = (text: string): string => {
  const whole = text.toWellFormed();
  return whole.length <= QUOTED_CHARACTERS ? whole : `${whole.slice(0, QUOTED_CHARACTERS).toWellFormed()}… (${whole.length - QUOTED_CHARACTERS} characters left out)`;
};

export const quoteLine = (text: string): string => quote(oneLine(text));

export const quoteEvidence = (evidence: readonly Evidence[]): readonly Evidence[] =>
  evidence.map(({ from, value }) => ({ from: oneLine(from), value: quote(value.trim()) }));
