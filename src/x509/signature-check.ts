import { constants, verify } from 'node:crypto';
import type { ParsedCertificate } from './certificate.ts';
import { DerReader, Tag, octetsKey, unsignedInteger } from './der-reader.ts';
import type { GoRules } from './go-version.ts';
import { refuseMlDsaSignature } from './ml-dsa.ts';
import { opensslKeyOf } from './openssl-key.ts';
import { type PublicKey, goTypeOf } from './public-key.ts';
import { Refusal } from './refusal.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';

type RsaKey = Extract<PublicKey, { kind: 'rsa' }>;

const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented';
const RSA_FAILURE = 'crypto/rsa: verification error';
const KEY_CERT_SIGN = 1 << 5;
const LARGEST_EXPONENT = 2n ** 31n - 1n;

type VerifyOptions = Parameters<typeof verify>[2];

const opensslVerifies = (
  hash: string | null,
  message: Uint8Array,
  key: VerifyOptions,
  signature: Uint8Array,
): boolean => {
  try {
    return verify(hash, message, key, signature);
  } catch {
    // OpenSSL throws where Go says that the signature does not fit.
    return false;
  }
};

// crypto/rsa from 1.24: checkKeySize, bigmod.NewModulus, checkPublicKey, in this order.
const refuseRsaKey = ({ modulus, modulusBits, exponent }: RsaKey, rules: GoRules): string | null => {
  if (rules.rsaMinimum1024 && modulusBits < 1024) {
    return `crypto/rsa: ${modulusBits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`;
  }
  if (!rules.rsaKeyFaultsNamed) return null;
  if (modulusBits === 1) return 'modulus must be > 1';
  if (((modulus.at(-1) ?? 0) & 1) === 0) return 'crypto/rsa: public modulus is even';
  if (exponent < 2n) return 'crypto/rsa: public exponent too small or negative';
  if (exponent % 2n === 0n) return 'crypto/rsa: public exponent is even';
  return exponent > LARGEST_EXPONENT ? 'crypto/rsa: public exponent too large' : null;
};

const belowModulus = (signature: Uint8Array, { modulus }: RsaKey): Uint8Array => {
  if (Buffer.compare(signature, modulus) < 0) return signature;
  const reduced = (unsignedInteger(signature) % unsignedInteger(modulus)).toString(16);
  return Buffer.from(reduced.padStart(signature.length * 2, '0'), 'hex');
};

const verifyRsa = (
  key: RsaKey,
  { hash, isPss }: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
  rules: GoRules,
): string | null => {
  const refusal = refuseRsaKey(key, rules);
  if (refusal !== null) return refusal;
  const object = signature.length === key.modulus.length ? opensslKeyOf(key) : null;
  if (object === null) return RSA_FAILURE;
  const padding = isPss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const options = { key: object, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const fitting = rules.rsaSignatureMayExceedModulus ? belowModulus(signature, key) : signature;
  return opensslVerifies(hash, message, options, fitting) ? null : RSA_FAILURE;
};

/** A SEQUENCE of two positive INTEGERs and nothing else (crypto/ecdsa, parseSignature). */
const isEcdsaSignature = (signature: Uint8Array): boolean => {
  const outer = new DerReader(signature);
  const sequence = outer.enter(Tag.sequence);
  if (sequence === null || !outer.isAtEnd) return false;
  for (let index = 0; index < 2; index++) {
    const octets = sequence.readIntegerOctets();
    if (octets === null || (octets[0] ?? 0x80) >= 0x80) return false;
  }
  return sequence.isAtEnd;
};

const verifyWithKey = (
  key: PublicKey,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
  rules: GoRules,
): string | null => {
  if (key.kind === 'rsa') return verifyRsa(key, algorithm, message, signature, rules);
  if (key.kind === 'ml-dsa') return refuseMlDsaSignature(key, algorithm.name, message, signature);
  const object = opensslKeyOf(key);
  if (key.kind === 'ecdsa') {
    const fits =
      object !== null &&
      isEcdsaSignature(signature) &&
      opensslVerifies(algorithm.hash, message, { key: object, dsaEncoding: 'der' }, signature);
    return fits ? null : 'x509: ECDSA verification failure';
  }
  const fits = object !== null && opensslVerifies(null, message, object, signature);
  return fits ? null : 'x509: Ed25519 verification failure';
};

const KEY_KINDS = { RSA: 'rsa', DSA: 'dsa', ECDSA: 'ecdsa', Ed25519: 'ed25519', 'ML-DSA': 'ml-dsa' } as const;

const insecure = (algorithm: SignatureAlgorithm, rules: GoRules): string => {
  const isLiftable = rules.sha1OverrideNamed && algorithm.hash === 'sha1' && algorithm.keyAlgorithm !== 'DSA';
  const override = isLiftable ? ' (temporarily override with GODEBUG=x509sha1=1)' : '';
  return `x509: cannot verify signature: insecure algorithm ${algorithm.name}${override}`;
};

// x509.go, checkSignature with allowSHA1 false.
const checkSignature = (child: ParsedCertificate, key: PublicKey | null, rules: GoRules): string | null => {
  const algorithm = child.signatureAlgorithm;
  if (algorithm === null) return UNIMPLEMENTED;
  if (algorithm.hash === 'md5' || algorithm.hash === 'sha1') return insecure(algorithm, rules);
  if (key === null || key.kind === 'dsa') return UNIMPLEMENTED;
  if (KEY_KINDS[algorithm.keyAlgorithm] !== key.kind) {
    const wanted = algorithm.keyAlgorithm;
    return `x509: signature algorithm specifies an ${wanted} public key, but have public key of type ${goTypeOf(key)}`;
  }
  return verifyWithKey(key, algorithm, child.signedPart, child.signature, rules);
};

/** Why Go refuses the parent as the child's issuer, null if the parent may sign and did. */
export type CheckSignatureFrom = (child: ParsedCertificate, parent: ParsedCertificate) => Refusal | null;

/**
 * Checks signatures (x509.go, CheckSignatureFrom). The mathematics is done once for a child and a key, however many
 * certificates of the same key Go would try.
 */
export const signatureChecker = (rules: GoRules): CheckSignatureFrom => {
  const known = new Map<ParsedCertificate, Map<string, string | null>>();
  const check = (child: ParsedCertificate, parent: ParsedCertificate): string | null => {
    const ofChild = known.get(child) ?? new Map<string, string | null>();
    known.set(child, ofChild);
    const key = octetsKey(parent.keyInfo);
    const before = ofChild.get(key);
    if (before !== undefined) return before;
    const problem = checkSignature(child, parent.publicKey, rules);
    ofChild.set(key, problem);
    return problem;
  };
  return (child, parent) => {
    const { basicConstraints, keyUsage } = parent.extensions;
    const isAuthority = basicConstraints === null ? parent.version !== 3 : basicConstraints.isCa;
    if (!isAuthority || (keyUsage !== 0 && (keyUsage & KEY_CERT_SIGN) === 0)) {
      return new Refusal('x509: invalid signature: parent certificate cannot sign this kind of certificate');
    }
    const problem = parent.keyAlgorithm === null ? UNIMPLEMENTED : check(child, parent);
    return problem === null ? null : new Refusal(problem);
  };
};
