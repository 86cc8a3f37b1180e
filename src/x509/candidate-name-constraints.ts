import type { ParsedCertificate } from './certificate.ts';
import { constrainedHost } from './constrained-uri.ts';
import { isDomainName, reverseLabels } from './domain-name.ts';
import { goQuote, lowerAscii } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { type IpNetwork, formatIp, formatNetwork } from './ip-address.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';
import type { NameConstraints } from './name-constraints.ts';
import { Refusal } from './refusal.ts';
import type { AlternativeName } from './subject-alternative-names.ts';

/** Why a candidate's name constraints refuse it. */
export interface ConstraintRefusal {
  /** `not-authorized` gets Go's prefix, `unreadable` stands alone, `too-many` is told as unknown error. */
  readonly kind: 'not-authorized' | 'unreadable' | 'too-many';
  readonly text: string;
  readonly holder: ParsedCertificate;
}

/** Comparisons of names with subtrees one candidate is worth (verify.go, maxConstraintComparisons). */
const COMPARISON_LIMIT = 250_000;

type Problem = Omit<ConstraintRefusal, 'holder'>;

const notAuthorized = (text: string): Problem => ({ kind: 'not-authorized', text });

/** A domain ready for comparing: lowered, and how many labels it has. */
interface Domain {
  readonly name: string;
  readonly labels: number;
}

interface DomainSubtree extends Domain {
  readonly takesAll: boolean;
  readonly wantsMoreLabels: boolean;
}

type Matches<Name, Subtree> = (name: Name, subtree: Subtree, isExcluded: boolean) => boolean | Refusal;

const toDomain = (name: string, rules: GoRules): Domain | Refusal => {
  const labels = reverseLabels(name, rules);
  if (labels === null) return new Refusal(`x509: internal error: cannot parse domain ${goQuote(name)}`);
  return { name: lowerAscii(labels.toReversed().join('.')), labels: labels.length };
};

const toDomainSubtree = (constraint: string, rules: GoRules): DomainSubtree | Refusal => {
  const wantsMoreLabels = constraint.startsWith('.');
  const domain = toDomain(wantsMoreLabels ? constraint.slice(1) : constraint, rules);
  return domain instanceof Refusal ? domain : { ...domain, wantsMoreLabels, takesAll: constraint === '' };
};

const withoutFirstLabel = (name: string): string => name.slice(name.indexOf('.') + 1);

// verify.go, matchDomainConstraint.
const isUnder = (domain: Domain, subtree: DomainSubtree, coversWildcards: boolean): boolean => {
  if (domain.labels < subtree.labels || (subtree.wantsMoreLabels && domain.labels === subtree.labels)) return false;
  if (subtree.labels === 0) return true;
  if (domain.labels > subtree.labels) return domain.name.endsWith(`.${subtree.name}`);
  const isWildcard = coversWildcards && domain.name.startsWith('*') && domain.labels > 1;
  if (isWildcard) return withoutFirstLabel(domain.name) === withoutFirstLabel(subtree.name);
  return domain.name === subtree.name;
};

/** Matches names by domain; each subtree is taken apart once. */
const domainMatcher = <Name>(domainOf: (name: Name) => Domain | Refusal, rules: GoRules): Matches<Name, string> => {
  const subtrees = new Map<string, DomainSubtree | Refusal>();
  return (name, constraint, isExcluded) => {
    if (constraint === '') return true;
    const domain = domainOf(name);
    if (domain instanceof Refusal) return domain;
    const subtree = subtrees.get(constraint) ?? toDomainSubtree(constraint, rules);
    subtrees.set(constraint, subtree);
    return subtree instanceof Refusal ? subtree : isUnder(domain, subtree, isExcluded && rules.wildcardsExcluded);
  };
};

/** Takes each name apart once, and only if some subtree wants it. */
const remembered = <Name extends object, Result>(compute: (name: Name) => Result): ((name: Name) => Result) => {
  const results = new WeakMap<Name, { readonly result: Result }>();
  return (name) => {
    const known = results.get(name) ?? { result: compute(name) };
    results.set(name, known);
    return known.result;
  };
};

const matchIp: Matches<{ readonly octets: Uint8Array }, IpNetwork> = ({ octets }, { address, mask }) =>
  octets.length === address.length &&
  octets.every((octet, index) => ((octet ^ (address[index] ?? 0)) & (mask[index] ?? 0)) === 0);

const emailMatcher = (rules: GoRules): Matches<Mailbox, string> => {
  const byDomain = domainMatcher<Mailbox>(
    remembered((mailbox) => toDomain(mailbox.domain, rules)),
    rules,
  );
  const mailboxes = new Map<string, Mailbox | null>();
  return (mailbox, constraint, isExcluded) => {
    if (!constraint.includes('@')) return byDomain(mailbox, constraint, isExcluded);
    const wanted = mailboxes.get(constraint) ?? parseMailbox(constraint, rules);
    mailboxes.set(constraint, wanted);
    if (wanted === null) return new Refusal(`x509: internal error: cannot parse constraint ${goQuote(constraint)}`);
    return mailbox.local === wanted.local && lowerAscii(mailbox.domain) === lowerAscii(wanted.domain);
  };
};

