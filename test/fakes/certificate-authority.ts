import {
  type KeyObject,
  constants,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import forge from 'node-forge';

// Issues certificates for tests: node:crypto makes keys and signatures, node-forge's
// asn1 the DER. EC and Ed25519 keys follow from a seed, so the same call gives the
// same key; RSA keys are made once a process. Nothing reads the clock.

const { asn1 } = forge;
const { Class, Type } = asn1;

type Node = forge.asn1.Asn1;

/** Kinds of keys; `rsa-512` and `rsa-1024` are for refusals. */
export type KeyType =
  | 'rsa-512'
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'ecdsa-p224'
  | 'ecdsa-p256'
  | 'ecdsa-p384'
  | 'ecdsa-p521'
  | 'ed25519';

/** How a certificate is signed; by default SHA-256 in the issuer key's own scheme. */
export type SignatureScheme =
  | 'md5'
  | 'sha1'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'pss-sha256'
  | 'pss-sha384'
  | 'pss-sha512';

/** The key usages of RFC 5280, 4.2.1.3, in bit order. */
export const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** Extended key usages by name; any other string is taken for an object identifier. */
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
};

/** One side of a nameConstraints extension; IP subtrees as address and mask octets. */
export interface ConstraintSide {
  readonly dns?: readonly string[];
  readonly emails?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly Uint8Array[];
  /** Directory names, which Go does not understand. */
  readonly directories?: readonly string[];
}

/** An extension as it stands: its value is DER. */
export interface RawExtension {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

/** What any certificate may be given. */
export interface CertificateOptions {
  readonly commonName?: string;
  /** Attributes in front of the common name, as [object identifier, value]. */
  readonly attributes?: readonly (readonly [oid: string, value: string])[];
  /** Default: UTF8String. */
  readonly nameEncoding?: 'utf8' | 'printable' | 't61' | 'bmp';
  readonly keyType?: KeyType;
  /** Another seed gives another key; default: the common name. */
  readonly keySeed?: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Texts in place of the encoded instants: `491231235959Z` as UTCTime, 15 characters and more as GeneralizedTime. */
  readonly notBeforeText?: string;
  readonly notAfterText?: string;
  /** Default: follows from names and key, positive. */
  readonly serialNumber?: bigint;
  /** 1, 2 or 3; default 3. */
  readonly version?: number;
  /** undefined leaves basicConstraints out. */
  readonly isCa?: boolean;
  readonly pathLength?: number;
  readonly keyUsages?: readonly (typeof KEY_USAGES)[number][];
  readonly extendedKeyUsages?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly emails?: readonly string[];
  readonly uris?: readonly string[];
  /** An empty subjectAltName extension if there are no names. */
  readonly withEmptyAlternativeNames?: boolean;
  readonly criticalAlternativeNames?: boolean;
  readonly permitted?: ConstraintSide;
  readonly excluded?: ConstraintSide;
  readonly policies?: readonly string[];
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
  readonly policyMappings?: readonly (readonly [issuer: string, subject: string])[];
  readonly inhibitAnyPolicy?: number;
  /** null leaves the extension out; default: of the keys at hand. */
  readonly subjectKeyId?: Uint8Array | null;
  readonly authorityKeyId?: Uint8Array | null;
  /** Appended as they are. */
  readonly extensions?: readonly RawExtension[];
  readonly signatureScheme?: SignatureScheme;
  /** Changes the signed part before it is signed. */
  readonly editSignedPart?: (der: Buffer) => Buffer;
  /** Changes the signature afterwards: the certificate then fails verification. */
  readonly editSignature?: (signature: Buffer) => Buffer;
}

/** A certificate and its key. */
export interface Issued {
  readonly der: Buffer;
  readonly pem: string;
  readonly privateKeyPem: string;
  readonly commonName: string;
  /** The DER of the subject. */
  readonly subject: Buffer;
  /** SHA-1 of the public key's bits. */
  readonly keyId: Buffer;
  readonly key: KeyPair;
}

/** A certificate that issues others. */
export type Authority = Issued;

interface KeyPair {
  readonly type: KeyType;
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  readonly publicDer: Buffer;
}

const bytesOf = (node: Node): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
const primitive = (type: number, value: string): Node => asn1.create(Class.UNIVERSAL, type, false, value);
const sequence = (...children: Node[]): Node => asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, children);
const set = (...children: Node[]): Node => asn1.create(Class.UNIVERSAL, Type.SET, true, children);
const context = (tag: number, value: string): Node => asn1.create(Class.CONTEXT_SPECIFIC, tag, false, value);
const wrapped = (tag: number, ...children: Node[]): Node => asn1.create(Class.CONTEXT_SPECIFIC, tag, true, children);
const oid = (dotted: string): Node => primitive(Type.OID, asn1.oidToDer(dotted).getBytes());
const octets = (bytes: Uint8Array): Node => primitive(Type.OCTETSTRING, Buffer.from(bytes).toString('latin1'));
const bits = (bytes: Uint8Array, unused = 0): Node =>
  primitive(Type.BITSTRING, String.fromCharCode(unused) + Buffer.from(bytes).toString('latin1'));
