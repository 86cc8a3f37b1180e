import { goQuote } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { parseAddress, toIpv4 } from './ip-address.ts';
import { Refusal } from './refusal.ts';

/** A URI as Go's net/url parses it; every field is a byte string. */
export interface ParsedUri {
  readonly scheme: string;
  readonly opaque: string;
  /** `user` or `user:password`, escaped again; null without userinfo. */
  readonly userinfo: string | null;
  /** Host and port as written, %-escapes resolved. */
  readonly host: string;
  readonly path: string;
  /** The path as written, "" where escaping it again gives the same. */
  readonly rawPath: string;
  readonly omitHost: boolean;
  readonly forceQuery: boolean;
  readonly rawQuery: string;
  readonly fragment: string;
  readonly rawFragment: string;
}

type Part = 'path' | 'host' | 'zone' | 'userPassword' | 'fragment';

const ALPHANUMERIC_OR_MARK = /[0-9A-Za-z\-_.~]/;
// net/url, shouldEscape: what else may stand unescaped in each part.
const UNESCAPED: Readonly<Record<Part, string>> = {
  path: '$&+,/:;=@',
  host: '!$&\'()*+,;=:[]<>"',
  zone: '!$&\'()*+,;=:[]<>"',
  userPassword: '$&+,;=',
  fragment: '$&+,/:;=?@!()*',
};

const mustEscape = (byte: string, part: Part): boolean =>
  !ALPHANUMERIC_OR_MARK.test(byte) && !UNESCAPED[part].includes(byte);

const escape = (text: string, part: Part): string =>
  text.replace(/[^0-9A-Za-z\-_.~]/gs, (byte) =>
    UNESCAPED[part].includes(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

const badEscape = (text: string): Refusal => new Refusal(`invalid URL escape ${goQuote(text)}`);

const unescape = (text: string, part: Part): string | Refusal => {
  const inHost = part === 'host' || part === 'zone';
  if (!inHost && !text.includes('%')) return text;
  const parts: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const byte = text.charAt(at);
    if (byte !== '%') {
      if (inHost && byte < '\x80' && mustEscape(byte, part)) {
        return new Refusal(`invalid character ${goQuote(byte)} in host name`);
      }
      parts.push(byte);
      continue;
    }
    const escaped = text.slice(at, at + 3);
    if (!/^%[0-9A-Fa-f]{2}$/.test(escaped)) return badEscape(escaped);
    const code = Number.parseInt(escaped.slice(1), 16);
    // RFC 6874: in a host only non-ASCII bytes and the percent sign before a zone may be escaped.
    if (part === 'host' && code < 0x80 && escaped !== '%25') return badEscape(escaped);
    if (part === 'zone' && escaped !== '%25' && code !== 0x20 && mustEscape(String.fromCharCode(code), 'host')) {
      return badEscape(escaped);
    }
    parts.push(String.fromCharCode(code));
    at += 2;
  }
  return parts.join('');
};

const splitScheme = (text: string): { readonly scheme: string; readonly rest: string } | Refusal => {
  if (text.startsWith(':')) return new Refusal('missing protocol scheme');
  const match = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(text);
  const scheme = match?.[1] ?? '';
  return scheme === '' ? { scheme, rest: text } : { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) };
};

const checkPort = (colonPort: string): Refusal | null =>
  /^(?::[0-9]*)?$/.test(colonPort) ? null : new Refusal(`invalid port ${goQuote(colonPort)} after host`);

/** Where the closing bracket is, if a port or nothing follows it. */
const closingBracket = (host: string): number | Refusal => {
  const close = host.lastIndexOf(']');
  return close < 0 ? new Refusal("missing ']' in host") : (checkPort(host.slice(close + 1)) ?? close);
};

/** An address and its zone, which have different escapes (RFC 6874). */
const unescapeZoned = (text: string): string | Refusal => {
  const zoneAt = text.indexOf('%25');
  const address = unescape(zoneAt < 0 ? text : text.slice(0, zoneAt), 'host');
  if (address instanceof Refusal || zoneAt < 0) return address;
  const zone = unescape(text.slice(zoneAt), 'zone');
  return zone instanceof Refusal ? zone : address + zone;
};

