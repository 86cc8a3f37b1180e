import { hash } from 'node:crypto';
import { parseAlgorithmIdentifier } from './algorithm-identifier.ts';
import {
  DerReader,
  Tag,
  constructedContextTag,
  contextTag,
  octetsKey,
  rightAligned,
  signedInteger,
} from './der-reader.ts';
import { type DistinguishedName, formatName, parseName } from './distinguished-name.ts';
import { type Extensions, noExtensions, parseExtensions } from './extensions.ts';
import { byteString, fromByteString } from './go-text.ts';
import { type GoRules, type GoVersionChoice, rulesOfGo } from './go-version.ts';
import { formatIp } from './ip-address.ts';
import { type KeyAlgorithm, type PublicKey, keyAlgorithmOf, parsePublicKey } from './public-key.ts';
import { Refusal } from './refusal.ts';
import { type SignatureAlgorithm, signatureAlgorithmOf } from './signature-algorithm.ts';
import { type ValidityTime, parseGeneralizedTime, parseUtcTime } from './validity-time.ts';

/** A certificate for people and checks to look at. */
export interface Certificate {
  /** RFC 2253 form, `CN=front,O=example`; "" for an empty name. */
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal octets in lower case, `-` in front of a negative number. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DNS names of the subjectAltName extension, in its order. */
  readonly dnsNames: readonly string[];
  /** IP addresses of the subjectAltName extension, in its order, in text form. */
  readonly ipAddresses: readonly string[];
  /** True if basicConstraints says so. */
  readonly isCA: boolean;
  /** RSA, ECDSA, Ed25519, DSA or ML-DSA with its size or curve (`RSA 2048`, `ECDSA P256`); null if Go does not know it. */
  readonly keyAlgorithm: string | null;
  /** As Go prints it (`SHA256-RSA`); null if Go does not know it. */
  readonly signatureAlgorithm: string | null;
  /** Hexadecimal octets in lower case, null without the extension. */
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  /** Of the DER, hexadecimal in lower case. */
  readonly sha256: string;
  readonly der: Uint8Array;
}

/** A certificate as Go's parser leaves it, for the verifier. */
export interface ParsedCertificate {
  readonly der: Uint8Array;
  /** The DER as a map key. */
  readonly key: string;
  readonly signedPart: Uint8Array;
  readonly signature: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm | null;
  readonly version: number;
  readonly serialNumber: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** The DER of issuer and subject as map keys. */
  readonly issuerKey: string;
  readonly subjectKey: string;
  readonly notBefore: ValidityTime;
  readonly notAfter: ValidityTime;
  readonly keyAlgorithm: KeyAlgorithm | null;
  readonly publicKey: PublicKey | null;
  /** The DER of the SubjectPublicKeyInfo. */
  readonly keyInfo: Uint8Array;
  readonly extensions: Extensions;
}

/** A certificate, or the text of Go's parse error. */
export type CertificateResult =
  | { readonly ok: true; readonly certificate: Certificate }
  | { readonly ok: false; readonly error: string };

const readVersion = (tbs: DerReader): number | Refusal => {
  const explicit = tbs.readOptional(constructedContextTag(0));
  if (explicit === undefined) return 1;
  const inner = explicit === null ? null : new DerReader(explicit);
  const version = inner?.readInt64() ?? null;
  if (version === null || inner?.isAtEnd === false || version < 0n) return new Refusal('x509: malformed version');
  return version > 2n ? new Refusal('x509: invalid version') : Number(version) + 1;
};

const readSerialNumber = (tbs: DerReader, rules: GoRules): Uint8Array | Refusal => {
  const octets = tbs.readIntegerOctets();
  if (octets === null) return new Refusal('x509: malformed serial number');
  const isNegative = (octets[0] ?? 0) >= 0x80;
  return isNegative && rules.negativeSerialRefused ? new Refusal('x509: negative serial number') : octets;
};

const sameOctets = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

