import type { ParsedCertificate } from './certificate.ts';
import type { GoRules } from './go-version.ts';

// RFC 5280, 6.1, as RFC 9618 rewrites it and verify.go, policiesValid, carries
// it out: for any policy, so that a chain only fails where some authority
// requires an explicit policy. Policies are octets of object identifiers.

interface PolicyNode {
  readonly policy: string;
  expected: readonly string[];
  readonly parents: Set<PolicyNode>;
  readonly children: Set<PolicyNode>;
}

type Stratum = Map<string, PolicyNode>;

const ANY_POLICY = '\x55\x1d\x20\x00';

const addNode = (stratum: Stratum, policy: string, parents: readonly PolicyNode[]): PolicyNode => {
  const node: PolicyNode = { policy, expected: [policy], parents: new Set(parents), children: new Set() };
  for (const parent of parents) parent.children.add(node);
  stratum.set(policy, node);
  return node;
};

const removeNode = (stratum: Stratum, node: PolicyNode): void => {
  for (const parent of node.parents) parent.children.delete(node);
  for (const child of node.children) child.parents.delete(node);
  stratum.delete(node.policy);
};

/** Drops nodes without children, all but the last stratum and the root. */
const prune = (strata: readonly Stratum[]): void => {
  for (let depth = strata.length - 2; depth > 0; depth--) {
    const stratum = strata[depth] ?? new Map<string, PolicyNode>();
    for (const node of stratum.values()) {
      if (node.children.size > 0) continue;
      for (const parent of node.parents) parent.children.delete(node);
      stratum.delete(node.policy);
    }
  }
};

const parentsByExpected = (stratum: Stratum): Map<string, PolicyNode[]> => {
  const index = new Map<string, PolicyNode[]>();
  for (const node of stratum.values()) {
    for (const policy of node.expected) {
      const nodes = index.get(policy);
      if (nodes === undefined) index.set(policy, [node]);
      else nodes.push(node);
    }
  }
  return index;
};

/** RFC 9618, 6.1.3 (d): one more stratum from the policies of a certificate. */
const growStratum = (strata: Stratum[], policies: readonly string[], takesAnyPolicy: boolean): void => {
  const above = strata.at(-1) ?? new Map<string, PolicyNode>();
  const stratum: Stratum = new Map();
  strata.push(stratum);
  const byExpected = parentsByExpected(above);
  const anyParent = above.get(ANY_POLICY);
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue;
    const parents = byExpected.get(policy) ?? (anyParent === undefined ? [] : [anyParent]);
    if (parents.length > 0) addNode(stratum, policy, parents);
  }
  if (takesAnyPolicy) {
    for (const [policy, parents] of byExpected) {
      if (!stratum.has(policy)) addNode(stratum, policy, parents);
    }
  }
  prune(strata);
};

const groupMappings = (certificate: ParsedCertificate): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const { issuerPolicy, subjectPolicy } of certificate.extensions.policyMappings) {
    const subjects = groups.get(issuerPolicy);
    if (subjects === undefined) groups.set(issuerPolicy, [subjectPolicy]);
    else subjects.push(subjectPolicy);
  }
  return groups;
};

/** RFC 9618, 6.1.4 (b) where mapping is allowed; false if anyPolicy is mapped. */
const applyMappings = (stratum: Stratum, certificate: ParsedCertificate): boolean => {
  const mappings = certificate.extensions.policyMappings;
  const mapsAny = mappings.some(({ issuerPolicy, subjectPolicy }) =>
    [issuerPolicy, subjectPolicy].includes(ANY_POLICY),
  );
  if (mapsAny) return false;
  for (const [issuerPolicy, subjects] of groupMappings(certificate)) {
    const node = stratum.get(issuerPolicy);
    const anyNode = stratum.get(ANY_POLICY);
    if (node !== undefined) node.expected = subjects;
    else if (anyNode !== undefined) addNode(stratum, issuerPolicy, [anyNode]).expected = subjects;
  }
  return true;
};