// Before Go looked at what the brackets hold.
const unescapeBracketed = (host: string): string | Refusal => {
  const close = closingBracket(host);
  if (close instanceof Refusal) return close;
  if (!host.slice(0, close).includes('%25')) return unescape(host, 'host');
  const address = unescapeZoned(host.slice(0, close));
  if (address instanceof Refusal) return address;
  const tail = unescape(host.slice(close), 'host');
  return tail instanceof Refusal ? tail : address + tail;
};

const parseBracketed = (host: string, open: number, rules: GoRules): string | Refusal => {
  const close = closingBracket(host);
  if (close instanceof Refusal) return close;
  const port = unescape(host.slice(close + 1), 'host');
  if (port instanceof Refusal) return port;
  const address = unescapeZoned(host.slice(open + 1, close));
  if (address instanceof Refusal) return address;
  const parsed = parseAddress(address);
  if (parsed instanceof Refusal) return new Refusal(`invalid host: ${parsed.text}`);
  if (rules.urlBrackets === 'anywhere-unmapped' && toIpv4(parsed.octets) !== null) {
    return new Refusal('invalid IPv6 host');
  }
  return parsed.octets.length === 4 ? new Refusal('invalid IP-literal') : `[${address}]${port}`;
};

const wantsOneColon = (scheme: string, { urlColonsStrict }: GoRules): boolean => {
  if (urlColonsStrict === 'never') return false;
  return urlColonsStrict === 'http' ? ['http', 'https'].includes(scheme) : !['postgres', 'postgresql'].includes(scheme);
};

const parseHost = (scheme: string, host: string, rules: GoRules): string | Refusal => {
  const open = host.lastIndexOf('[');
  if (rules.urlBrackets === 'unchecked') {
    if (host.startsWith('[')) return unescapeBracketed(host);
  } else if (open >= 0) {
    const isMisplaced = open > 0 && rules.urlBrackets === 'at-the-start';
    return isMisplaced ? new Refusal('invalid IP-literal') : parseBracketed(host, open, rules);
  }
  const colon = wantsOneColon(scheme, rules) ? host.indexOf(':') : host.lastIndexOf(':');
  const badPort = colon < 0 ? null : checkPort(host.slice(colon));
  return badPort ?? unescape(host, 'host');
};

const parseUserinfo = (text: string): string | Refusal => {
  if (!/^[0-9A-Za-z\-._:~!$&'()*+,;=%@]*$/.test(text)) return new Refusal('net/url: invalid userinfo');
  const colon = text.indexOf(':');
  const user = unescape(colon < 0 ? text : text.slice(0, colon), 'userPassword');
  if (user instanceof Refusal) return user;
  if (colon < 0) return escape(user, 'userPassword');
  const password = unescape(text.slice(colon + 1), 'userPassword');
  if (password instanceof Refusal) return password;
  return `${escape(user, 'userPassword')}:${escape(password, 'userPassword')}`;
};

interface Authority {
  readonly userinfo: string | null;
  readonly host: string;
}

const parseAuthority = (scheme: string, authority: string, rules: GoRules): Authority | Refusal => {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1), rules);
  if (host instanceof Refusal) return host;
  if (at < 0) return { userinfo: null, host };
  const userinfo = parseUserinfo(authority.slice(0, at));
  return userinfo instanceof Refusal ? userinfo : { userinfo, host };
};

const NOTHING: ParsedUri = {
  scheme: '',
  opaque: '',
  userinfo: null,
  host: '',
  path: '',
  rawPath: '',
  omitHost: false,
  forceQuery: false,
  rawQuery: '',
  fragment: '',
  rawFragment: '',
};

const splitQuery = (
  text: string,
): { readonly rest: string; readonly rawQuery: string; readonly forceQuery: boolean } => {
  const mark = text.indexOf('?');
  if (mark < 0) return { rest: text, rawQuery: '', forceQuery: false };
  return { rest: text.slice(0, mark), rawQuery: text.slice(mark + 1), forceQuery: mark === text.length - 1 };
};

