import { type AlgorithmIdentifier, isNull } from './algorithm-identifier.ts';
import { DerReader, Tag } from './der-reader.ts';
import { type EllipticCurve, curveOf, refusePoint } from './elliptic-curve.ts';
import type { GoRules } from './go-version.ts';
import { Refusal } from './refusal.ts';

/** A parsed public key. */
export type PublicKey =
  | {
      readonly kind: 'rsa';
      /** Big-endian, without leading zeros. */
      readonly modulus: Uint8Array;
      readonly modulusBits: number;
      readonly exponent: bigint;
    }
  | { readonly kind: 'ecdsa'; readonly curve: EllipticCurve; readonly point: Uint8Array }
  | { readonly kind: 'ed25519'; readonly bytes: Uint8Array }
  | { readonly kind: 'dsa' }
  | { readonly kind: 'ml-dsa'; readonly parameters: MlDsaParameters; readonly bytes: Uint8Array };

/** The names FIPS 204 gives its parameter sets, which Go prints. */
export type MlDsaParameters = 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87';

/** x509.go, PublicKeyAlgorithm; null is UnknownPublicKeyAlgorithm. */
export type KeyAlgorithm = 'RSA' | 'DSA' | 'ECDSA' | 'Ed25519' | 'ML-DSA';

/** RFC 9881, 2: the object identifiers of ML-DSA keys, which are those of its signatures too. */
export const ML_DSA_OIDS: Readonly<Record<string, MlDsaParameters>> = {
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
};

/** FIPS 204, table 2: octets of a public key. */
const ML_DSA_KEY_SIZE: Readonly<Record<MlDsaParameters, number>> = {
  'ML-DSA-44': 1312,
  'ML-DSA-65': 1952,
  'ML-DSA-87': 2592,
};

const ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10045.2.1': 'ECDSA',
  '1.3.101.112': 'Ed25519',
};

/** The algorithm of a key's object identifier, null if Go does not know it (x509.go, getPublicKeyAlgorithmFromOID). */
export const keyAlgorithmOf = (oid: string, rules: GoRules): KeyAlgorithm | null => {
  if (rules.mlDsaKnown && ML_DSA_OIDS[oid] !== undefined) return 'ML-DSA';
  return ALGORITHMS[oid] ?? null;
};

const withoutLeadingZero = (octets: Uint8Array): Uint8Array => (octets[0] === 0 ? octets.subarray(1) : octets);

const isPositive = (octets: Uint8Array | null): octets is Uint8Array =>
  octets !== null && (octets[0] ?? 0x80) < 0x80 && withoutLeadingZero(octets).length > 0;

const parseRsaKey = (parameters: Uint8Array, key: Uint8Array): PublicKey | Refusal => {
  if (!isNull(parameters)) return new Refusal('x509: RSA key missing NULL parameters');
  const sequence = new DerReader(key).enter(Tag.sequence);
  if (sequence === null) return new Refusal('x509: invalid RSA public key');
  const octets = sequence.readIntegerOctets();
  if (octets === null) return new Refusal('x509: invalid RSA modulus');
  const exponent = sequence.readInt64();
  if (exponent === null) return new Refusal('x509: invalid RSA public exponent');
  if (!isPositive(octets)) return new Refusal('x509: RSA modulus is not a positive number');
  if (exponent <= 0n) return new Refusal('x509: RSA public exponent is not a positive number');
  const modulus = withoutLeadingZero(octets);
  const modulusBits = modulus.length * 8 - (Math.clz32(modulus[0] ?? 0) - 24);
  return { kind: 'rsa', modulus, modulusBits, exponent };
};

const parseEcdsaKey = (parameters: Uint8Array, key: Uint8Array, rules: GoRules): PublicKey | Refusal => {
  const oid = new DerReader(parameters).readOid(rules.oidMayBePadded);
  if (oid === null) return new Refusal('x509: invalid ECDSA parameters');
  const curve = curveOf(oid);
  if (curve === null) return new Refusal('x509: unsupported elliptic curve');
  return refusePoint(curve, key, rules) ?? { kind: 'ecdsa', curve, point: key };
};

const parseEd25519Key = (parameters: Uint8Array, key: Uint8Array): PublicKey | Refusal => {
  if (parameters.length > 0) return new Refusal('x509: Ed25519 key encoded with illegal parameters');
  return key.length === 32 ? { kind: 'ed25519', bytes: key } : new Refusal('x509: wrong Ed25519 public key size');
};

const parseDsaKey = (parameters: Uint8Array, key: Uint8Array): PublicKey | Refusal => {
  const y = new DerReader(key).readIntegerOctets();
  if (y === null) return new Refusal('x509: invalid DSA public key');
  const sequence = new DerReader(parameters).enter(Tag.sequence);
  const numbers = [y];
  for (let index = 0; index < 3; index++) {
    const octets = sequence?.readIntegerOctets() ?? null;
    if (octets === null) return new Refusal('x509: invalid DSA parameters');
    numbers.push(octets);
  }
  return numbers.every(isPositive) ? { kind: 'dsa' } : new Refusal('x509: zero or negative DSA parameter');
};

const parseMlDsaKey = (oid: string, parameters: Uint8Array, key: Uint8Array): PublicKey | Refusal => {
  if (parameters.length > 0) return new Refusal('x509: ML-DSA key encoded with illegal parameters');
  const set = ML_DSA_OIDS[oid] ?? 'ML-DSA-44';
  const isSized = key.length === ML_DSA_KEY_SIZE[set];
  return isSized ? { kind: 'ml-dsa', parameters: set, bytes: key } : new Refusal('mldsa: invalid public key length');
};

/** Parses the bits of a key of a known algorithm (parser.go, parsePublicKey). */
export const parsePublicKey = (
  algorithm: KeyAlgorithm,
  { oid, parameters }: AlgorithmIdentifier,
  key: Uint8Array,
  rules: GoRules,
): PublicKey | Refusal => {
  switch (algorithm) {
    case 'RSA':
      return parseRsaKey(parameters, key);
    case 'ECDSA':
      return parseEcdsaKey(parameters, key, rules);
    case 'Ed25519':
      return parseEd25519Key(parameters, key);
    case 'DSA':
      return parseDsaKey(parameters, key);
    case 'ML-DSA':
      return parseMlDsaKey(oid, parameters, key);
  }
};

/** The type of Go's value for this key, as `%T` prints it; `<nil>` for a key Go does not know. */
export const goTypeOf = (key: PublicKey | null): string => {
  switch (key?.kind) {
    case 'rsa':
      return '*rsa.PublicKey';
    case 'ecdsa':
      return '*ecdsa.PublicKey';
    case 'ed25519':
      return 'ed25519.PublicKey';
    case 'dsa':
      return '*dsa.PublicKey';
    case 'ml-dsa':
      return '*mldsa.PublicKey';
    case undefined:
      return '<nil>';
  }
};

const sameOctets = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** True if Go's Equal calls the keys equal; DSA keys have no such method. */
export const isSameKey = (one: PublicKey, other: PublicKey): boolean => {
  if (one.kind === 'rsa' && other.kind === 'rsa') {
    return one.exponent === other.exponent && sameOctets(one.modulus, other.modulus);
  }
  if (one.kind === 'ecdsa' && other.kind === 'ecdsa') {
    return one.curve === other.curve && sameOctets(one.point, other.point);
  }
  return one.kind === 'ed25519' && other.kind === 'ed25519' && sameOctets(one.bytes, other.bytes);
};