/** RFC 9618, 6.1.4 (b) where mapping is inhibited. */
const dropMapped = (strata: readonly Stratum[], certificate: ParsedCertificate, rules: GoRules): void => {
  const stratum = strata.at(-1) ?? new Map<string, PolicyNode>();
  for (const { issuerPolicy } of certificate.extensions.policyMappings) {
    const node = stratum.get(issuerPolicy);
    if (node !== undefined) removeNode(stratum, node);
    if (!rules.policyMappingsPrunedOnce) prune(strata);
  }
  if (rules.policyMappingsPrunedOnce) prune(strata);
};

/** How many more certificates before each of these takes effect. */
interface Countdown {
  explicitPolicy: number;
  policyMapping: number;
  inhibitAnyPolicy: number;
}

const lowered = (current: number, limit: bigint | null): number =>
  limit !== null && limit >= 0n && limit < BigInt(current) ? Number(limit) : current;

const isSelfIssued = (certificate: ParsedCertificate): boolean => certificate.issuerKey === certificate.subjectKey;

const advance = (countdown: Countdown, certificate: ParsedCertificate): void => {
  if (!isSelfIssued(certificate)) {
    countdown.explicitPolicy = Math.max(0, countdown.explicitPolicy - 1);
    countdown.policyMapping = Math.max(0, countdown.policyMapping - 1);
    countdown.inhibitAnyPolicy = Math.max(0, countdown.inhibitAnyPolicy - 1);
  }
  const { policyConstraints, inhibitAnyPolicy } = certificate.extensions;
  countdown.explicitPolicy = lowered(countdown.explicitPolicy, policyConstraints.requireExplicitPolicy);
  countdown.policyMapping = lowered(countdown.policyMapping, policyConstraints.inhibitPolicyMapping);
  countdown.inhibitAnyPolicy = lowered(countdown.inhibitAnyPolicy, inhibitAnyPolicy);
};

const isBelowAnyPolicy = ({ policy, parents }: PolicyNode): boolean =>
  policy !== ANY_POLICY && parents.size === 1 && [...parents].every((parent) => parent.policy === ANY_POLICY);

/** RFC 9618, 6.1.5 (g): whether any policy is left. */
const hasValidPolicy = (strata: readonly Stratum[] | null): boolean =>
  strata !== null &&
  (strata.at(-1)?.has(ANY_POLICY) === true || strata.some((stratum) => [...stratum.values()].some(isBelowAnyPolicy)));

const rootStratum = (): Stratum => {
  const stratum: Stratum = new Map();
  addNode(stratum, ANY_POLICY, []);
  return stratum;
};

/** Without any of these two the policies cannot come out invalid, whatever they are. */
const mayInvalidate = ({ extensions }: ParsedCertificate): boolean =>
  extensions.policyConstraints.requireExplicitPolicy !== null || extensions.policyMappings.length > 0;

/** True if the certificate policies of the chain, leaf first, are in order (verify.go, policiesValid). */
export const arePoliciesValid = (chain: readonly ParsedCertificate[], rules: GoRules): boolean => {
  const below = chain.slice(0, -1);
  const leaf = chain[0];
  if (leaf === undefined || below.length === 0 || !below.some(mayInvalidate)) return true;
  const start = below.length + 1;
  const countdown: Countdown = { explicitPolicy: start, policyMapping: start, inhibitAnyPolicy: start };
  let strata: Stratum[] | null = [rootStratum()];
  for (const [index, certificate] of below.toReversed().entries()) {
    const { policies, policyMappings } = certificate.extensions;
    const isLeaf = index === below.length - 1;
    if (policies.length === 0) strata = null;
    if (strata === null && countdown.explicitPolicy === 0) return false;
    if (strata !== null) {
      const mayTakeAny = countdown.inhibitAnyPolicy > 0 || (!isLeaf && isSelfIssued(certificate));
      growStratum(strata, policies, policies.includes(ANY_POLICY) && mayTakeAny);
      if (!isLeaf && policyMappings.length > 0) {
        if (countdown.policyMapping === 0) dropMapped(strata, certificate, rules);
        else if (!applyMappings(strata.at(-1) ?? new Map<string, PolicyNode>(), certificate)) return false;
      }
    }
    if (!isLeaf) advance(countdown, certificate);
  }
  const isExplicit =
    Math.max(0, countdown.explicitPolicy - 1) === 0 || leaf.extensions.policyConstraints.requireExplicitPolicy === 0n;
  return !isExplicit || hasValidPolicy(strata);
};
