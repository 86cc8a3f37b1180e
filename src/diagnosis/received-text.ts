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

const quote = (text: string, characters = QUOTED_CHARACTERS): string => {
  const whole = text.toWellFormed();
  return whole.length <= characters
    ? whole
    : `${whole.slice(0, characters).toWellFormed()}… (${whole.length - characters} characters left out)`;
};

export const quoteLine = (text: string): string => quote(oneLine(text));

/** Of the 16 KiB that no finding exceeds (docs/report-contract.md), what message and remedy leave. */
const EVIDENCE_BYTES = 6 * 1024;
const SHOWN_WHEN_TOO_LONG = 8;

const quoteEach = (evidence: readonly Evidence[], characters: number): readonly Evidence[] =>
  evidence.map(({ from, value }) => ({
    from: quote(oneLine(from), characters),
    value: quote(value.trim(), characters),
  }));

/** Evidence in as many characters of each value as the finding has room for. */
export const quoteEvidence = (evidence: readonly Evidence[]): readonly Evidence[] => {
  for (let characters = QUOTED_CHARACTERS; characters >= 128; characters /= 2) {
    const quoted = quoteEach(evidence, characters);
    if (new TextEncoder().encode(JSON.stringify(quoted)).length <= EVIDENCE_BYTES) return quoted;
  }
  const left = evidence.length - SHOWN_WHEN_TOO_LONG;
  return [
    ...quoteEach(evidence.slice(0, SHOWN_WHEN_TOO_LONG), 128),
    ...(left > 0 ? [{ from: 'further evidence', value: `${left} more` }] : []),
  ];
};
