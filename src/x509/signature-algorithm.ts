import { type AlgorithmIdentifier, isNull } from './algorithm-identifier.ts';
import type { GoRules } from './go-version.ts';
import { unmarshalAlgorithm, unmarshalPssParameters } from './pss-parameters.ts';
import { type KeyAlgorithm, ML_DSA_OIDS } from './public-key.ts';

/** A signature algorithm Go has a name for (x509.go, signatureAlgorithmDetails). */
export interface SignatureAlgorithm {
  /** As Go prints it. */
  readonly name: string;
  readonly keyAlgorithm: KeyAlgorithm;
  /** The hash in OpenSSL's spelling; null where the message is signed as it is. */
  readonly hash: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512' | null;
  readonly isPss: boolean;
}

const algorithm = (
  name: string,
  keyAlgorithm: KeyAlgorithm,
  hash: SignatureAlgorithm['hash'],
  isPss = false,
): SignatureAlgorithm => ({ name, keyAlgorithm, hash, isPss });

const SHA1_WITH_RSA = algorithm('SHA1-RSA', 'RSA', 'sha1');

const BY_OID: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': algorithm('MD5-RSA', 'RSA', 'md5'),
  '1.2.840.113549.1.1.5': SHA1_WITH_RSA,
  '1.3.14.3.2.29': SHA1_WITH_RSA,
  '1.2.840.113549.1.1.11': algorithm('SHA256-RSA', 'RSA', 'sha256'),
  '1.2.840.113549.1.1.12': algorithm('SHA384-RSA', 'RSA', 'sha384'),
  '1.2.840.113549.1.1.13': algorithm('SHA512-RSA', 'RSA', 'sha512'),
  '1.2.840.10040.4.3': algorithm('DSA-SHA1', 'DSA', 'sha1'),
  '2.16.840.1.101.3.4.3.2': algorithm('DSA-SHA256', 'DSA', 'sha256'),
  '1.2.840.10045.4.1': algorithm('ECDSA-SHA1', 'ECDSA', 'sha1'),
  '1.2.840.10045.4.3.2': algorithm('ECDSA-SHA256', 'ECDSA', 'sha256'),
  '1.2.840.10045.4.3.3': algorithm('ECDSA-SHA384', 'ECDSA', 'sha384'),
  '1.2.840.10045.4.3.4': algorithm('ECDSA-SHA512', 'ECDSA', 'sha512'),
};

const ED25519 = algorithm('Ed25519', 'Ed25519', null);
const ED25519_OID = '1.3.101.112';
const RSA_PSS_OID = '1.2.840.113549.1.1.10';
const MGF1_OID = '1.2.840.113549.1.1.8';

interface PssHash {
  readonly saltLength: bigint;
  readonly algorithm: SignatureAlgorithm;
}

const PSS_HASHES: Readonly<Record<string, PssHash>> = {
  '2.16.840.1.101.3.4.2.1': { saltLength: 32n, algorithm: algorithm('SHA256-RSAPSS', 'RSA', 'sha256', true) },
  '2.16.840.1.101.3.4.2.2': { saltLength: 48n, algorithm: algorithm('SHA384-RSAPSS', 'RSA', 'sha384', true) },
  '2.16.840.1.101.3.4.2.3': { saltLength: 64n, algorithm: algorithm('SHA512-RSAPSS', 'RSA', 'sha512', true) },
};

const hasPlainParameters = ({ parameters }: AlgorithmIdentifier): boolean =>
  parameters.length === 0 || isNull(parameters);

/** RFC 3447, A.2.3 as narrow as Go wants it: one hash throughout, a salt as long as the hash. */
const pssAlgorithm = (encoded: Uint8Array): SignatureAlgorithm | null => {
  const parameters = unmarshalPssParameters(encoded);
  if (parameters === null) return null;
  const { hash, maskGeneration } = parameters;
  const maskHash = unmarshalAlgorithm(maskGeneration.parameters);
  if (parameters.trailerField !== 1n || maskGeneration.oid !== MGF1_OID || maskHash?.oid !== hash.oid) return null;
  if (!hasPlainParameters(hash) || !hasPlainParameters(maskHash)) return null;
  const known = PSS_HASHES[hash.oid];
  return known?.saltLength === parameters.saltLength ? known.algorithm : null;
};

/** The algorithm Go takes the identifier for, null if for none (x509.go, getSignatureAlgorithmFromAI). */
export const signatureAlgorithmOf = (
  { oid, parameters }: AlgorithmIdentifier,
  rules: GoRules,
): SignatureAlgorithm | null => {
  if (oid === RSA_PSS_OID) return pssAlgorithm(parameters);
  if (oid === ED25519_OID) return parameters.length === 0 ? ED25519 : null;
  const mlDsa = rules.mlDsaKnown ? ML_DSA_OIDS[oid] : undefined;
  if (mlDsa !== undefined) return parameters.length === 0 ? algorithm(mlDsa, 'ML-DSA', null) : null;
  return BY_OID[oid] ?? null;
};
