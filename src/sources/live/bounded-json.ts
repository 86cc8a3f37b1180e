/** How a JSON text is more than the tool parses: a hostile one can take a hundred times its size in memory. */
const MAX_DEPTH = 100;
const MAX_MEMBERS = 1_000_000;
/** Different names of members: V8 spends a kilobyte on each of them. */
const MAX_NAMES = 50_000;

export const TOO_NESTED_OR_NUMEROUS = 'more nested or numerous than the tool parses';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const isOpening = (code: number): boolean => code === 0x5b || code === 0x7b;
const isClosing = (code: number): boolean => code === 0x5d || code === 0x7d;
const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Where the string that begins before `start` ends, by its closing quote. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (before >= start && text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
};

const isBounded = (text: string): boolean => {
  // A member with a name takes six characters: in a short text there cannot be too many.
  const names = text.length > 6 * MAX_NAMES ? new Set<string>() : null;
  let depth = 0;
  let members = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const start = index + 1;
      index = endOfString(text, start);
      if (names === null) continue;
      const end = index;
      while (isBlank(text.charCodeAt(index + 1))) index += 1;
      if (text.charCodeAt(index + 1) === COLON && names.add(text.slice(start, end)).size > MAX_NAMES) return false;
    } else if (isOpening(code) || code === COMMA) {
      members += 1;
      if (isOpening(code)) depth += 1;
      if (depth > MAX_DEPTH || members > MAX_MEMBERS) return false;
    } else if (isClosing(code)) depth -= 1;
  }
  return true;
};

export type ParsedJson =
  | { readonly state: 'value'; readonly value: unknown }
  | { readonly state: 'notJson' }
  | { readonly state: 'tooLarge' };

/** Parses received JSON in bounded memory; never throws. */
export const parseBoundedJson = (text: string): ParsedJson => {
  if (!isBounded(text)) return { state: 'tooLarge' };
  // A page or a sentence, which are frequent: an exception for each is slow.
  if (!/^\s*[[{"\dtfn-]/.test(text)) return { state: 'notJson' };
  try {
    return { state: 'value', value: JSON.parse(text) };
  } catch {
    return { state: 'notJson' };
  }
};
