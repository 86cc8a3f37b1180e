import { type KeyObject, createPublicKey, verify } from 'node:crypto';
import type { MlDsaParameters, PublicKey } from './public-key.ts';

type MlDsaKey = Extract<PublicKey, { kind: 'ml-dsa' }>;

/** FIPS 204, tables 1 and 2. */
interface ParameterSet {
  /** Octets of a signature. */
  readonly signatureSize: number;
  /** The most ones a hint may have: ω. */
  readonly hintOnes: number;
  /** Polynomials of a hint: k. */
  readonly hintRows: number;
  /** SubjectPublicKeyInfo up to the key. */
  readonly keyInfoPrefix: string;
}

const PARAMETERS: Readonly<Record<MlDsaParameters, ParameterSet>> = {
  'ML-DSA-44': {
    signatureSize: 2420,
    hintOnes: 80,
    hintRows: 4,
    keyInfoPrefix: '30820532300b06096086480165030403110382052100',
  },
  'ML-DSA-65': {
    signatureSize: 3309,
    hintOnes: 55,
    hintRows: 6,
    keyInfoPrefix: '308207b2300b0609608648016503040312038207a100',
  },
  'ML-DSA-87': {
    signatureSize: 4627,
    hintOnes: 75,
    hintRows: 8,
    keyInfoPrefix: '30820a32300b060960864801650304031303820a2100',
  },
};

/** FIPS 204, algorithm 21: rows of ascending positions, and zeros behind them. */
const isHint = (encoded: Uint8Array, { hintOnes, hintRows }: ParameterSet): boolean => {
  let start = 0;
  for (let row = 0; row < hintRows; row++) {
    const end = encoded[hintOnes + row] ?? 0;
    if (end < start || end > hintOnes) return false;
    for (let at = start + 1; at < end; at++) {
      if ((encoded[at - 1] ?? 0) >= (encoded[at] ?? 0)) return false;
    }
    start = end;
  }
  return encoded.subarray(start, hintOnes).every((octet) => octet === 0);
};

const verifies = (key: MlDsaKey, message: Uint8Array, signature: Uint8Array): boolean => {
  const keyInfo = Buffer.concat([Buffer.from(PARAMETERS[key.parameters].keyInfoPrefix, 'hex'), key.bytes]);
  try {
    const object: KeyObject = createPublicKey({ key: keyInfo, format: 'der', type: 'spki' });
    return verify(null, message, object, signature);
  } catch {
    // A Node built with an OpenSSL before 3.5 does not know ML-DSA.
    return false;
  }
};

/** Why Go refuses the signature, null if it fits (x509.go, checkSignature; crypto/internal/fips140/mldsa, sigDecode). */
export const refuseMlDsaSignature = (
  key: MlDsaKey,
  algorithmName: string,
  message: Uint8Array,
  signature: Uint8Array,
): string | null => {
  if (algorithmName !== key.parameters) {
    return `x509: signature algorithm specifies an ML-DSA public key with ${algorithmName} parameters, but have a public key with ${key.parameters} parameters`;
  }
  const set = PARAMETERS[key.parameters];
  const failure = 'x509: ML-DSA verification failure: mldsa: invalid signature';
  if (signature.length !== set.signatureSize) return `${failure} length`;
  const hint = signature.subarray(set.signatureSize - set.hintOnes - set.hintRows);
  if (!isHint(hint, set)) return `${failure} encoding`;
  return verifies(key, message, signature) ? null : failure;
};