const boolean = (value: boolean): Node => primitive(Type.BOOLEAN, value ? '\xff' : '\x00');
const parsed = (der: Uint8Array): Node => asn1.fromDer(Buffer.from(der).toString('latin1'));

const integerOctets = (value: bigint): string => {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length += 1;
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  ).toString('latin1');
};
const integer = (value: bigint | number): Node => primitive(Type.INTEGER, integerOctets(BigInt(value)));

const EC_CURVES: Readonly<Record<string, { readonly openssl: string; readonly jwk: string; readonly size: number }>> = {
  'ecdsa-p256': { openssl: 'prime256v1', jwk: 'P-256', size: 32 },
  'ecdsa-p384': { openssl: 'secp384r1', jwk: 'P-384', size: 48 },
  'ecdsa-p521': { openssl: 'secp521r1', jwk: 'P-521', size: 66 },
};

const seededOctets = (seed: string, length: number): Buffer =>
  createHash('shake256', { outputLength: length }).update(seed).digest();

const ecKey = (
  curve: { readonly openssl: string; readonly jwk: string; readonly size: number },
  seed: string,
): KeyObject => {
  const scalar = seededOctets(seed, curve.size);
  // Below every curve's order.
  scalar[0] = 0;
  const ecdh = createECDH(curve.openssl);
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const part = (from: number, to?: number): string => point.subarray(from, to).toString('base64url');
  const jwk = {
    kty: 'EC',
    crv: curve.jwk,
    d: scalar.toString('base64url'),
    x: part(1, 1 + curve.size),
    y: part(1 + curve.size),
  };
  return createPrivateKey({ key: jwk, format: 'jwk' });
};

const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const generateKey = (type: KeyType, seed: string): KeyObject => {
  if (type === 'ed25519') {
    const der = Buffer.concat([ED25519_PREFIX, seededOctets(seed, 32)]);
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  }
  if (type === 'ecdsa-p224') return generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).privateKey;
  const curve = EC_CURVES[type];
  if (curve !== undefined) return ecKey(curve, seed);
  return generateKeyPairSync('rsa', { modulusLength: Number(type.slice(4)) }).privateKey;
};

const keys = new Map<string, KeyPair>();

