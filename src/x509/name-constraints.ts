import { DerReader, Tag, constructedContextTag, contextTag } from './der-reader.ts';
import { isDomainConstraint } from './domain-name.ts';
import { byteString, goQuote, isAscii } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { type IpNetwork, parseIp, toIpv4 } from './ip-address.ts';
import { parseMailbox } from './mailbox.ts';
import { Refusal } from './refusal.ts';

/** The subtrees of one side, by kind and in certificate order. */
export interface Subtrees {
  readonly dns: readonly string[];
  readonly ip: readonly IpNetwork[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
}

/** A parsed nameConstraints extension (RFC 5280, 4.2.1.10). */
export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
  /** True if it holds a kind of name Go does not understand. */
  readonly hasUnknownKind: boolean;
}

const EMAIL = contextTag(1);
const DNS = contextTag(2);
const URI = contextTag(6);
const IP = contextTag(7);

interface CollectedSubtrees {
  readonly dns: string[];
  readonly ip: IpNetwork[];
  readonly email: string[];
  readonly uri: string[];
  hasUnknownKind: boolean;
}

const MALFORMED = 'x509: invalid NameConstraints extension';

const refuseNonAscii = (text: string): Refusal | null =>
  isAscii(text)
    ? null
    : new Refusal(`x509: invalid constraint value: x509: ${goQuote(text)} cannot be encoded as an IA5String`);

// parser.go, isValidIPMask: ones, then zeros.
const isContiguous = (mask: Uint8Array): boolean => {
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits);
};

const collectDns = (text: string, into: CollectedSubtrees, rules: GoRules): Refusal | null => {
  const refusal = refuseNonAscii(text);
  if (refusal !== null) return refusal;
  if (!isDomainConstraint(text, rules)) return new Refusal(`x509: failed to parse dnsName constraint ${goQuote(text)}`);
  into.dns.push(text);
  return null;
};

const collectEmail = (text: string, into: CollectedSubtrees, rules: GoRules): Refusal | null => {
  const refusal = refuseNonAscii(text);
  if (refusal !== null) return refusal;
  const isWellFormed = text.includes('@') ? parseMailbox(text, rules) !== null : isDomainConstraint(text, rules);
  if (!isWellFormed) return new Refusal(`x509: failed to parse rfc822Name constraint ${goQuote(text)}`);
  into.email.push(text);
  return null;
};

const collectUri = (text: string, into: CollectedSubtrees, rules: GoRules): Refusal | null => {
  const refusal = refuseNonAscii(text);
  if (refusal !== null) return refusal;
  if (parseIp(text) !== null) {
    return new Refusal(`x509: failed to parse URI constraint ${goQuote(text)}: cannot be IP address`);
  }
  if (!isDomainConstraint(text, rules)) return new Refusal(`x509: failed to parse URI constraint ${goQuote(text)}`);
  into.uri.push(text);
  return null;
};

const collectIp = (octets: Uint8Array, into: CollectedSubtrees, rules: GoRules): Refusal | null => {
  if (octets.length !== 8 && octets.length !== 32) {
    return new Refusal(`x509: IP constraint contained value of length ${octets.length}`);
  }
  const address = octets.subarray(0, octets.length / 2);
  const mask = octets.subarray(octets.length / 2);
  if (!isContiguous(mask)) {
    return new Refusal(`x509: IP constraint contained invalid mask ${Buffer.from(mask).toString('hex')}`);
  }
  if (rules.mappedAddressesRefused && address.length === 16 && toIpv4(address) !== null) {
    return new Refusal('x509: IP constraint contained IPv4-mapped IPv6 address');
  }
  into.ip.push({ address, mask });
  return null;
};

const collect = (reader: DerReader, into: CollectedSubtrees, rules: GoRules): Refusal | null => {
  const subtree = reader.enter(Tag.sequence)?.readElement() ?? null;
  if (subtree === null) return new Refusal(MALFORMED);
  switch (subtree.tag) {
    case DNS:
      return collectDns(byteString(subtree.contents), into, rules);
    case EMAIL:
      return collectEmail(byteString(subtree.contents), into, rules);
    case URI:
      return collectUri(byteString(subtree.contents), into, rules);
    case IP:
      return collectIp(subtree.contents, into, rules);
    default:
      into.hasUnknownKind = true;
      return null;
  }
};

const collectAll = (contents: Uint8Array, rules: GoRules): CollectedSubtrees | Refusal => {
  const collected: CollectedSubtrees = { dns: [], ip: [], email: [], uri: [], hasUnknownKind: false };
  const reader = new DerReader(contents);
  while (!reader.isAtEnd) {
    const refusal = collect(reader, collected, rules);
    if (refusal !== null) return refusal;
  }
  return collected;
};

/** Parses the value of a nameConstraints extension (parser.go, parseNameConstraintsExtension). */
export const parseNameConstraints = (value: Uint8Array, rules: GoRules): NameConstraints | Refusal => {
  const outer = new DerReader(value);
  const sequence = outer.enter(Tag.sequence);
  if (sequence === null || !outer.isAtEnd) return new Refusal(MALFORMED);
  const permittedContents = sequence.readOptional(constructedContextTag(0));
  if (permittedContents === null) return new Refusal(MALFORMED);
  const excludedContents = sequence.readOptional(constructedContextTag(1));
  if (excludedContents === null || !sequence.isAtEnd) return new Refusal(MALFORMED);
  if ((permittedContents?.length ?? 0) === 0 && (excludedContents?.length ?? 0) === 0) {
    return new Refusal('x509: empty name constraints extension');
  }
  const permitted = collectAll(permittedContents ?? new Uint8Array(), rules);
  if (permitted instanceof Refusal) return permitted;
  const excluded = collectAll(excludedContents ?? new Uint8Array(), rules);
  if (excluded instanceof Refusal) return excluded;
  return { permitted, excluded, hasUnknownKind: permitted.hasUnknownKind || excluded.hasUnknownKind };
};
