import { DerReader, Tag, constructedContextTag, contextTag, octetsKey } from './der-reader.ts';
import { goQuote } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { type NameConstraints, parseNameConstraints } from './name-constraints.ts';
import {
  type PolicyConstraints,
  type PolicyMapping,
  parseInhibitAnyPolicy,
  parsePolicies,
  parsePolicyConstraints,
  parsePolicyMappings,
} from './policy-extensions.ts';
import { Refusal } from './refusal.ts';
import { type AlternativeName, parseAlternativeNames } from './subject-alternative-names.ts';

/** A basicConstraints extension; pathLength is null where there is no limit. */
export interface BasicConstraints {
  readonly isCa: boolean;
  readonly pathLength: bigint | null;
}

/** What the extensions of a certificate say; null for one that is not there. */
export interface Extensions {
  /** Bits of keyUsage, bit 0 (digitalSignature) as 1; 0 without the extension. */
  keyUsage: number;
  basicConstraints: BasicConstraints | null;
  /** The value of the first subjectAltName extension as it stands, for comparing. */
  alternativeNamesKey: string | null;
  alternativeNames: readonly AlternativeName[];
  nameConstraints: NameConstraints | null;
  /** Octets, "" for none. */
  subjectKeyId: string;
  authorityKeyId: string;
  /** Object identifiers in dotted form. */
  extendedKeyUsages: readonly string[];
  policies: readonly string[];
  policyConstraints: PolicyConstraints;
  policyMappings: readonly PolicyMapping[];
  inhibitAnyPolicy: bigint | null;
  /** Object identifiers of critical extensions Go does not (fully) understand. */
  unhandledCritical: string[];
}

/** A certificate without extensions. */
export const noExtensions = (): Extensions => ({
  keyUsage: 0,
  basicConstraints: null,
  alternativeNamesKey: null,
  alternativeNames: [],
  nameConstraints: null,
  subjectKeyId: '',
  authorityKeyId: '',
  extendedKeyUsages: [],
  policies: [],
  policyConstraints: { requireExplicitPolicy: null, inhibitPolicyMapping: null },
  policyMappings: [],
  inhibitAnyPolicy: null,
  unhandledCritical: [],
});

interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** Reads one extension into `into`; `'unhandled'` if Go does not understand it. */
type ReadExtension = (extension: Extension, into: Extensions, rules: GoRules) => Refusal | 'unhandled' | null;

