import type { GoRules } from './go-version.ts';

/** A PEM block as Go's encoding/pem sees it. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Uint8Array;
  /** Where the block's BEGIN line starts and where reading goes on, as offsets into the text. */
  readonly start: number;
  readonly end: number;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';

interface Line {
  readonly text: string;
  readonly next: number;
}

/** The line at `at` without trailing blanks, and where the next one starts (pem.go, getLine). */
const lineAt = (text: string, at: number): Line => {
  const newline = text.indexOf('\n', at);
  if (newline < 0) return { text: trimBlanks(text.slice(at)), next: text.length };
  const end = newline > at && text[newline - 1] === '\r' ? newline - 1 : newline;
  return { text: trimBlanks(text.slice(at, end)), next: newline + 1 };
};

const trimBlanks = (line: string): string => {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return line.slice(0, end);
};

/** The decoded body, null if it is no padded base64; line ends and blanks do not count (encoding/base64). */
const decodeBody = (body: string): Uint8Array | null => {
  if (/[^A-Za-z0-9+/= \t\r\n]/.test(body)) return null;
  const compact = body.replace(/[ \t\r\n]+/g, '');
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  const isPadded = compact.length % 4 === 0 && !compact.slice(0, compact.length - padding).includes('=');
  return isPadded ? Buffer.from(compact, 'base64') : null;
};

/** True if the type is repeated at `at`, behind the END marker, and only blanks follow on that line. */
const endsLine = (text: string, at: number, type: string): boolean => {
  const trailer = `${type}${DASHES}`;
  return text.startsWith(trailer, at) && lineAt(text, at + trailer.length).text === '';
};

interface Headers {
  readonly hasHeaders: boolean;
  readonly bodyAt: number;
}

/** Lines with a colon are headers; null if the text ends in them. */
const skipHeaders = (text: string, at: number): Headers | null => {
  let bodyAt = at;
  let hasHeaders = false;
  while (bodyAt < text.length) {
    const line = lineAt(text, bodyAt);
    if (!line.text.includes(':')) return { hasHeaders, bodyAt };
    hasHeaders = true;
    bodyAt = line.next;
  }
  return null;
};

type Decode = (text: string, from: number) => PemBlock | null;

const typeOf = (line: string): string | null => (line.endsWith(DASHES) ? line.slice(0, -DASHES.length) : null);

// Until 1.24.7: from each BEGIN line on, to the first END line after it.
const decodeForward: Decode = (text, from) => {
  let at = from;
  // Kept from one BEGIN line to the next, or many of them would make the search quadratic.
  let bodyEnd = -1;
  for (;;) {
    const newline = text.startsWith(BEGIN, at) ? at - 1 : text.indexOf(`\n${BEGIN}`, at);
    if (newline < 0 && !text.startsWith(BEGIN, at)) return null;
    const begin = newline + 1;
    const typeLine = lineAt(text, begin + BEGIN.length);
    at = typeLine.next;
    const type = typeOf(typeLine.text);
    if (type === null) continue;
    const headers = skipHeaders(text, at);
    if (headers === null) return null;
    at = headers.bodyAt;
    const isEmpty = !headers.hasHeaders && text.startsWith(END.slice(1), at);
    if (isEmpty) bodyEnd = at;
    else if (bodyEnd < at) bodyEnd = text.indexOf(END, at);
    if (bodyEnd < 0) return null;
    const markerEnd = bodyEnd + END.length - (isEmpty ? 1 : 0);
    const bytes = endsLine(text, markerEnd, type) ? decodeBody(text.slice(at, bodyEnd)) : null;
    if (bytes === null) continue;
    const end = lineAt(text, bodyEnd + END.length - 1).next;
    return { type, hasHeaders: headers.hasHeaders, bytes, start: begin, end };
  }
};

// From 1.24.8 and 1.25.2: from each END line on, back to the last BEGIN before it.
const decodeBackward: Decode = (text, from) => {
  let at = from;
  while (at <= text.length) {
    const attempt = decodeBefore(text, at);
    if (attempt === null || typeof attempt !== 'number') return attempt;
    at = attempt;
  }
  return null;
};

/** The block that ends with the next END line; where to go on if there is none, null to give up. */
const decodeBefore = (text: string, at: number): PemBlock | number | null => {
  const endAt = text.indexOf(END, at);
  if (endAt < 0) return null;
  const markerEnd = endAt + END.length;
  const begin = at + text.slice(at, endAt).lastIndexOf(BEGIN);
  const isFound = begin >= at && (begin === at || text[begin - 1] === '\n');
  if (!isFound) return markerEnd;
  const typeLine = lineAt(text, begin + BEGIN.length);
  const type = typeOf(typeLine.text);
  if (type === null) return markerEnd;
  const headers = skipHeaders(text, typeLine.next);
  // Headers may run past the END line if its type has a colon; Go then gives up.
  if (headers === null || headers.bodyAt > markerEnd) return null;
  const { hasHeaders, bodyAt } = headers;
  if ((hasHeaders && endAt < bodyAt) || !endsLine(text, markerEnd, type)) return markerEnd;
  const bytes = endAt > bodyAt ? decodeBody(text.slice(bodyAt, endAt)) : new Uint8Array();
  if (bytes === null) return markerEnd;
  return { type, hasHeaders, bytes, start: begin, end: lineAt(text, markerEnd - 1).next };
};

const DECODERS: Readonly<Record<GoRules['pemReading'], Decode>> = {
  forward: decodeForward,
  backward: decodeBackward,
  'backward-once': (text, from) => {
    const attempt = decodeBefore(text, from);
    return typeof attempt === 'number' ? null : attempt;
  },
};

/** Finds the next PEM block at or after an offset, as Go's encoding/pem.Decode; null if there is none. */
export const nextPemBlock: (text: string, from: number, rules: GoRules) => PemBlock | null = (text, from, rules) =>
  DECODERS[rules.pemReading](text, from);