type UriName = Extract<AlternativeName, { kind: 'uri' }>;

const uriDomain = ({ uri }: UriName, rules: GoRules): Domain | Refusal => {
  const host = constrainedHost(uri, rules);
  return host instanceof Refusal ? host : toDomain(host, rules);
};

const uriMatcher = (rules: GoRules): Matches<UriName, string> => {
  const hostOf = remembered((name: UriName) => constrainedHost(name.uri, rules));
  const byDomain = domainMatcher<UriName>(
    remembered((name) => uriDomain(name, rules)),
    rules,
  );
  return (name, constraint, isExcluded) => {
    // The host is looked at even where the subtree takes everything.
    const host = hostOf(name);
    return host instanceof Refusal ? host : byDomain(name, constraint, isExcluded);
  };
};

interface Kind<Name, Subtree> {
  readonly kind: string;
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
  readonly matches: Matches<Name, Subtree>;
  readonly format: (subtree: Subtree) => string;
}

interface Budget {
  comparisons: number;
}

const spend = (budget: Budget, comparisons: number): boolean => {
  budget.comparisons += comparisons;
  return budget.comparisons <= COMPARISON_LIMIT;
};

const TOO_MANY: Problem = { kind: 'too-many', text: '' };

// verify.go, checkNameConstraints: excluded subtrees first.
const checkName = <Name, Subtree>(
  { kind, permitted, excluded, matches, format }: Kind<Name, Subtree>,
  name: Name,
  text: string,
  budget: Budget,
): Problem | null => {
  if (!spend(budget, excluded.length)) return TOO_MANY;
  for (const subtree of excluded) {
    const isMatch = matches(name, subtree, true);
    if (isMatch instanceof Refusal) return notAuthorized(isMatch.text);
    if (isMatch) {
      return notAuthorized(`${kind} ${goQuote(text)} is excluded by constraint ${goQuote(format(subtree))}`);
    }
  }
  if (!spend(budget, permitted.length)) return TOO_MANY;
  for (const subtree of permitted) {
    const isMatch = matches(name, subtree, false);
    if (isMatch instanceof Refusal) return notAuthorized(isMatch.text);
    if (isMatch) return null;
  }
  if (permitted.length === 0) return null;
  return notAuthorized(`${kind} ${goQuote(text)} is not permitted by any constraint`);
};

type CheckName = (name: AlternativeName) => Problem | null;

const asIs = (text: string): string => text;

const nameChecker = ({ permitted, excluded }: NameConstraints, rules: GoRules): CheckName => {
  const budget: Budget = { comparisons: 0 };
  const email = { kind: 'email address', permitted: permitted.email, excluded: excluded.email, format: asIs };
  const dns = { kind: 'DNS name', permitted: permitted.dns, excluded: excluded.dns, format: asIs };
  const uri = { kind: 'URI', permitted: permitted.uri, excluded: excluded.uri, format: asIs };
  const ip = { kind: 'IP address', permitted: permitted.ip, excluded: excluded.ip, format: formatNetwork };
  const emailKind = { ...email, matches: emailMatcher(rules) };
  const dnsKind = {
    ...dns,
    matches: domainMatcher<{ readonly text: string }>(
      remembered(({ text }) => toDomain(text, rules)),
      rules,
    ),
  };
  const uriKind = { ...uri, matches: uriMatcher(rules) };
  const ipKind = { ...ip, matches: matchIp };
  return (name) => {
    switch (name.kind) {
      case 'email': {
        const mailbox = parseMailbox(name.text, rules);
        // Go prints the empty mailbox, not the name.
        if (mailbox === null) return { kind: 'unreadable', text: 'x509: cannot parse rfc822Name {"" ""}' };
        return checkName(emailKind, mailbox, name.text, budget);
      }
      case 'dns':
        if (!isDomainName(name.text, rules)) {
          return { kind: 'unreadable', text: `x509: cannot parse dnsName ${goQuote(name.text)}` };
        }
        return checkName(dnsKind, name, name.text, budget);
      case 'uri':
        return checkName(uriKind, name, name.text, budget);
      case 'ip':
        return checkName(ipKind, name, formatIp(name.octets), budget);
    }
  };
};

/**
 * Checks the names below a candidate against its own constraints, null if they hold; Go 1.25 and earlier, which do so
 * while they build the chain (verify.go, isValid). The chain starts with the leaf and ends below the candidate.
 */
export const checkCandidateConstraints = (
  candidate: ParsedCertificate,
  chain: readonly ParsedCertificate[],
  rules: GoRules,
): ConstraintRefusal | null => {
  const constraints = candidate.extensions.nameConstraints;
  if (constraints === null) return null;
  const holders = rules.constraintsCheckWholeChain ? chain : [...chain.slice(0, 1), candidate];
  const check = nameChecker(constraints, rules);
  for (const holder of holders) {
    for (const name of holder.extensions.alternativeNames) {
      const problem = check(name);
      if (problem !== null) return { ...problem, holder };
    }
  }
  return null;
};
