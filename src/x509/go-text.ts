// Go strings are byte strings, and Go's %q and comparisons see the bytes. Inside
// this folder such a string is a JavaScript string with one character per byte;
// it becomes Unicode text once, when it leaves the folder.

const NON_ASCII = /[\u0080-\u{10ffff}]/u;
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes as a byte string. */
export const byteString = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Unicode text as the byte string of its UTF-8 form. */
export const toByteString = (text: string): string =>
  NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;

/** A byte string as Unicode text; what is not UTF-8 becomes U+FFFD. */
export const fromByteString = (bytes: string): string =>
  NON_ASCII.test(bytes) ? utf8Decoder.decode(Buffer.from(bytes, 'latin1')) : bytes;

/** ASCII letters lowered, every other byte as it is (verify.go, toLowerCaseASCII). */
export const lowerAscii = (bytes: string): string => bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** True if every byte is below 0x80 (x509.go, isIA5String). */
export const isAscii = (bytes: string): boolean => !NON_ASCII.test(bytes);

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
const NAMED_ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** Length of the well-formed UTF-8 sequence at `at`, or 0 (unicode/utf8, Table 3-7 of the Unicode standard). */
const sequenceLength = (bytes: string, at: number): number => {
  const first = bytes.charCodeAt(at);
  const second = bytes.charCodeAt(at + 1);
  const follows = (offset: number): boolean => (bytes.charCodeAt(at + offset) & 0xc0) === 0x80;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
};

/** True if the bytes are well-formed UTF-8 (unicode/utf8, Valid). */
export const isUtf8 = (bytes: string): boolean => {
  if (isAscii(bytes)) return true;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return false;
    at += length;
  }
  return true;
};

const quoteCharacter = (bytes: string, at: number, length: number): string => {
  const raw = bytes.slice(at, at + length);
  const character = length === 1 ? raw : Buffer.from(raw, 'latin1').toString('utf8');
  const point = character.codePointAt(0) ?? 0;
  const named = NAMED_ESCAPES[point];
  if (named !== undefined) return named;
  if (point >= 0x20 && point < 0x7f) return raw;
  if (point < 0x80) return `\\x${hex(point, 2)}`;
  if (PRINTABLE.test(character)) return raw;
  return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
};

/** A byte string in Go's double quotes: what `%q` and strconv.Quote print. */
export const goQuote = (bytes: string): string => {
  if (PLAIN.test(bytes)) return `"${bytes}"`;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      parts.push(`\\x${hex(bytes.charCodeAt(at), 2)}`);
      at += 1;
    } else {
      parts.push(quoteCharacter(bytes, at, length));
      at += length;
    }
  }
  return `"${parts.join('')}"`;
};