const withPath = (uri: ParsedUri, text: string): ParsedUri | Refusal => {
  const path = unescape(text, 'path');
  if (path instanceof Refusal) return path;
  return { ...uri, path, rawPath: escape(path, 'path') === text ? '' : text };
};

const parseWithoutFragment = (text: string, rules: GoRules): ParsedUri | Refusal => {
  if (/[\x00-\x1f\x7f]/.test(text)) return new Refusal('net/url: invalid control character in URL');
  if (text === '*') return { ...NOTHING, path: '*' };
  const split = splitScheme(text);
  if (split instanceof Refusal) return split;
  const { scheme } = split;
  const { rest, rawQuery, forceQuery } = splitQuery(split.rest);
  const base: ParsedUri = { ...NOTHING, scheme, rawQuery, forceQuery };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...base, opaque: rest };
    if ((rest.split('/', 1)[0] ?? '').includes(':')) {
      return new Refusal('first path segment in URL cannot contain colon');
    }
  }
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2);
    const end = slash < 0 ? rest.length : slash;
    const authority = parseAuthority(scheme, rest.slice(2, end), rules);
    return authority instanceof Refusal ? authority : withPath({ ...base, ...authority }, rest.slice(end));
  }
  return withPath({ ...base, omitHost: scheme !== '' && rest.startsWith('/') }, rest);
};

const parseError = (text: string, refusal: Refusal): Refusal => new Refusal(`parse ${goQuote(text)}: ${refusal.text}`);

/** Parses a URI as Go's net/url.Parse, with its texts. */
export const parseUri = (text: string, rules: GoRules): ParsedUri | Refusal => {
  const hash = text.indexOf('#');
  const before = hash < 0 ? text : text.slice(0, hash);
  const uri = parseWithoutFragment(before, rules);
  if (uri instanceof Refusal) return parseError(before, uri);
  const written = hash < 0 ? '' : text.slice(hash + 1);
  if (written === '') return uri;
  const fragment = unescape(written, 'fragment');
  if (fragment instanceof Refusal) return parseError(text, fragment);
  return { ...uri, fragment, rawFragment: escape(fragment, 'fragment') === written ? '' : written };
};

const isValidEncoding = (text: string, part: Part): boolean =>
  Array.from(text).every((byte) => "!$&'()*+,;=:@[]%".includes(byte) || !mustEscape(byte, part));

const escapedAs = (raw: string, plain: string, part: Part): string => {
  if (raw !== '' && isValidEncoding(raw, part) && unescape(raw, part) === plain) return raw;
  return part === 'path' && plain === '*' ? '*' : escape(plain, part);
};

/** Prints a URI as Go's net/url URL.String. */
export const formatUri = (uri: ParsedUri, rules: GoRules): string => {
  const parts: string[] = uri.scheme === '' ? [] : [`${uri.scheme}:`];
  if (uri.opaque === '') {
    const hasAuthority = uri.host !== '' || uri.userinfo !== null;
    const omitsHost = uri.omitHost && !hasAuthority;
    if ((uri.scheme !== '' || hasAuthority) && !omitsHost) {
      if (hasAuthority || uri.path !== '') parts.push('//');
      if (uri.userinfo !== null) parts.push(`${uri.userinfo}@`);
      parts.push(escape(uri.host, 'host'));
    }
    let path = escapedAs(uri.rawPath, uri.path, 'path');
    if (rules.urlDoubleSlashEscaped && omitsHost && path.startsWith('//')) path = `%2F${path.slice(1)}`;
    if (path !== '' && !path.startsWith('/') && uri.host !== '') parts.push('/');
    if (parts.join('') === '' && (path.split('/', 1)[0] ?? '').includes(':')) parts.push('./');
    parts.push(path);
  } else {
    parts.push(uri.opaque);
  }
  if (uri.forceQuery || uri.rawQuery !== '') parts.push(`?${uri.rawQuery}`);
  if (uri.fragment !== '') parts.push(`#${escapedAs(uri.rawFragment, uri.fragment, 'fragment')}`);
  return parts.join('');
};
