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
  readonly text: string;
  /** The name behind a dot. */
  readonly suffix: string;
  readonly wantsMoreLabels: boolean;
}

/** Whether one name lies in a subtree; asked again and again for the same name. */
type IsInside<Subtree> = (subtree: Subtree, isExcluded: boolean) => boolean | Refusal;

const toDomain = (name: string, rules: GoRules): Domain | Refusal => {
  const labels = reverseLabels(name, rules);
  if (labels === null) return new Refusal(`x509: internal error: cannot parse domain ${goQuote(name)}`);
  return { name: lowerAscii(labels.toReversed().join('.')), labels: labels.length };
};

const toDomainSubtree = (text: string, rules: GoRules): DomainSubtree | Refusal => {
  const wantsMoreLabels = text.startsWith('.');
  const domain = toDomain(wantsMoreLabels ? text.slice(1) : text, rules);
  return domain instanceof Refusal ? domain : { ...domain, text, suffix: `.${domain.name}`, wantsMoreLabels };
};

/** Whether a wildcard's own label is left out of the comparison. */
const skipsWildcard = (domain: Domain, subtree: DomainSubtree, { wildcardsExcluded }: GoRules): boolean => {
  if (!domain.name.startsWith('*') || domain.labels < 2) return false;
  switch (wildcardsExcluded) {
    case 'never':
      return false;
    case 'from-one-label':
      return subtree.labels > 0;
    case 'from-two-labels':
      return subtree.labels > 1;
    case 'of-equal-length':
      return subtree.labels > 1 && domain.labels === subtree.labels;
  }
};

const withoutFirstLabel = (name: string): string => (name.includes('.') ? name.slice(name.indexOf('.') + 1) : '');

const endsIn = (name: string, labels: string): boolean =>
  labels === '' || name === labels || name.endsWith(`.${labels}`);

// verify.go, matchDomainConstraint.
const isUnder = (domain: Domain, subtree: DomainSubtree, isExcluded: boolean, rules: GoRules): boolean => {
  if (domain.labels < subtree.labels || (subtree.wantsMoreLabels && domain.labels === subtree.labels)) return false;
  if (subtree.labels === 0) return true;
  if (isExcluded && skipsWildcard(domain, subtree, rules)) {
    // Go drops the first label of both, whether or not the two have as many.
    return endsIn(withoutFirstLabel(domain.name), withoutFirstLabel(subtree.name));
  }
  return domain.labels > subtree.labels ? domain.name.endsWith(subtree.suffix) : domain.name === subtree.name;
};

/** A domain is taken apart only if some subtree wants it: one that takes everything does not. */
const insideDomains = (readDomain: () => Domain | Refusal, rules: GoRules): IsInside<DomainSubtree | Refusal> => {
  let domain: Domain | Refusal | null = null;
  return (subtree, isExcluded) => {
    if (!(subtree instanceof Refusal) && subtree.text === '') return true;
    domain ??= readDomain();
    if (domain instanceof Refusal) return domain;
    return subtree instanceof Refusal ? subtree : isUnder(domain, subtree, isExcluded, rules);
  };
};

const insideNetworks =
  (octets: Uint8Array): IsInside<IpNetwork> =>
  ({ address, mask }) =>
    octets.length === address.length &&
    octets.every((octet, index) => ((octet ^ (address[index] ?? 0)) & (mask[index] ?? 0)) === 0);

/** A subtree of email addresses: one mailbox, or domains. */
interface EmailSubtree {
  readonly text: string;
  readonly mailbox: Mailbox | null;
  readonly domains: DomainSubtree | Refusal;
}

const toEmailSubtree = (text: string, rules: GoRules): EmailSubtree => {
  const mailbox = text.includes('@') ? parseMailbox(text, rules) : null;
  return { text, mailbox, domains: toDomainSubtree(text.includes('@') ? '' : text, rules) };
};