const readKeyUsage: ReadExtension = ({ value }, into) => {
  const bits = new DerReader(value).readBits();
  if (bits === null) return new Refusal('x509: invalid key usage');
  into.keyUsage = 0;
  for (let bit = 0; bit < Math.min(9, bits.bitLength); bit++) {
    if (((bits.bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) into.keyUsage |= 1 << bit;
  }
  return null;
};

const readBasicConstraints: ReadExtension = ({ value }, into, rules) => {
  const refuse = (letter: string): Refusal =>
    new Refusal(`x509: invalid basic constraints${rules.basicConstraintsLettered ? ` ${letter}` : ''}`);
  const sequence = new DerReader(value).enter(Tag.sequence);
  if (sequence === null) return refuse('a');
  const isCa = sequence.nextIs(Tag.boolean) ? sequence.readBoolean() : false;
  if (isCa === null) return refuse('b');
  if (!sequence.nextIs(Tag.integer)) {
    into.basicConstraints = { isCa, pathLength: null };
    return null;
  }
  const pathLength = rules.negativePathLengthRefused ? sequence.readUint64() : sequence.readInt64();
  if (pathLength === null || pathLength >= 1n << 63n) return refuse('c');
  into.basicConstraints = { isCa, pathLength: pathLength < 0n ? null : pathLength };
  return null;
};

const readAlternativeNames: ReadExtension = ({ value }, into, rules) => {
  const names = parseAlternativeNames(value, rules);
  if (names instanceof Refusal) return names;
  into.alternativeNames = names;
  into.alternativeNamesKey = octetsKey(value);
  return names.length === 0 ? 'unhandled' : null;
};

const readNameConstraints: ReadExtension = ({ value }, into, rules) => {
  const constraints = parseNameConstraints(value, rules);
  if (constraints instanceof Refusal) return constraints;
  into.nameConstraints = constraints;
  return constraints.hasUnknownKind ? 'unhandled' : null;
};

const isDistributionPoint = (reader: DerReader): boolean => {
  const point = reader.enter(Tag.sequence);
  const name = point?.readOptional(constructedContextTag(0));
  if (point === null || name === null) return false;
  if (name === undefined) return true;
  const fullName = new DerReader(name).enter(constructedContextTag(0));
  if (fullName === null) return false;
  while (fullName.nextIs(contextTag(6))) {
    if (fullName.read(contextTag(6)) === null) return false;
  }
  return true;
};

const readDistributionPoints: ReadExtension = ({ value }) => {
  const points = new DerReader(value).enter(Tag.sequence);
  if (points === null) return new Refusal('x509: invalid CRL distribution points');
  while (!points.isAtEnd) {
    if (!isDistributionPoint(points)) return new Refusal('x509: invalid CRL distribution point');
  }
  return null;
};

const readAuthorityKeyId: ReadExtension = ({ value, isCritical }, into, rules) => {
  if (isCritical && rules.criticalIdentifiersRefused) {
    return new Refusal('x509: authority key identifier incorrectly marked critical');
  }
  const sequence = new DerReader(value).enter(Tag.sequence);
  const keyId = sequence?.readOptional(contextTag(0));
  if (sequence === null || keyId === null) return new Refusal('x509: invalid authority key identifier');
  into.authorityKeyId = keyId === undefined ? '' : octetsKey(keyId);
  return null;
};

const readSubjectKeyId: ReadExtension = ({ value, isCritical }, into, rules) => {
  if (isCritical && rules.criticalIdentifiersRefused) {
    return new Refusal('x509: subject key identifier incorrectly marked critical');
  }
  const keyId = new DerReader(value).read(Tag.octetString);
  if (keyId === null) return new Refusal('x509: invalid subject key identifier');
  into.subjectKeyId = octetsKey(keyId);
  return null;
};

const readExtendedKeyUsages: ReadExtension = ({ value }, into, rules) => {
  const refusal = new Refusal('x509: invalid extended key usages');
  const sequence = new DerReader(value).enter(Tag.sequence);
  if (sequence === null) return refusal;
  const usages: string[] = [];
  while (!sequence.isAtEnd) {
    const usage = sequence.readOid(rules.oidMayBePadded);
    if (usage === null) return refusal;
    usages.push(usage);
  }
  into.extendedKeyUsages = usages;
  return null;
};

const readPolicies: ReadExtension = ({ value }, into, rules) => {
  const policies = parsePolicies(value, rules);
  if (policies instanceof Refusal) return policies;
  into.policies = policies;
  return null;
};

const readPolicyConstraints: ReadExtension = ({ value }, into, rules) => {
  if (!rules.policyExtensionsUnderstood) return 'unhandled';
  const constraints = parsePolicyConstraints(value);
  if (constraints instanceof Refusal) return constraints;
  into.policyConstraints = constraints;
  return null;
};

const readPolicyMappings: ReadExtension = ({ value }, into, rules) => {
  if (!rules.policyExtensionsUnderstood) return 'unhandled';
  const mappings = parsePolicyMappings(value);
  if (mappings instanceof Refusal) return mappings;
  into.policyMappings = mappings;
  return null;
};

const readInhibitAnyPolicy: ReadExtension = ({ value }, into, rules) => {
  if (!rules.policyExtensionsUnderstood) return 'unhandled';
  const inhibited = parseInhibitAnyPolicy(value);
  if (inhibited instanceof Refusal) return inhibited;
  into.inhibitAnyPolicy = inhibited;
  return null;
};

const readAuthorityAccess: ReadExtension = ({ value, isCritical }, _into, rules) => {
  if (isCritical && rules.criticalIdentifiersRefused) {
    return new Refusal('x509: authority info access incorrectly marked critical');
  }
  const refusal = new Refusal('x509: invalid authority info access');
  const descriptions = new DerReader(value).enter(Tag.sequence);
  if (descriptions === null) return refusal;
  while (!descriptions.isAtEnd) {
    const description = descriptions.enter(Tag.sequence);
    if (description === null || description.readOid(rules.oidMayBePadded) === null) return refusal;
    if (description.nextIs(contextTag(6)) && description.read(contextTag(6)) === null) return refusal;
  }
  return null;
};

/** RFC 5280, 4.2; what Go looks into (parser.go, processExtensions). */
const READERS: Readonly<Record<string, ReadExtension>> = {
  '2.5.29.14': readSubjectKeyId,
  '2.5.29.15': readKeyUsage,
  '2.5.29.17': readAlternativeNames,
  '2.5.29.19': readBasicConstraints,
  '2.5.29.30': readNameConstraints,
  '2.5.29.31': readDistributionPoints,
  '2.5.29.32': readPolicies,
  '2.5.29.33': readPolicyMappings,
  '2.5.29.35': readAuthorityKeyId,
  '2.5.29.36': readPolicyConstraints,
  '2.5.29.37': readExtendedKeyUsages,
  '2.5.29.54': readInhibitAnyPolicy,
  '1.3.6.1.5.5.7.1.1': readAuthorityAccess,
};

const parseExtension = (reader: DerReader, rules: GoRules): Extension | Refusal => {
  const sequence = reader.enter(Tag.sequence);
  if (sequence === null) return new Refusal('x509: malformed extension');
  const oid = sequence.readOid(rules.oidMayBePadded);
  if (oid === null) return new Refusal('x509: malformed extension OID field');
  const isCritical = sequence.nextIs(Tag.boolean) ? sequence.readBoolean() : false;
  if (isCritical === null) return new Refusal('x509: malformed extension critical field');
  const value = sequence.read(Tag.octetString);
  return value === null ? new Refusal('x509: malformed extension value field') : { oid, isCritical, value };
};

const splitExtensions = (reader: DerReader, rules: GoRules): readonly Extension[] | Refusal => {
  const extensions = new Map<string, Extension>();
  while (!reader.isAtEnd) {
    const extension = parseExtension(reader, rules);
    if (extension instanceof Refusal) return extension;
    if (extensions.has(extension.oid)) {
      return new Refusal(
        rules.duplicateExtensionNamed
          ? `x509: certificate contains duplicate extension with OID ${goQuote(extension.oid)}`
          : 'x509: certificate contains duplicate extensions',
      );
    }
    extensions.set(extension.oid, extension);
  }
  return [...extensions.values()];
};

/** Parses the SEQUENCE inside the explicit tag of the extensions field. */
export const parseExtensions = (explicit: Uint8Array, rules: GoRules): Extensions | Refusal => {
  const sequence = new DerReader(explicit).enter(Tag.sequence);
  if (sequence === null) return new Refusal('x509: malformed extensions');
  const extensions = splitExtensions(sequence, rules);
  if (extensions instanceof Refusal) return extensions;
  const into = noExtensions();
  for (const extension of extensions) {
    const outcome = READERS[extension.oid]?.(extension, into, rules) ?? (READERS[extension.oid] ? null : 'unhandled');
    if (outcome instanceof Refusal) return outcome;
    if (outcome === 'unhandled' && extension.isCritical) into.unhandledCritical.push(extension.oid);
  }
  return into;
};
