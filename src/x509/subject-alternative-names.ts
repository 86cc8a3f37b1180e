import { DerReader, Tag, contextTag } from './der-reader.ts';
import { isDomainName } from './domain-name.ts';
import { byteString, goQuote, isAscii } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { toIpv4 } from './ip-address.ts';
import { Refusal } from './refusal.ts';
import { type ParsedUri, parseUri } from './uri.ts';

/** One name of a SAN extension; kinds Go does not understand are left out. */
export type AlternativeName =
  | { readonly kind: 'dns' | 'email'; readonly text: string }
  | { readonly kind: 'uri'; readonly text: string; readonly uri: ParsedUri }
  | { readonly kind: 'ip'; readonly octets: Uint8Array };

const EMAIL = contextTag(1);
const DNS = contextTag(2);
const URI = contextTag(6);
const IP = contextTag(7);

const parseUriName = (text: string, rules: GoRules): AlternativeName | Refusal => {
  if (!isAscii(text)) return new Refusal('x509: SAN uniformResourceIdentifier is malformed');
  const uri = parseUri(text, rules);
  if (uri instanceof Refusal) return new Refusal(`x509: cannot parse URI ${goQuote(text)}: ${uri.text}`);
  if (uri.host !== '' && !isDomainName(uri.host, rules)) {
    return new Refusal(`x509: cannot parse URI ${goQuote(text)}: invalid domain`);
  }
  return { kind: 'uri', text, uri };
};

const parseIpName = (octets: Uint8Array, rules: GoRules): AlternativeName | Refusal => {
  if (octets.length !== 4 && octets.length !== 16) {
    return new Refusal(`x509: cannot parse IP address of length ${octets.length}`);
  }
  if (rules.mappedAddressesRefused && octets.length === 16 && toIpv4(octets) !== null) {
    return new Refusal('x509: SAN iPAddress contains IPv4-mapped IPv6 address');
  }
  return { kind: 'ip', octets };
};

const parseAlternativeName = (tag: number, contents: Uint8Array, rules: GoRules): AlternativeName | null | Refusal => {
  const text = byteString(contents);
  switch (tag) {
    case EMAIL:
      return isAscii(text) ? { kind: 'email', text } : new Refusal('x509: SAN rfc822Name is malformed');
    case DNS:
      return isAscii(text) ? { kind: 'dns', text } : new Refusal('x509: SAN dNSName is malformed');
    case URI:
      return parseUriName(text, rules);
    case IP:
      return parseIpName(contents, rules);
    default:
      return null;
  }
};

/** Parses the value of a subjectAltName extension, names in certificate order (parser.go, parseSANExtension). */
export const parseAlternativeNames = (value: Uint8Array, rules: GoRules): readonly AlternativeName[] | Refusal => {
  const sequence = new DerReader(value).enter(Tag.sequence);
  if (sequence === null) return new Refusal('x509: invalid subject alternative names');
  const names: AlternativeName[] = [];
  while (!sequence.isAtEnd) {
    const element = sequence.readElement();
    if (element === null) return new Refusal('x509: invalid subject alternative name');
    const name = parseAlternativeName(element.tag, element.contents, rules);
    if (name instanceof Refusal) return name;
    if (name !== null) names.push(name);
  }
  return names;
};