const insideEmails = (name: Mailbox, rules: GoRules): IsInside<EmailSubtree> => {
  const insideOf = insideDomains(() => toDomain(name.domain, rules), rules);
  const lowered = lowerAscii(name.domain);
  return ({ text, mailbox, domains }, isExcluded) => {
    if (!text.includes('@')) return insideOf(domains, isExcluded);
    if (mailbox === null) return new Refusal(`x509: internal error: cannot parse constraint ${goQuote(text)}`);
    return name.local === mailbox.local && lowered === lowerAscii(mailbox.domain);
  };
};

const insideUris = (name: UriName, rules: GoRules): IsInside<DomainSubtree | Refusal> => {
  const host = constrainedHost(name.uri, rules);
  // The host is looked at even where the subtree takes everything.
  if (host instanceof Refusal) return () => host;
  return insideDomains(() => toDomain(host, rules), rules);
};

type UriName = Extract<AlternativeName, { kind: 'uri' }>;

/** The subtrees of one kind, and how Go prints them. */
interface Kind<Subtree> {
  readonly kind: string;
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
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
const checkName = <Subtree>(
  { kind, permitted, excluded, format }: Kind<Subtree>,
  text: string,
  isInside: IsInside<Subtree>,
  budget: Budget,
): Problem | null => {
  if (!spend(budget, excluded.length)) return TOO_MANY;
  for (const subtree of excluded) {
    const found = isInside(subtree, true);
    if (found instanceof Refusal) return notAuthorized(found.text);
    if (found) return notAuthorized(`${kind} ${goQuote(text)} is excluded by constraint ${goQuote(format(subtree))}`);
  }
  if (!spend(budget, permitted.length)) return TOO_MANY;
  for (const subtree of permitted) {
    const found = isInside(subtree, false);
    if (found instanceof Refusal) return notAuthorized(found.text);
    if (found) return null;
  }
  if (permitted.length === 0) return null;
  return notAuthorized(`${kind} ${goQuote(text)} is not permitted by any constraint`);
};

type CheckName = (name: AlternativeName) => Problem | null;

const textOf = (subtree: DomainSubtree | Refusal): string => subtree.text;

const nameChecker = ({ permitted, excluded }: NameConstraints, rules: GoRules): CheckName => {
  const budget: Budget = { comparisons: 0 };
  const domains = (texts: readonly string[]): (DomainSubtree | Refusal)[] =>
    texts.map((text) => toDomainSubtree(text, rules));
  const emails = (texts: readonly string[]): EmailSubtree[] => texts.map((text) => toEmailSubtree(text, rules));
  const domainKind = (kind: string, sides: { permitted: readonly string[]; excluded: readonly string[] }) => {
    return { kind, permitted: domains(sides.permitted), excluded: domains(sides.excluded), format: textOf };
  };
  const dnsKind = domainKind('DNS name', { permitted: permitted.dns, excluded: excluded.dns });
  const uriKind = domainKind('URI', { permitted: permitted.uri, excluded: excluded.uri });
  const ipKind = { kind: 'IP address', permitted: permitted.ip, excluded: excluded.ip, format: formatNetwork };
  const emailKind = {
    kind: 'email address',
    permitted: emails(permitted.email),
    excluded: emails(excluded.email),
    format: ({ text }: EmailSubtree) => text,
  };
  return (name) => {
    switch (name.kind) {
      case 'email': {
        const mailbox = parseMailbox(name.text, rules);
        // Go prints the empty mailbox, not the name.
        if (mailbox === null) return { kind: 'unreadable', text: 'x509: cannot parse rfc822Name {"" ""}' };
        return checkName(emailKind, name.text, insideEmails(mailbox, rules), budget);
      }
      case 'dns':
        if (!isDomainName(name.text, rules)) {
          return { kind: 'unreadable', text: `x509: cannot parse dnsName ${goQuote(name.text)}` };
        }
        return checkName(
          dnsKind,
          name.text,
          insideDomains(() => toDomain(name.text, rules), rules),
          budget,
        );
      case 'uri':
        return checkName(uriKind, name.text, insideUris(name, rules), budget);
      case 'ip':
        return checkName(ipKind, formatIp(name.octets), insideNetworks(name.octets), budget);
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
