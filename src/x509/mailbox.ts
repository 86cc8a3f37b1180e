import { isDomainName } from './domain-name.ts';
import type { GoRules } from './go-version.ts';

/** An email address in its two parts, the local one without quotes and backslashes. */
export interface Mailbox {
  readonly local: string;
  readonly domain: string;
}

const isQuotable = (code: number): boolean =>
  code === 11 || code === 12 || (code >= 1 && code <= 9) || (code >= 14 && code <= 127);

// Space is not in the grammar, but Go takes it (verify.go, on RFC 3696).
const isQuotedText = (code: number): boolean =>
  code === 11 ||
  code === 12 ||
  code === 32 ||
  code === 33 ||
  code === 127 ||
  (code >= 1 && code <= 8) ||
  (code >= 14 && code <= 31) ||
  (code >= 35 && code <= 91) ||
  (code >= 93 && code <= 126);

const ATOM_OR_DOT = /[0-9A-Za-z!#$%&'*+\-/=?^_`{|}~.]/;

interface LocalPart {
  readonly local: string;
  readonly end: number;
}

const parseQuotedLocal = (text: string): LocalPart | null => {
  const local: string[] = [];
  for (let at = 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') return { local: local.join(''), end: at + 1 };
    if (character === '\\') {
      at += 1;
      if (at >= text.length || !isQuotable(text.charCodeAt(at))) return null;
      local.push(text.charAt(at));
    } else if (isQuotedText(text.charCodeAt(at))) {
      local.push(character);
    } else {
      return null;
    }
  }
  return null;
};

const parseDottedLocal = (text: string): LocalPart | null => {
  const local: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.charAt(at) === '\\') {
      at += 1;
      if (at >= text.length) return null;
    } else if (!ATOM_OR_DOT.test(text.charAt(at))) {
      break;
    }
    local.push(text.charAt(at));
    at += 1;
  }
  const joined = local.join('');
  const isWellFormed = joined !== '' && !joined.startsWith('.') && !joined.endsWith('.') && !joined.includes('..');
  return isWellFormed ? { local: joined, end: at } : null;
};

/** Splits an email address as Go does, null if it is none (verify.go, parseRFC2821Mailbox; RFC 2821, 4.1.2). */
export const parseMailbox = (text: string, rules: GoRules): Mailbox | null => {
  const part = text.startsWith('"') ? parseQuotedLocal(text) : parseDottedLocal(text);
  if (part === null || text.charAt(part.end) !== '@') return null;
  const domain = text.slice(part.end + 1);
  if (!isDomainName(domain, rules)) return null;
  if (rules.mailboxDomainScanned && domain.includes('@')) return null;
  return { local: part.local, domain };
};
