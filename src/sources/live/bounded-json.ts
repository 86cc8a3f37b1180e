/** How a JSON text is more than the tool parses: a hostile one can take a hundred times its size in memory. */
const MAX_DEPTH = 100;
const MAX_MEMBERS = 1_000_000;

export const TOO_NESTED_OR_NUMEROUS = 'more nested or numerous than the tool parses';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const isOpening = (code: number): boolean => code === 0x5b || code === 0x7b;
const isClosing = (code: number): boolean => code === 0x5d || code === 0x7d;

const isBounded = (text: string): boolean => {
  let depth = 0;
  let members = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (isOpening(code) || code === COMMA) {
      members += 1;
      if (isOpening(code)) depth += 1;
      if (depth > MAX_DEPTH || members > MAX_MEMBERS) return false;
    } else if (isClosing(code)) depth -= 1;
  }
  return true;
};

export type ParsedJson = { readonly state: 'value'; readonly value: unknown } | { readonly state: 'notJson' } | { readonly state: 'tooLarge' };

/** Parses received JSON in bounded memory; never throws. */
export const parseBoundedJson = (text: string): ParsedJson => {
  if (!isBounded(text)) return { state: 'tooLarge' };
  try {
    return { state: 'value', value: JSON.parse(text) };
  } catch {
    return { state: 'notJson' };
  }
};