const readSignatureAlgorithm = (
  tbs: DerReader,
  outer: DerReader,
  rules: GoRules,
): { readonly algorithm: SignatureAlgorithm | null } | Refusal => {
  const inside = tbs.read(Tag.sequence);
  if (inside === null) return new Refusal('x509: malformed signature algorithm identifier');
  const outside = outer.read(Tag.sequence);
  if (outside === null) return new Refusal('x509: malformed algorithm identifier');
  if (!sameOctets(inside, outside)) {
    return new Refusal("x509: inner and outer signature algorithm identifiers don't match");
  }
  const identifier = parseAlgorithmIdentifier(inside, rules);
  return identifier instanceof Refusal ? identifier : { algorithm: signatureAlgorithmOf(identifier, rules) };
};

interface ReadName {
  readonly name: DistinguishedName;
  readonly key: string;
}

const readName = (tbs: DerReader, rules: GoRules): ReadName | Refusal => {
  // Go says "issuer" for the subject too.
  const element = tbs.readTagged(Tag.sequence);
  if (element === null) return new Refusal('x509: malformed issuer');
  const name = parseName(element.contents, rules);
  return name instanceof Refusal ? name : { name, key: octetsKey(element.whole) };
};

const readTime = (validity: DerReader, rules: GoRules): ValidityTime | Refusal => {
  if (validity.nextIs(Tag.utcTime)) {
    const contents = validity.read(Tag.utcTime);
    const time = contents === null ? null : parseUtcTime(byteString(contents), rules);
    return time ?? new Refusal('x509: malformed UTCTime');
  }
  if (validity.nextIs(Tag.generalizedTime)) {
    const contents = validity.read(Tag.generalizedTime);
    const time = contents === null ? null : parseGeneralizedTime(byteString(contents), rules);
    return time ?? new Refusal('x509: malformed GeneralizedTime');
  }
  return new Refusal('x509: unsupported time format');
};

interface KeyInfo {
  readonly whole: Uint8Array;
  readonly algorithm: KeyAlgorithm | null;
  readonly publicKey: PublicKey | null;
}

const readKeyInfo = (tbs: DerReader, rules: GoRules): KeyInfo | Refusal => {
  const element = tbs.readTagged(Tag.sequence);
  if (element === null) return new Refusal('x509: malformed spki');
  const reader = new DerReader(element.contents);
  const algorithmContents = reader.read(Tag.sequence);
  if (algorithmContents === null) return new Refusal('x509: malformed public key algorithm identifier');
  const identifier = parseAlgorithmIdentifier(algorithmContents, rules);
  if (identifier instanceof Refusal) return identifier;
  const algorithm = keyAlgorithmOf(identifier.oid, rules);
  const bits = reader.readBits();
  if (bits === null) return new Refusal('x509: malformed subjectPublicKey');
  if (algorithm === null) return { whole: element.whole, algorithm, publicKey: null };
  const publicKey = parsePublicKey(algorithm, identifier, rightAligned(bits), rules);
  return publicKey instanceof Refusal ? publicKey : { whole: element.whole, algorithm, publicKey };
};

const readExtensions = (tbs: DerReader, version: number, rules: GoRules): Extensions | Refusal => {
  if (version === 1) return noExtensions();
  if (tbs.readOptional(contextTag(1)) === null) return new Refusal('x509: malformed issuerUniqueID');
  if (tbs.readOptional(contextTag(2)) === null) return new Refusal('x509: malformed subjectUniqueID');
  if (version === 2) return noExtensions();
  const explicit = tbs.readOptional(constructedContextTag(3));
  if (explicit === null) return new Refusal('x509: malformed extensions');
  return explicit === undefined ? noExtensions() : parseExtensions(explicit, rules);
};

