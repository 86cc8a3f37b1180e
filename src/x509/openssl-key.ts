import { type KeyObject, createPublicKey } from 'node:crypto';
import type { PublicKey } from './public-key.ts';

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

const encodeExponent = (exponent: bigint): Uint8Array => {
  const digits = exponent.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
};

// SubjectPublicKeyInfo up to the point, for id-ecPublicKey with secp224r1: there is no JWK name for that curve.
const P224_PREFIX = Buffer.from('304e301006072a8648ce3d020106052b81040021033a00', 'hex');

const JWK_CURVES: Readonly<Record<string, string>> = { P256: 'P-256', P384: 'P-384', P521: 'P-521' };

const importEcdsa = (key: Extract<PublicKey, { kind: 'ecdsa' }>): KeyObject => {
  const { curve, point } = key;
  const crv = JWK_CURVES[curve.name];
  if (crv === undefined) {
    return createPublicKey({ key: Buffer.concat([P224_PREFIX, point]), format: 'der', type: 'spki' });
  }
  const x = base64Url(point.subarray(1, 1 + curve.size));
  const y = base64Url(point.subarray(1 + curve.size));
  return createPublicKey({ key: { kty: 'EC', crv, x, y }, format: 'jwk' });
};

const importKey = (key: PublicKey): KeyObject | null => {
  switch (key.kind) {
    case 'rsa': {
      const jwk = { kty: 'RSA', n: base64Url(key.modulus), e: base64Url(encodeExponent(key.exponent)) };
      return createPublicKey({ key: jwk, format: 'jwk' });
    }
    case 'ecdsa':
      return importEcdsa(key);
    case 'ed25519':
      return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: base64Url(key.bytes) }, format: 'jwk' });
    case 'dsa':
    case 'ml-dsa':
      return null;
  }
};

const imported = new WeakMap<PublicKey, KeyObject>();

/** The key for node:crypto, null if OpenSSL does not take it. */
export const opensslKeyOf = (key: PublicKey): KeyObject | null => {
  const known = imported.get(key);
  if (known !== undefined) return known;
  try {
    const object = importKey(key);
    if (object !== null) imported.set(key, object);
    return object;
  } catch {
    // Go keeps keys that no signature can fit, such as one with a tiny modulus; OpenSSL refuses some at import.
    return null;
  }
};
