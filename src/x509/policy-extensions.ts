import { DerReader, Tag, contextTag, octetsKey } from './der-reader.ts';
import type { GoRules } from './go-version.ts';
import { Refusal } from './refusal.ts';

/** A policy mapping: both sides as the octets of an object identifier. */
export interface PolicyMapping {
  readonly issuerPolicy: string;
  readonly subjectPolicy: string;
}

/** A policyConstraints extension; null for a field that is left out. Numbers may be negative: Go does not look. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy: bigint | null;
  readonly inhibitPolicyMapping: bigint | null;
}

// oid.go, newOIDFromDER: no padding, no end inside a subidentifier.
const isPolicyOid = (contents: Uint8Array): boolean => {
  let isStart = true;
  for (const octet of contents) {
    if (isStart && octet === 0x80) return false;
    isStart = octet < 0x80;
  }
  return contents.length > 0 && isStart;
};

const readPolicy = (reader: DerReader, rules: GoRules): Uint8Array | null => {
  const information = reader.enter(Tag.sequence);
  if (information === null) return null;
  if (!rules.policiesOfAnySize) {
    const whole = information.rest;
    return information.readOid(rules.oidMayBePadded) === null ? null : new DerReader(whole).read(Tag.oid);
  }
  const oid = information.read(Tag.oid);
  return oid !== null && isPolicyOid(oid) ? oid : null;
};

/** The certificate policies as octets of their identifiers (parser.go, parseCertificatePoliciesExtension). */
export const parsePolicies = (value: Uint8Array, rules: GoRules): readonly string[] | Refusal => {
  const refusal = new Refusal('x509: invalid certificate policies');
  const sequence = new DerReader(value).enter(Tag.sequence);
  if (sequence === null) return refusal;
  const policies = new Set<string>();
  while (!sequence.isAtEnd) {
    const octets = readPolicy(sequence, rules);
    const policy = octets === null ? null : octetsKey(octets);
    if (policy === null || (rules.duplicatePoliciesRefused && policies.has(policy))) return refusal;
    policies.add(policy);
  }
  return [...policies];
};

/** Parses a policyConstraints extension (parser.go, processExtensions). */
export const parsePolicyConstraints = (value: Uint8Array): PolicyConstraints | Refusal => {
  const refusal = new Refusal('x509: invalid policy constraints extension');
  const sequence = new DerReader(value).enter(Tag.sequence);
  if (sequence === null) return refusal;
  const read = (number: number): bigint | undefined | null =>
    sequence.nextIs(contextTag(number)) ? sequence.readInt64(contextTag(number)) : undefined;
  const requireExplicitPolicy = read(0);
  if (requireExplicitPolicy === null) return refusal;
  const inhibitPolicyMapping = read(1);
  if (inhibitPolicyMapping === null) return refusal;
  return {
    requireExplicitPolicy: requireExplicitPolicy ?? null,
    inhibitPolicyMapping: inhibitPolicyMapping ?? null,
  };
};

/** Parses a policyMappings extension; the identifiers themselves are not looked at (parser.go, processExtensions). */
export const parsePolicyMappings = (value: Uint8Array): readonly PolicyMapping[] | Refusal => {
  const refusal = new Refusal('x509: invalid policy mappings extension');
  const sequence = new DerReader(value).enter(Tag.sequence);
  if (sequence === null) return refusal;
  const mappings: PolicyMapping[] = [];
  while (!sequence.isAtEnd) {
    const mapping = sequence.enter(Tag.sequence);
    const issuer = mapping?.read(Tag.oid) ?? null;
    const subject = issuer === null ? null : (mapping?.read(Tag.oid) ?? null);
    if (issuer === null || subject === null) return refusal;
    mappings.push({ issuerPolicy: octetsKey(issuer), subjectPolicy: octetsKey(subject) });
  }
  return mappings;
};

/** Parses an inhibitAnyPolicy extension (parser.go, processExtensions). */
export const parseInhibitAnyPolicy = (value: Uint8Array): bigint | Refusal =>
  new DerReader(value).readInt64() ?? new Refusal('x509: invalid inhibit any policy extension');