/** Parses DER as x509.ParseCertificate does: same order, same strictness, same texts (parser.go). */
export const parseDer = (der: Uint8Array, rules: GoRules): ParsedCertificate | Refusal => {
  const whole = new DerReader(der).readTagged(Tag.sequence);
  if (whole === null) return new Refusal('x509: malformed certificate');
  const outer = new DerReader(whole.contents);
  const signedPart = outer.readTagged(Tag.sequence);
  if (signedPart === null) return new Refusal('x509: malformed tbs certificate');
  const tbs = new DerReader(signedPart.contents);
  const version = readVersion(tbs);
  if (version instanceof Refusal) return version;
  const serialNumber = readSerialNumber(tbs, rules);
  if (serialNumber instanceof Refusal) return serialNumber;
  const signing = readSignatureAlgorithm(tbs, outer, rules);
  if (signing instanceof Refusal) return signing;
  const issuer = readName(tbs, rules);
  if (issuer instanceof Refusal) return issuer;
  const validity = tbs.enter(Tag.sequence);
  if (validity === null) return new Refusal('x509: malformed validity');
  const notBefore = readTime(validity, rules);
  if (notBefore instanceof Refusal) return notBefore;
  const notAfter = readTime(validity, rules);
  if (notAfter instanceof Refusal) return notAfter;
  const subject = readName(tbs, rules);
  if (subject instanceof Refusal) return subject;
  const keyInfo = readKeyInfo(tbs, rules);
  if (keyInfo instanceof Refusal) return keyInfo;
  const extensions = readExtensions(tbs, version, rules);
  if (extensions instanceof Refusal) return extensions;
  const signature = outer.readBits();
  if (signature === null) return new Refusal('x509: malformed signature');
  if (whole.whole.length !== der.length) return new Refusal('x509: trailing data');
  return {
    der,
    key: octetsKey(der),
    signedPart: signedPart.whole,
    signature: rightAligned(signature),
    signatureAlgorithm: signing.algorithm,
    version,
    serialNumber,
    issuer: issuer.name,
    subject: subject.name,
    issuerKey: issuer.key,
    subjectKey: subject.key,
    notBefore,
    notAfter,
    keyAlgorithm: keyInfo.algorithm,
    publicKey: keyInfo.publicKey,
    keyInfo: keyInfo.whole,
    extensions,
  };
};

const hexOrNull = (key: string): string | null => (key === '' ? null : Buffer.from(key, 'latin1').toString('hex'));

const describeKey = ({ keyAlgorithm, publicKey }: ParsedCertificate): string | null => {
  switch (publicKey?.kind) {
    case 'rsa':
      return `RSA ${publicKey.modulusBits}`;
    case 'ecdsa':
      return `ECDSA ${publicKey.curve.name}`;
    case 'ml-dsa':
      return publicKey.parameters;
    default:
      return keyAlgorithm;
  }
};

const formatSerialNumber = (octets: Uint8Array): string => {
  const isNegative = (octets[0] ?? 0) >= 0x80;
  if (!isNegative) return Buffer.from(octets).toString('hex');
  const magnitude = (-signedInteger(octets)).toString(16);
  return `-${magnitude.padStart(magnitude.length + (magnitude.length % 2), '0')}`;
};

/** The certificate for people and checks to look at. */
export const describeCertificate = (parsed: ParsedCertificate): Certificate => {
  const { extensions } = parsed;
  return {
    subject: fromByteString(formatName(parsed.subject)),
    issuer: fromByteString(formatName(parsed.issuer)),
    serialNumber: formatSerialNumber(parsed.serialNumber),
    notBefore: new Date(parsed.notBefore.atMs),
    notAfter: new Date(parsed.notAfter.atMs),
    dnsNames: extensions.alternativeNames.flatMap((name) => (name.kind === 'dns' ? [name.text] : [])),
    ipAddresses: extensions.alternativeNames.flatMap((name) => (name.kind === 'ip' ? [formatIp(name.octets)] : [])),
    isCA: extensions.basicConstraints?.isCa ?? false,
    keyAlgorithm: describeKey(parsed),
    signatureAlgorithm: parsed.signatureAlgorithm?.name ?? null,
    subjectKeyId: hexOrNull(extensions.subjectKeyId),
    authorityKeyId: hexOrNull(extensions.authorityKeyId),
    sha256: hash('sha256', parsed.der, 'hex'),
    der: parsed.der,
  };
};

/** Parses one DER certificate with the strictness and the texts of that Go release's x509.ParseCertificate. */
export const parseCertificate = (der: Uint8Array, choice: GoVersionChoice = {}): CertificateResult => {
  const parsed = parseDer(der, rulesOfGo(choice));
  return parsed instanceof Refusal
    ? { ok: false, error: fromByteString(parsed.text) }
    : { ok: true, certificate: describeCertificate(parsed) };
};
