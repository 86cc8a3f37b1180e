import type { ParsedCertificate } from './certificate.ts';
import { constrainedHost } from './constrained-uri.ts';
import { isDomainName } from './domain-name.ts';
import { goQuote, lowerAscii } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { formatIp } from './ip-address.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';
import { type SubtreeLookup, dnsLookup, emailLookup, ipLookup } from './name-constraint-subtrees.ts';
import type { NameConstraints } from './name-constraints.ts';
import { Refusal } from './refusal.ts';
import type { AlternativeName } from './subject-alternative-names.ts';
import { formatUri } from './uri.ts';

/** The constraint that refused a name, and whose it is. */
export interface ConstraintViolation {
  readonly text: string;
  /** The certificate with the constraint, null where the name itself is at fault. */
  readonly authority: ParsedCertificate | null;
  readonly holder: ParsedCertificate;
}

interface KindOfName<Name> {
  /** As Go's texts call it. */
  readonly kind: string;
  readonly permitted: SubtreeLookup<Name> | null;
  readonly excluded: SubtreeLookup<Name> | null;
}

interface Checks {
  readonly ip: KindOfName<Uint8Array>;
  readonly dns: KindOfName<string>;
  readonly uri: KindOfName<string>;
  readonly email: KindOfName<Mailbox>;
}

/** The names of a certificate by kind, in the order Go checks the kinds. */
interface CheckedNames {
  readonly ip: readonly Uint8Array[];
  readonly dns: readonly string[];
  readonly uri: readonly { readonly host: string; readonly text: string }[];
  readonly email: readonly Mailbox[];
}

const buildChecks = ({ permitted, excluded }: NameConstraints, rules: GoRules): Checks => ({
  ip: { kind: 'IP address', permitted: ipLookup(permitted.ip, rules), excluded: ipLookup(excluded.ip, rules) },
  dns: {
    kind: 'DNS name',
    permitted: dnsLookup(permitted.dns, 'permitted', rules),
    excluded: dnsLookup(excluded.dns, 'excluded', rules),
  },
  uri: {
    kind: 'URI',
    permitted: dnsLookup(permitted.uri, 'permitted', rules),
    excluded: dnsLookup(excluded.uri, 'excluded', rules),
  },
  email: {
    kind: 'email address',
    permitted: emailLookup(permitted.email, 'permitted', rules),
    excluded: emailLookup(excluded.email, 'excluded', rules),
  },
});

const collectUris = (names: readonly AlternativeName[], rules: GoRules): CheckedNames['uri'] | Refusal => {
  const uris: { host: string; text: string }[] = [];
  for (const name of names) {
    if (name.kind !== 'uri') continue;
    const host = constrainedHost(name.uri, rules);
    if (host instanceof Refusal) return host;
    // constraints.go, parseURIs lowers the host, but not one it splits from its port.
    uris.push({ host: name.uri.host === host ? lowerAscii(host) : host, text: formatUri(name.uri, rules) });
  }
  return uris;
};

const collectEmails = (names: readonly AlternativeName[], rules: GoRules): readonly Mailbox[] | Refusal => {
  const emails: Mailbox[] = [];
  for (const name of names) {
    if (name.kind !== 'email') continue;
    const mailbox = parseMailbox(name.text, rules);
    if (mailbox === null) return new Refusal(`cannot parse rfc822Name ${goQuote(name.text)}`);
    emails.push({ ...mailbox, domain: lowerAscii(mailbox.domain) });
  }
  return emails;
};

const collectNames = (names: readonly AlternativeName[], rules: GoRules): CheckedNames | Refusal => {
  const uri = collectUris(names, rules);
  if (uri instanceof Refusal) return uri;
  const email = collectEmails(names, rules);
  if (email instanceof Refusal) return email;
  return {
    ip: names.flatMap((name) => (name.kind === 'ip' ? [name.octets] : [])),
    dns: names.flatMap((name) => (name.kind === 'dns' ? [name.text] : [])),
    uri,
    email,
  };
};

