import { randomInt } from 'node:crypto';

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

/** Where FNV-1a starts: at random, so that nobody can choose names that look the same to it. */
const HASH_START = randomInt(2 ** 31);
const FNV_PRIME = 0x01000193;

const isBounded = (text: string): boolean => {
  const names = new Set<number>();
  let depth = 0;
  let members = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      let hash = HASH_START;
      for (index += 1; index < text.length; index += 1) {
        const inner = text.charCodeAt(index);
        if (inner === QUOTE) break;
        hash = Math.imul(hash ^ inner, FNV_PRIME);
        if (inner === BACKSLASH) {
          index += 1;
          hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
        }
      }
      while (isBlank(text.charCodeAt(index + 1))) index += 1;
      if (text.charCodeAt(index + 1) === COLON && names.add(hash).size > MAX_NAMES) return false;
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
  try {
    return { state: 'value', value: JSON.parse(text) };
  } catch {
    return { state: 'notJson' };
  }
};