/** The key of that type and seed; the same one each time. */
const keyOf = (type: KeyType, seed: string): KeyPair => {
  const name = `${type} ${seed}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const privateKey = generateKey(type, name);
  const key = { type, privateKey, publicDer: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }) };
  keys.set(name, key);
  return key;
};

const keyIdOf = (publicDer: Buffer): Buffer => {
  const info = asn1.fromDer(publicDer.toString('latin1'), { decodeBitStrings: false } as never);
  const bitString = (info.value as Node[])[1]?.value as string;
  return createHash('sha1')
    .update(Buffer.from(bitString.slice(1), 'latin1'))
    .digest();
};

const STRING_TYPES = { utf8: Type.UTF8, printable: Type.PRINTABLESTRING, t61: 20, bmp: 30 } as const;

const encodeText = (text: string, encoding: keyof typeof STRING_TYPES): Node => {
  const encoded =
    encoding === 'bmp'
      ? Buffer.from(text, 'utf16le').swap16()
      : Buffer.from(text, encoding === 'utf8' ? 'utf8' : 'latin1');
  return asn1.create(Class.UNIVERSAL, STRING_TYPES[encoding] as number, false, encoded.toString('latin1'));
};

const COMMON_NAME = '2.5.4.3';

/** The DER of a Name. */
const encodeName = ({ commonName, attributes = [], nameEncoding = 'utf8' }: Partial<CertificateOptions>): Buffer => {
  const all = commonName === undefined ? attributes : [...attributes, [COMMON_NAME, commonName] as const];
  const relative = all.map(([type, value]) => set(sequence(oid(type), encodeText(value, nameEncoding))));
  return bytesOf(sequence(...relative));
};

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

const encodeTime = (at: Date, text: string | undefined): Node => {
  const written =
    text ??
    `${pad(at.getUTCFullYear(), 4)}${pad(at.getUTCMonth() + 1)}${pad(at.getUTCDate())}${pad(at.getUTCHours())}${pad(at.getUTCMinutes())}${pad(at.getUTCSeconds())}Z`;
  if (text !== undefined)
    return primitive(text.length < 15 || /[+-]/.test(text) ? Type.UTCTIME : Type.GENERALIZEDTIME, text);
  const isUtc = at.getUTCFullYear() >= 1950 && at.getUTCFullYear() < 2050;
  return isUtc ? primitive(Type.UTCTIME, written.slice(2)) : primitive(Type.GENERALIZEDTIME, written);
};

const ipOctets = (address: string): string => {
  if (!address.includes(':')) return String.fromCharCode(...address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex').toString(
    'latin1',
  );
};

const alternativeNames = (options: CertificateOptions): Node[] => [
  ...(options.dnsNames ?? []).map((name) => context(2, Buffer.from(name, 'utf8').toString('latin1'))),
  ...(options.emails ?? []).map((name) => context(1, name)),
  ...(options.uris ?? []).map((name) => context(6, name)),
  ...(options.ipAddresses ?? []).map((address) => context(7, ipOctets(address))),
];

const subtrees = (tag: number, side: ConstraintSide | undefined): Node[] => {
  if (side === undefined) return [];
  const names = [
    ...(side.dns ?? []).map((name) => context(2, name)),
    ...(side.emails ?? []).map((name) => context(1, name)),
    ...(side.uris ?? []).map((name) => context(6, name)),
    ...(side.ips ?? []).map((range) => context(7, Buffer.from(range).toString('latin1'))),
    ...(side.directories ?? []).map((name) => wrapped(4, parsed(encodeName({ commonName: name })))),
  ];
  return [wrapped(tag, ...names.map((name) => sequence(name)))];
};

const keyUsageBits = (usages: readonly string[]): Node => {
  const positions = KEY_USAGES.flatMap((usage, index) => (usages.includes(usage) ? [index] : []));
  const highest = Math.max(-1, ...positions);
  const bytes = Buffer.alloc(Math.ceil((highest + 1) / 8));
  for (const position of positions) bytes[position >> 3] = (bytes[position >> 3] ?? 0) | (0x80 >> (position & 7));
  return bits(bytes, highest < 0 ? 0 : 7 - (highest % 8));
};

const extension = (id: string, critical: boolean, value: Uint8Array): Node =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

const policyExtensions = (options: CertificateOptions): Node[] => {
  const { policies, policyMappings, requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = options;
  const limits = [
    ...(requireExplicitPolicy === undefined ? [] : [context(0, integerOctets(BigInt(requireExplicitPolicy)))]),
    ...(inhibitPolicyMapping === undefined ? [] : [context(1, integerOctets(BigInt(inhibitPolicyMapping)))]),
  ];
  const mapped = policyMappings?.map(([issuer, subject]) => sequence(oid(issuer), oid(subject)));
  return [
    ...(policies === undefined
      ? []
      : [extension('2.5.29.32', false, bytesOf(sequence(...policies.map((policy) => sequence(oid(policy))))))]),
    ...(mapped === undefined ? [] : [extension('2.5.29.33', true, bytesOf(sequence(...mapped)))]),
    ...(limits.length === 0 ? [] : [extension('2.5.29.36', true, bytesOf(sequence(...limits)))]),
    ...(inhibitAnyPolicy === undefined ? [] : [extension('2.5.29.54', true, bytesOf(integer(inhibitAnyPolicy)))]),
  ];
};

const nameExtensions = (options: CertificateOptions): Node[] => {
  const names = alternativeNames(options);
  const isThere = names.length > 0 || options.withEmptyAlternativeNames === true;
  const constraints = [...subtrees(0, options.permitted), ...subtrees(1, options.excluded)];
  return [
    ...(isThere
      ? [extension('2.5.29.17', options.criticalAlternativeNames === true, bytesOf(sequence(...names)))]
      : []),
    ...(constraints.length === 0 ? [] : [extension('2.5.29.30', true, bytesOf(sequence(...constraints)))]),
  ];
};

const usageExtensions = ({ isCa, pathLength, keyUsages, extendedKeyUsages }: CertificateOptions): Node[] => {
  const constraints = sequence(
    ...(isCa === true ? [boolean(true)] : []),
    ...(pathLength === undefined ? [] : [integer(pathLength)]),
  );
  const purposes = extendedKeyUsages?.map((usage) => oid(EXTENDED_KEY_USAGES[usage] ?? usage));
  return [
    ...(isCa === undefined ? [] : [extension('2.5.29.19', true, bytesOf(constraints))]),
    ...(keyUsages === undefined ? [] : [extension('2.5.29.15', true, bytesOf(keyUsageBits(keyUsages)))]),
    ...(purposes === undefined ? [] : [extension('2.5.29.37', false, bytesOf(sequence(...purposes)))]),
  ];
};

const keyIdExtensions = (options: CertificateOptions, own: Buffer, issuers: Buffer | null): Node[] => {
  const subjectKeyId = options.subjectKeyId === undefined ? own : options.subjectKeyId;
  const authorityKeyId = options.authorityKeyId === undefined ? issuers : options.authorityKeyId;
  const authority =
    authorityKeyId === null ? null : sequence(context(0, Buffer.from(authorityKeyId).toString('latin1')));
  return [
    ...(subjectKeyId === null ? [] : [extension('2.5.29.14', false, bytesOf(octets(subjectKeyId)))]),
    ...(authority === null ? [] : [extension('2.5.29.35', false, bytesOf(authority))]),
  ];
};

const HASH_OIDS: Readonly<Record<string, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const SALT_LENGTHS: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };
const RSA_OIDS: Readonly<Record<string, string>> = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const ECDSA_OIDS: Readonly<Record<string, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};

const nothing = (): Node => primitive(Type.NULL, '');

const pssIdentifier = (hash: string): Node => {
  const hashAlgorithm = (): Node => sequence(oid(HASH_OIDS[hash] ?? ''), nothing());
  return sequence(
    oid('1.2.840.113549.1.1.10'),
    sequence(
      wrapped(0, hashAlgorithm()),
      wrapped(1, sequence(oid('1.2.840.113549.1.1.8'), hashAlgorithm())),
      wrapped(2, integer(SALT_LENGTHS[hash] ?? 0)),
    ),
  );
};

/** How the key signs: the algorithm identifier, and the signature over a message. */
const signerOf = (
  key: KeyPair,
  scheme: SignatureScheme,
): { identifier: Node; signMessage: (message: Buffer) => Buffer } => {
  const hash = scheme.replace('pss-', '');
  const { privateKey } = key;
  if (key.type === 'ed25519') {
    return { identifier: sequence(oid('1.3.101.112')), signMessage: (message) => sign(null, message, privateKey) };
  }
  if (key.type.startsWith('ecdsa')) {
    return {
      identifier: sequence(oid(ECDSA_OIDS[hash] ?? '1.2.840.10045.4.3.2')),
      signMessage: (message) => sign(ECDSA_OIDS[hash] === undefined ? 'sha256' : hash, message, privateKey),
    };
  }
  if (scheme.startsWith('pss-')) {
    const options = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT_LENGTHS[hash] ?? 0 };
    return { identifier: pssIdentifier(hash), signMessage: (message) => sign(hash, message, options) };
  }
  return {
    identifier: sequence(oid(RSA_OIDS[hash] ?? ''), nothing()),
    signMessage: (message) => sign(hash, message, privateKey),
  };
};

const defaultSerial = (...parts: readonly (Uint8Array | string)[]): bigint => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return BigInt(`0x${hash.digest('hex').slice(0, 30)}`) + 1n;
};

const toPem = (der: Buffer): string => {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

const issueBy = (issuer: Authority | null, options: CertificateOptions): Issued => {
  const { version = 3, commonName = '' } = options;
  const key = keyOf(options.keyType ?? 'ecdsa-p256', options.keySeed ?? commonName);
  const signingKey = issuer?.key ?? key;
  const subject = encodeName(options);
  const keyId = keyIdOf(key.publicDer);
  const { identifier, signMessage } = signerOf(signingKey, options.signatureScheme ?? 'sha256');
  const extensions = [
    ...usageExtensions(options),
    ...keyIdExtensions(options, keyId, issuer?.keyId ?? null),
    ...nameExtensions(options),
    ...policyExtensions(options),
    ...(options.extensions ?? []).map(({ oid: id, critical, value }) => extension(id, critical === true, value)),
  ];
  const serialNumber = options.serialNumber ?? defaultSerial(issuer?.subject ?? subject, subject, keyId);
  const signedPart = bytesOf(
    sequence(
      ...(version === 1 ? [] : [wrapped(0, integer(version - 1))]),
      integer(serialNumber),
      identifier,
      parsed(issuer?.subject ?? subject),
      sequence(
        encodeTime(options.notBefore, options.notBeforeText),
        encodeTime(options.notAfter, options.notAfterText),
      ),
      parsed(subject),
      parsed(key.publicDer),
      ...(version === 3 && extensions.length > 0 ? [wrapped(3, sequence(...extensions))] : []),
    ),
  );
  const edited = options.editSignedPart?.(signedPart) ?? signedPart;
  const signed = signMessage(edited);
  const signature = options.editSignature?.(signed) ?? signed;
  const der = encloseRaw(edited, bytesOf(identifier), bytesOf(bits(signature)));
  return {
    der,
    pem: toPem(der),
    privateKeyPem: key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    commonName,
    subject,
    keyId,
    key,
  };
};

/** A SEQUENCE around parts that may themselves be malformed. */
const encloseRaw = (...parts: readonly Buffer[]): Buffer => {
  const contents = Buffer.concat(parts);
  const header = asn1.toDer(primitive(Type.OCTETSTRING, contents.toString('latin1'))).getBytes();
  const length = header.length - contents.length;
  return Buffer.concat([Buffer.from([0x30]), Buffer.from(header.slice(1, length), 'latin1'), contents]);
};

const AUTHORITY = { isCa: true, keyUsages: ['keyCertSign', 'cRLSign'] } as const;

/** A self-signed certificate authority. */
export const issueAuthority = (options: CertificateOptions): Authority => issueBy(null, { ...AUTHORITY, ...options });

/** A certificate authority under another one. */
export const issueIntermediate = (issuer: Authority, options: CertificateOptions): Authority =>
  issueBy(issuer, { ...AUTHORITY, ...options });

const SERVING = { keyUsages: ['digitalSignature', 'keyEncipherment'], extendedKeyUsages: ['serverAuth'] } as const;

/** A serving certificate under an authority; broken ones by the options of the same name. */
export const issueServing = (issuer: Authority, options: CertificateOptions): Issued =>
  issueBy(issuer, { ...SERVING, ...options });

/** A serving certificate that is its own issuer. */
export const issueSelfSigned = (options: CertificateOptions): Issued => issueBy(null, { ...SERVING, ...options });

/** The same names and key under another issuer: a cross-signed authority. */
export const crossSign = (issuer: Authority, options: CertificateOptions): Authority =>
  issueIntermediate(issuer, options);

/** Only what is given: no extension is added but the key identifiers, and those too can be left out. */
export const issueBare = (issuer: Authority | null, options: CertificateOptions): Issued => issueBy(issuer, options);