const checkName = <Name>({ kind, permitted, excluded }: KindOfName<Name>, name: Name, text: string): string | null => {
  if (permitted !== null && permitted(name) === null)
    return `${kind} ${goQuote(text)} is not permitted by any constraint`;
  const subtree = excluded?.(name) ?? null;
  return subtree === null ? null : `${kind} ${goQuote(text)} is excluded by constraint ${goQuote(subtree)}`;
};

const checkDns = (checks: Checks, name: string, rules: GoRules): string | null =>
  isDomainName(name, rules) ? checkName(checks.dns, name, name) : `x509: cannot parse dnsName ${goQuote(name)}`;

const checkUri = (checks: Checks, { host, text }: CheckedNames['uri'][number], rules: GoRules): string | null =>
  isDomainName(host, rules)
    ? checkName(checks.uri, host, text)
    : `x509: internal error: URI SAN ${goQuote(text)} failed to parse`;

const checkEmail = (checks: Checks, mailbox: Mailbox, rules: GoRules): string | null => {
  const text = `${mailbox.local}@${mailbox.domain}`;
  return isDomainName(mailbox.domain, rules)
    ? checkName(checks.email, mailbox, text)
    : `x509: cannot parse rfc822Name ${goQuote(text)}`;
};

/** The first text, without looking further. */
const firstOf = <T>(items: readonly T[], check: (item: T) => string | null): string | null => {
  for (const item of items) {
    const text = check(item);
    if (text !== null) return text;
  }
  return null;
};

const checkNames = (checks: Checks, names: CheckedNames, rules: GoRules): string | null =>
  firstOf(names.ip, (octets) => checkName(checks.ip, octets, formatIp(octets))) ??
  firstOf(names.dns, (name) => checkDns(checks, name, rules)) ??
  firstOf(names.uri, (uri) => checkUri(checks, uri, rules)) ??
  firstOf(names.email, (mailbox) => checkEmail(checks, mailbox, rules));

/** Checks the names of a finished chain, leaf first, null if they hold. */
export type CheckChainConstraints = (chain: readonly ParsedCertificate[]) => ConstraintViolation | null;

/** Computes once for each key. */
const memoized = <Key, Value>(compute: (key: Key) => Value): ((key: Key) => Value) => {
  const values = new Map<Key, Value>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = compute(key);
    values.set(key, value);
    return value;
  };
};

/**
 * Checks names against the constraints of the certificates above them, once for each pair of certificates however many
 * chains they share; Go 1.26 and later (constraints.go, checkChainConstraints).
 */
export const chainConstraintChecker = (rules: GoRules): CheckChainConstraints => {
  const namesOf = memoized(({ extensions }: ParsedCertificate) => collectNames(extensions.alternativeNames, rules));
  const checksOf = memoized((authority: ParsedCertificate) => {
    const constraints = authority.extensions.nameConstraints;
    if (constraints === null) return null;
    const checks = buildChecks(constraints, rules);
    return memoized((names: CheckedNames) => ({ text: checkNames(checks, names, rules) }));
  });
  return (chain) => {
    const lastConstrained = chain.findLastIndex(({ extensions }) => extensions.nameConstraints !== null);
    for (const [index, holder] of chain.slice(0, Math.max(0, lastConstrained)).entries()) {
      if (holder.extensions.alternativeNamesKey === null) continue;
      const names = namesOf(holder);
      const above = chain.slice(index + 1);
      if (names instanceof Refusal) {
        const authority = above.find(({ extensions }) => extensions.nameConstraints !== null) ?? null;
        return { text: names.text, authority, holder };
      }
      for (const authority of above) {
        const text = checksOf(authority)?.(names).text ?? null;
        if (text !== null) return { text, authority, holder };
      }
    }
    return null;
  };
};
