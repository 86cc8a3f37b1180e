import { unsignedInteger } from './der-reader.ts';
import type { GoRules } from './go-version.ts';
import { Refusal } from './refusal.ts';

/** A curve Go verifies certificates on (FIPS 186, SEC 2): y² = x³ - 3x + b over the field of p. */
export interface EllipticCurve {
  /** Go's name: P224, P256, P384 or P521. */
  readonly name: string;
  /** The name OpenSSL knows it by. */
  readonly opensslName: string;
  /** Octets of one coordinate. */
  readonly size: number;
  readonly p: bigint;
  readonly b: bigint;
  /** How Go's field arithmetic calls a coordinate. */
  readonly elementName: string;
}

const CURVES: Readonly<Record<string, EllipticCurve>> = {
  '1.3.132.0.33': {
    name: 'P224',
    opensslName: 'secp224r1',
    size: 28,
    p: 2n ** 224n - 2n ** 96n + 1n,
    b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
    elementName: 'P224Element',
  },
  '1.2.840.10045.3.1.7': {
    name: 'P256',
    opensslName: 'prime256v1',
    size: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    // The assembly implementation, the one of amd64 and arm64, words this its own way.
    elementName: 'P256 element',
  },
  '1.3.132.0.34': {
    name: 'P384',
    opensslName: 'secp384r1',
    size: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    elementName: 'P384Element',
  },
  '1.3.132.0.35': {
    name: 'P521',
    opensslName: 'secp521r1',
    size: 66,
    p: 2n ** 521n - 1n,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    elementName: 'P521Element',
  },
};

/** The curve of an object identifier in dotted form (x509.go, namedCurveFromOID). */
export const curveOf = (oid: string): EllipticCurve | null => CURVES[oid] ?? null;

const modulo = (value: bigint, p: bigint): bigint => {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
};

const pointProblem = (curve: EllipticCurve, encoded: Uint8Array): string | null => {
  if (encoded[0] !== 4) return 'ecdsa: invalid uncompressed public key';
  if (encoded.length !== 1 + 2 * curve.size) return `invalid ${curve.name} point encoding`;
  const x = unsignedInteger(encoded.subarray(1, 1 + curve.size));
  const y = unsignedInteger(encoded.subarray(1 + curve.size));
  if (x >= curve.p || y >= curve.p) return `invalid ${curve.elementName} encoding`;
  const isOnCurve = modulo(y * y - (x * x - 3n) * x - curve.b, curve.p) === 0n;
  return isOnCurve ? null : `${curve.name} point not on curve`;
};

/** Why Go refuses this encoded point, null if it is a point of the curve (crypto/ecdsa, ParseUncompressedPublicKey). */
export const refusePoint = (curve: EllipticCurve, encoded: Uint8Array, rules: GoRules): Refusal | null => {
  const problem = pointProblem(curve, encoded);
  if (problem === null) return null;
  return new Refusal(rules.curvePointErrorsNamed ? problem : 'x509: failed to unmarshal elliptic curve point');
};
