import {
  type Authority,
  type CertificateOptions,
  type ConstraintSide,
  type Issued,
  KEY_USAGES,
  type KeyType,
  type SignatureScheme,
  crossSign,
  issueAuthority,
  issueIntermediate,
  issueServing,
} from '../fakes/certificate-authority.ts';
import { type DerNode, encodeTree, readTree } from './der-tree.ts';
import { LOOK_ALIKES, MALFORMATIONS } from './malformed-certificates.ts';
import { PEM_ODDITIES } from './odd-pem.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';

/** A chain to verify. */
export interface VerifyQuestion {
  readonly kind: 'verify';
  readonly caBundle: string;
  readonly presented: readonly Buffer[];
  readonly serverName: string;
  readonly time: string;
}

/** A certificate to parse. */
export interface ParseQuestion {
  readonly kind: 'parse';
  readonly der: Buffer;
}

/** What Go and this project are asked; `about` says how it was made. */
export type Question = (VerifyQuestion | ParseQuestion) & { readonly about: string };

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-06-15T12:00:00Z');
const NAME = 'metrics.monitoring.svc';
const day = (offset: number): Date => new Date(NOW_MS + offset * DAY_MS);

type Options = { -readonly [Key in keyof CertificateOptions]: CertificateOptions[Key] };

const KEY_TYPES: readonly KeyType[] = [
  'ecdsa-p256',
  'ecdsa-p256',
  'ecdsa-p256',
  'ed25519',
  'rsa-2048',
  'rsa-1024',
  'ecdsa-p384',
  'ecdsa-p521',
  'ecdsa-p224',
];

/** The certificates of a case before they are issued. */
interface Plan {
  readonly root: Options;
  readonly intermediates: Options[];
  readonly leaf: Options;
  /** Certificates put among the presented ones, in any order, and into the bundle. */
  readonly extraPresented: Issued[];
  readonly extraAnchors: Issued[];
  /** Names above the leaf of which the certificate is left out of what is presented. */
  readonly missing: Set<string>;
  bundle: 'root' | 'intermediate' | 'leaf' | 'none' | 'other';
  serverName: string;
  timeMs: number;
  shuffles: boolean;
  editLeafDer: ((der: Buffer) => Buffer) | null;
  editBundle: ((pem: string) => string) | null;
  editTopDer: ((der: Buffer) => Buffer) | null;
}

/** Changes a plan; most of them so that Go refuses the chain. */
type Twist = (plan: Plan, random: SeededRandom) => void;

const validity = { notBefore: day(-30), notAfter: day(335) };

const newPlan = (random: SeededRandom): Plan => {
  const count = random.pick([0, 0, 0, 1, 1, 2]);
  const key = (): KeyType => random.pick(KEY_TYPES);
  // A dozen seeds a type: making keys costs more than everything else.
  const seed = (): string => String(random.below(12));
  return {
    root: { commonName: 'root', keyType: key(), keySeed: seed(), ...validity },
    intermediates: Array.from({ length: count }, (_, index) => ({
      commonName: `intermediate ${index}`,
      keyType: key(),
      keySeed: `i${seed()}`,
      ...validity,
    })),
    leaf: { commonName: NAME, dnsNames: [NAME], keyType: key(), keySeed: `l${seed()}`, ...validity },
    extraPresented: [],
    extraAnchors: [],
    missing: new Set(),
    bundle: 'root',
    serverName: NAME,
    timeMs: NOW_MS,
    shuffles: false,
    editLeafDer: null,
    editBundle: null,
    editTopDer: null,
  };
};

const authorities = (plan: Plan): Options[] => [plan.root, ...plan.intermediates];
const anyOf = (plan: Plan): Options[] => [...authorities(plan), plan.leaf];

const lastIntermediate = (plan: Plan): Options => {
  if (plan.intermediates.length === 0) {
    plan.intermediates.push({ commonName: 'added', keyType: 'ecdsa-p256', keySeed: 'added', ...validity });
  }
  return plan.intermediates.at(-1) ?? plan.root;
};

/** Names that Go's %q has to escape, or not. */
const ODD_NAMES = [
  'r\u00f6\u00f6t',
  '"q" \\',
  'bell \u0007 tab \t del \u007f',
  '\u{1f600}',
  'soft\u00adhyphen',
  '\u2028\ufeff\u00a0\u3000',
  '\u0378 \ufffd',
  '',
];

/** What fits into a short RSA modulus. */
const fitScheme = (options: Options, issuer: Options): void => {
  const scheme = options.signatureScheme ?? 'sha256';
  const isShort = issuer.keyType === 'rsa-512' && !['md5', 'sha1', 'sha256'].includes(scheme);
  if (isShort || (issuer.keyType === 'rsa-1024' && scheme === 'pss-sha512')) options.signatureScheme = 'sha256';
};

/** A self-signed authority with the root's names, its key or another one. */
const rootAgain = (plan: Plan, changes: Partial<Options> = {}): Authority => {
  const options: Options = { ...plan.root, ...changes };
  fitScheme(options, options);
  return issueAuthority(options);
};

/** Twists after which the chain is usually still good. */
const HARMLESS: readonly Twist[] = [
  (plan) => void (plan.shuffles = true),
  (plan) => void (plan.serverName = ''),
  (plan) => void (plan.serverName = plan.serverName.toUpperCase()),
  (plan) => void (plan.serverName = `${plan.serverName}.`),
  (plan) => void (plan.leaf.dnsNames = ['*.monitoring.svc', 'other']),
  (plan) => void (plan.leaf.dnsNames = ['METRICS.monitoring.SVC']),
  (plan) => {
    plan.leaf.ipAddresses = ['10.0.0.1', 'fd00::1'];
    plan.leaf.emails = ['a@example.com'];
    plan.leaf.uris = ['spiffe://cluster.local/x', 'https://u:p@h.example:8443/p?q#f'];
  },
  (plan) => {
    plan.leaf.ipAddresses = ['10.0.0.1', 'fd00::1'];
    plan.serverName = '[fd00::1]';
  },
  (plan) => {
    plan.leaf.ipAddresses = ['10.0.0.1'];
    plan.serverName = '10.0.0.1';
  },
  (plan) => void (plan.bundle = 'intermediate'),
  (plan) => void (plan.bundle = 'leaf'),
  (plan) => void (plan.leaf.extendedKeyUsages = ['any']),
  (plan, random) => void (random.pick(authorities(plan)).extendedKeyUsages = ['clientAuth', 'serverAuth']),
  (plan, random) =>
    void (random.pick(anyOf(plan)).signatureScheme = random.pick<SignatureScheme>([
      'sha384',
      'sha512',
      'pss-sha256',
      'pss-sha384',
      'pss-sha512',
    ])),
  (plan, random) => void (random.pick(anyOf(plan)).subjectKeyId = null),
  (plan, random) => void (random.pick(anyOf(plan)).authorityKeyId = null),
  (plan, random) => void (random.pick(anyOf(plan)).authorityKeyId = random.bytes(4)),
  (plan, random) => void (random.pick(anyOf(plan)).nameEncoding = random.pick(['printable', 't61', 'bmp'] as const)),
  (plan, random) =>
    void (random.pick(authorities(plan)).keyUsages = ['keyCertSign', ...KEY_USAGES.slice(0, random.below(9))]),
  (plan, random) => void (random.pick(authorities(plan)).pathLength = 1 + random.below(3)),
  (plan) => void (plan.root.version = 1),
  (plan, random) =>
    void (random.pick(anyOf(plan)).attributes = [
      ['2.5.4.10', 'Example, Inc. "E"'],
      ['2.5.4.11', 'ü\u0007'],
    ]),
  (plan) => {
    plan.root.commonName = '';
    plan.root.attributes = [['2.5.4.10', 'only an organization']];
  },
  (plan, random) => void (plan.root.commonName = random.pick(ODD_NAMES)),
  (plan, random) => {
    plan.root.commonName = '';
    plan.root.attributes = [['2.5.4.10', random.pick(ODD_NAMES)]];
  },
  (plan) => void delete plan.root.commonName,
  (plan, random) => {
    const authority = random.pick(authorities(plan));
    authority.permitted = { dns: ['svc', 'example.com'], ips: [Buffer.from('0a000000ff000000', 'hex')] };
  },
  (plan, random) =>
    void (random.pick(authorities(plan)).excluded = { dns: ['other.example'], emails: ['x@y.z'], uris: ['.evil'] }),
  (plan, random) => void (random.pick(anyOf(plan)).policies = ['1.2.3', '2.5.29.32.0']),
  (plan, random) =>
    void (random.pick(anyOf(plan)).notAfterText = random.pick(['99991231235959Z', '270101000000+0130', '2701010000Z'])),
  (plan) => void plan.extraPresented.push(rootAgain(plan)),
  (plan, random) => {
    const other = issueAuthority({ commonName: 'elsewhere', ...validity, keySeed: String(random.below(3)) });
    plan.extraPresented.push(other);
    plan.extraAnchors.push(other);
  },
  // A namesake of the root in front of it: the same subject with another key.
  (plan) => {
    plan.extraAnchors.push(rootAgain(plan, { keySeed: 'namesake', keyType: 'ecdsa-p256' }));
  },
  // The root cross-signed by another one, presented.
  (plan) => {
    const other = issueAuthority({ commonName: 'cross', ...validity });
    plan.extraPresented.push(crossSign(other, { ...plan.root }));
  },
];

const side = (random: SeededRandom, names: ConstraintSide): Partial<Options> =>
  random.chance(0.5) ? { permitted: names } : { excluded: names };

const DNS_SUBTREES = [
  'svc',
  '.svc',
  'monitoring.svc',
  '.monitoring.svc',
  'a.monitoring.svc',
  'SVC',
  '',
  'example.com',
  'metrics.monitoring.svc',
  'trics.monitoring.svc',
  '.',
  'monitoring.svc.',
  '-b.svc',
  'a-b.svc',
  'x',
];
const EMAIL_SUBTREES = [
  'example.com',
  '.example.com',
  'a@example.com',
  'A@EXAMPLE.com',
  '"a b"@example.com',
  '',
  'com',
  'b@example.com',
];
const URI_SUBTREES = ['example.com', '.example.com', 'h.example.com', '', 'com', 'cluster.local', 'evil'];
const IP_SUBTREES = [
  '0a000000ff000000',
  '0a090909ff000000',
  '0a000001ffffffff',
  '0000000000000000',
  `fd00${'0'.repeat(28)}ffff${'0'.repeat(28)}`,
  `${'0'.repeat(20)}ffff0a000000${'f'.repeat(24)}ff000000`,
  '0a0000000000ff00',
];
const DNS_NAMES = [
  'a.monitoring.svc',
  '*.monitoring.svc',
  '*.svc',
  '*',
  'example.com',
  'www.example.com',
  'a b',
  'a..b',
  '',
  'svc',
  '.svc',
  'x.a-b.svc',
  'trailing.',
  'METRICS.MONITORING.svc',
  'ü.svc',
];
const EMAILS = [
  'a@example.com',
  'b@sub.example.com',
  'no at',
  '"a b"@EXAMPLE.com',
  'a@b@c',
  '@x',
  'a@',
  '.a@b',
  'A@example.com',
  'a@example.com.',
];
const URIS = [
  'https://h.example.com/x',
  'spiffe://cluster.local/ns',
  'urn:x',
  'http://10.0.0.1/',
  'http://[::1]/',
  'http://h.example.com:80/%41',
  'HTTP://H.EXAMPLE.COM',
  'ftp://a:b:80/',
  'mailto:a@b',
  '//h.evil/',
  'http://[fe80::1%25e]/x',
  'http://:80/',
  'http://example.com.:80/',
  'file:///x',
  'http:////y',
  '*',
  'x:?',
];
const IPS = ['10.0.0.1', '10.9.9.9', '192.168.0.1', 'fd00::1', '::1', '::ffff:a00:1'];

const someOf = <T>(items: readonly T[], most: number, random: SeededRandom): T[] =>
  Array.from({ length: 1 + random.below(most) }, () => random.pick(items));

const randomConstraints = (random: SeededRandom): ConstraintSide => ({
  ...(random.chance(0.6) ? { dns: someOf(DNS_SUBTREES, 4, random) } : {}),
  ...(random.chance(0.3) ? { emails: someOf(EMAIL_SUBTREES, 3, random) } : {}),
  ...(random.chance(0.3) ? { uris: someOf(URI_SUBTREES, 3, random) } : {}),
  ...(random.chance(0.3) ? { ips: someOf(IP_SUBTREES, 3, random).map((hex) => Buffer.from(hex, 'hex')) } : {}),
});

const addNames = (options: Options, random: SeededRandom): void => {
  options.dnsNames = [...(options.dnsNames ?? []), ...(random.chance(0.5) ? someOf(DNS_NAMES, 2, random) : [])];
  if (random.chance(0.3)) options.emails = someOf(EMAILS, 2, random);
  if (random.chance(0.3)) options.uris = someOf(URIS, 2, random);
  if (random.chance(0.3)) options.ipAddresses = someOf(IPS, 2, random);
};

const constrain: Twist = (plan, random) => {
  const authority = random.pick(authorities(plan));
  if (random.chance(0.7)) authority.permitted = randomConstraints(random);
  if (random.chance(0.5)) authority.excluded = randomConstraints(random);
  addNames(plan.leaf, random);
  if (random.chance(0.3)) addNames(random.pick(authorities(plan)), random);
};

/** A leaf with one name of a kind under one constraint of that kind, and nothing else wrong. */
const violating =
  (names: Partial<Options>, constraints: Partial<Options>): Twist =>
  (plan, random) => {
    Object.assign(plan.leaf, names);
    Object.assign(random.pick(authorities(plan)), constraints);
  };

const VIOLATIONS: readonly Twist[] = [
  violating({ dnsNames: [NAME] }, { permitted: { dns: ['example.com', 'other.svc'] } }),
  violating({ dnsNames: [NAME, 'x.evil.svc'] }, { excluded: { dns: ['.svc', 'evil.svc'] } }),
  violating({ dnsNames: [NAME, '*.evil.svc'] }, { excluded: { dns: ['a.evil.svc'] } }),
  violating({ ipAddresses: ['10.0.0.1'] }, { permitted: { ips: [Buffer.from('c0a80000ffff0000', 'hex')] } }),
  violating({ ipAddresses: ['10.0.0.1'] }, { excluded: { ips: [Buffer.from('0a090909ff000000', 'hex')] } }),
  violating({ emails: ['a@example.com'] }, { permitted: { emails: ['b@example.com', '.example.com'] } }),
  violating({ emails: ['a@Example.com'] }, { excluded: { emails: ['example.com'] } }),
  violating({ uris: ['https://h.example.com/x'] }, { permitted: { uris: ['example.org'] } }),
  violating({ uris: ['https://H.example.com:443/x?q'] }, { excluded: { uris: ['.example.com'] } }),
  violating({ uris: ['http://10.0.0.1/'] }, { permitted: { uris: ['example.com'] } }),
  violating({ uris: ['http://[fe80::1%25e]/x'] }, { excluded: { uris: ['example.com'] } }),
  violating({ uris: ['ftp://a:b:80/'] }, { excluded: { uris: ['example.com'] } }),
];

const CRITICAL_UNKNOWN = { oid: '1.2.3.4.5', critical: true, value: Buffer.from([5, 0]) };

const flipBit = (der: Buffer, random: SeededRandom): Buffer => {
  const changed = Buffer.from(der);
  const at = random.below(changed.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  return changed;
};

const forge =
  (pick: (plan: Plan) => Options): Twist =>
  (plan, random) => {
    pick(plan).editSignature = (signature) => flipBit(signature, random);
  };

const typedKey =
  (type: KeyType): Twist =>
  (plan, random) => {
    plan.root.keyType = type;
    plan.root.keySeed = `typed ${random.below(4)}`;
  };

/** A namesake of the issuer with a key of another kind: the only candidate the leaf finds. */
const wrongKind =
  (real: KeyType, fake: KeyType): Twist =>
  (plan) => {
    plan.intermediates.length = 0;
    plan.root.keyType = real;
    plan.bundle = 'other';
    plan.extraAnchors.push(rootAgain(plan, { keyType: fake, keySeed: 'wrong kind' }));
  };

const longChain: Twist = (plan, random) => {
  const length = 3 + random.below(4);
  for (let index = plan.intermediates.length; index < length; index++) {
    plan.intermediates.push({
      commonName: `deep ${index}`,
      keyType: 'ecdsa-p256',
      keySeed: `deep ${index}`,
      ...validity,
    });
  }
  random.pick(authorities(plan).slice(0, -1)).pathLength = random.below(2);
};

/** Very many namesakes: Go gives up after a hundred signature checks. */
const pathological: Twist = (plan, random) => {
  plan.intermediates.length = 0;
  const many = 101 + random.below(4);
  const all: Issued[] = [];
  const shared = random.chance(0.5);
  for (let index = 0; index < many; index++) {
    all.push(
      rootAgain(plan, {
        keyType: 'ed25519',
        keySeed: shared ? 'many' : `many ${index % 24}`,
        serialNumber: BigInt(index + 1),
      }),
    );
  }
  if (random.chance(0.5)) plan.extraAnchors.push(...all);
  else plan.extraPresented.push(...all);
  plan.bundle = 'other';
};

const policyTrouble: Twist = (plan, random) => {
  const POLICIES = ['1.2.3', '1.2.4', '2.5.29.32.0', '1.2.840.113549.99999999'];
  for (const options of [...plan.intermediates, plan.leaf]) {
    if (random.chance(0.6)) options.policies = [...new Set(someOf(POLICIES, 3, random))];
  }
  const demanding = lastIntermediate(plan);
  demanding.requireExplicitPolicy = random.below(2);
  if (random.chance(0.3)) demanding.inhibitPolicyMapping = random.below(2);
  if (random.chance(0.3)) demanding.inhibitAnyPolicy = random.below(2);
  if (random.chance(0.4))
    demanding.policyMappings = [
      [random.pick(POLICIES), random.pick(POLICIES)],
      ['1.2.3', random.pick(POLICIES)],
    ];
};

/** Two ways up, one refused for its policies and one for its usages. */
const bothWaysBad: Twist = (plan) => {
  plan.intermediates.length = 0;
  const middle = lastIntermediate(plan);
  const root = rootAgain(plan);
  delete middle.policies;
  middle.requireExplicitPolicy = 0;
  delete plan.leaf.policies;
  plan.extraPresented.push(
    crossSign(root, {
      ...middle,
      requireExplicitPolicy: 5,
      extendedKeyUsages: ['clientAuth'],
      serialNumber: 77n,
    }),
  );
};

const SIGNATURE_OIDS = {
  sha224: '2a864886f70d01010e',
  unknown: '2a0304',
  dsaSha1: '2a8648ce380403',
  dsaSha256: '608648016503040302',
} as const;

/** Writes another algorithm over the identifiers in the DER, inside and outside, of the same length or not. */
const relabel = (der: Buffer, oidHex: string): Buffer => {
  const root = readTree(der);
  const oid: DerNode = { tag: 6, children: null, contents: Buffer.from(oidHex, 'hex') };
  const identifier: DerNode = { tag: 0x30, children: [oid], contents: Buffer.alloc(0) };
  const [tbs, , signature] = root.children ?? [];
  if (tbs === undefined || signature === undefined) return der;
  const fields = [...(tbs.children ?? [])];
  fields[fields[0]?.tag === 0xa0 ? 2 : 1] = identifier;
  return encodeTree({ ...root, children: [{ ...tbs, children: fields }, identifier, signature] });
};

const mutateTree = (node: DerNode, random: SeededRandom): DerNode => {
  const { children } = node;
  if (children !== null && children.length > 0 && random.chance(0.85)) {
    const index = random.below(children.length);
    const child = children[index] as DerNode;
    const changed = random.pick<() => readonly DerNode[]>([
      () => [mutateTree(child, random)],
      () => [mutateTree(child, random)],
      () => [mutateTree(child, random)],
      () => [mutateTree(child, random)],
      () => [],
      () => [child, child],
      () => [random.pick(children), child],
    ])();
    return { ...node, children: children.flatMap((each, at) => (at === index ? changed : [each])) };
  }
  return random.pick<() => DerNode>([
    () => ({
      ...node,
      tag: random.pick([
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0x80, 0x81, 0x82, 0x86, 0x87,
        0xa0, 0xa1, 0xa3, 0x1f,
      ]),
    }),
    () => ({ ...node, children: null, contents: random.bytes(random.below(8)) }),
    () => ({
      ...node,
      children: null,
      contents: flipBit(node.contents.length === 0 ? Buffer.from([0]) : node.contents, random),
    }),
    () => ({ ...node, children: null, contents: node.contents.subarray(0, random.below(node.contents.length + 1)) }),
    () => ({ ...node, children: null, contents: Buffer.concat([node.contents, random.bytes(1 + random.below(3))]) }),
  ])();
};

/** Changes DER at random, by bytes or by elements. */
const mutateDer = (der: Buffer, random: SeededRandom): Buffer => {
  if (random.chance(0.5)) return encodeTree(mutateTree(readTree(der), random));
  const at = random.below(der.length);
  return random.pick<() => Buffer>([
    () => flipBit(der, random),
    () => Buffer.concat([der.subarray(0, at), random.bytes(1), der.subarray(at + 1)]),
    () => Buffer.concat([der.subarray(0, at), random.bytes(1 + random.below(3)), der.subarray(at)]),
    () => Buffer.concat([der.subarray(0, at), der.subarray(at + 1 + random.below(3))]),
    () => der.subarray(0, at),
  ])();
};

/** A leaf that claims a DSA signature under an issuer with another key. */
const relabelledAsDsa =
  (type: KeyType, oid: string = SIGNATURE_OIDS.dsaSha256): Twist =>
  (plan, random) => {
    typedKey(type)(plan, random);
    plan.intermediates.length = 0;
    plan.editLeafDer = (der) => relabel(der, oid);
  };

/** Twists after which Go refuses the chain, most of the time. */
const HARMFUL: readonly Twist[] = [
  (plan, random) => void (random.pick(anyOf(plan)).notAfter = day(-1 - random.below(20))),
  (plan, random) => void (random.pick(anyOf(plan)).notBefore = day(1 + random.below(20))),
  (plan, random) =>
    void (plan.timeMs =
      random.pick([validity.notAfter, validity.notBefore]).getTime() + random.pick([-1000, -1, 0, 1, 999, 1000])),
  (plan, random) =>
    void (random.pick(anyOf(plan)).notAfterText = random.pick([
      '260101000000+2400',
      '491231235959Z',
      '500101000000Z',
      '2601010000-0130',
      '20260101000000-1200',
    ])),
  (plan) => void (plan.serverName = 'other.monitoring.svc'),
  (plan, random) =>
    void (plan.serverName = random.pick([
      'a b',
      '*',
      '.',
      '[10.0.0.1]',
      '10.0.0.1',
      'fd00::1',
      'fe80::1%eth0',
      'metrics',
      'x\u00e9.svc',
      '*.monitoring.svc',
      'metrics_monitoring',
      '-a.svc',
      '[::1',
      '...',
      'a..svc',
    ])),
  (plan) => void (plan.leaf.dnsNames = []),
  (plan) => {
    plan.leaf.dnsNames = [];
    plan.leaf.ipAddresses = ['10.0.0.1'];
  },
  (plan) => {
    plan.leaf.dnsNames = [];
    plan.leaf.commonName = NAME;
  },
  (plan, random) => {
    plan.leaf.dnsNames = [];
    plan.leaf.commonName = random.pick(['*.monitoring.svc', NAME.toUpperCase(), '', '*']);
  },
  (plan) => {
    plan.leaf.dnsNames = [];
    plan.leaf.withEmptyAlternativeNames = true;
  },
  (plan) => {
    plan.leaf.dnsNames = [];
    plan.leaf.withEmptyAlternativeNames = true;
    plan.leaf.criticalAlternativeNames = true;
  },
  (plan, random) => {
    plan.leaf.dnsNames = Array.from({ length: 99 + random.below(3) }, (_, index) => `n${index}.svc`);
  },
  (plan, random) => {
    plan.serverName = '10.1.1.1';
    plan.leaf.ipAddresses = Array.from({ length: random.pick([1, 3, 99, 100, 101]) }, (_, index) => `10.0.0.${index}`);
  },
  (plan) => void (plan.bundle = 'none'),
  (plan) => void (plan.bundle = 'other'),
  (plan) => void plan.missing.add(lastIntermediate(plan).commonName ?? ''),
  forge((plan) => plan.leaf),
  forge((plan) => lastIntermediate(plan)),
  (plan, random) => {
    typedKey(random.pick(['rsa-2048', 'rsa-1024', 'ecdsa-p256', 'ed25519']))(plan, random);
    plan.intermediates.length = 0;
    plan.extraAnchors.push(rootAgain(plan, { keySeed: 'rotated' }));
    plan.bundle = 'other';
  },
  wrongKind('rsa-2048', 'ecdsa-p256'),
  wrongKind('rsa-2048', 'ed25519'),
  wrongKind('ecdsa-p256', 'rsa-2048'),
  wrongKind('ecdsa-p256', 'ed25519'),
  wrongKind('ed25519', 'rsa-2048'),
  wrongKind('ed25519', 'ecdsa-p256'),
  (plan, random) => {
    typedKey('rsa-512')(plan, random);
    for (const options of anyOf(plan)) delete options.signatureScheme;
  },
  (plan, random) => {
    typedKey(random.pick(['rsa-2048', 'ecdsa-p256']))(plan, random);
    plan.intermediates.length = 0;
    plan.leaf.signatureScheme = 'sha1';
  },
  (plan, random) => {
    typedKey('rsa-2048')(plan, random);
    plan.intermediates.length = 0;
    plan.leaf.signatureScheme = 'md5';
  },
  (plan, random) => void (random.pick(anyOf(plan)).signatureScheme = random.pick<SignatureScheme>(['sha1', 'md5'])),
  (plan, random) => void (plan.editLeafDer = (der) => relabel(der, random.pick(Object.values(SIGNATURE_OIDS)))),
  (plan, random) => void (random.pick(authorities(plan)).isCa = false),
  (plan, random) => void Object.assign(random.pick(authorities(plan)), { isCa: undefined }),
  (plan, random) => void (random.pick(authorities(plan)).keyUsages = ['digitalSignature']),
  (plan) => void (lastIntermediate(plan).version = 1),
  (plan) => void (lastIntermediate(plan).version = 2),
  longChain,
  longChain,
  (plan) => {
    lastIntermediate(plan);
    plan.root.pathLength = 0;
    plan.intermediates.unshift({ commonName: 'between', keyType: 'ecdsa-p256', keySeed: 'between', ...validity });
  },
  (plan, random) =>
    void (random.pick(anyOf(plan)).extendedKeyUsages = [
      random.pick(['clientAuth', 'codeSigning', '1.2.3.4', '2.16.840.1.113730.4.1']),
    ]),
  (plan, random) => void (random.pick(anyOf(plan)).extensions = [CRITICAL_UNKNOWN]),
  (plan, random) => void (random.pick(anyOf(plan)).permitted = { directories: ['x'] }),
  constrain,
  constrain,
  constrain,
  constrain,
  (plan, random) => void Object.assign(random.pick(authorities(plan)), side(random, { dns: ['example.com'] })),
  (plan, random) => {
    plan.leaf.ipAddresses = ['10.0.0.1', '10.9.0.1'];
    Object.assign(
      random.pick(authorities(plan)),
      side(random, { ips: [Buffer.from(random.pick(['0a090909ff000000', 'c0a80000ffff0000']), 'hex')] }),
    );
  },
  (plan, random) => {
    plan.leaf.emails = [random.pick(EMAILS)];
    Object.assign(
      random.pick(authorities(plan)),
      side(random, { emails: [random.pick(['example.com', 'x@y.z', '.example.com'])] }),
    );
  },
  (plan, random) => {
    plan.leaf.uris = [random.pick(URIS)];
    Object.assign(
      random.pick(authorities(plan)),
      side(random, { uris: [random.pick(['example.com', 'h.example.com', '.evil'])] }),
    );
  },
  (plan, random) => {
    plan.leaf.dnsNames = [NAME, random.pick(['a b', 'a..b', 'trailing.', 'x y.svc'])];
    random.pick(authorities(plan)).excluded = { dns: ['z'] };
  },
  ...VIOLATIONS,
  relabelledAsDsa('rsa-2048', SIGNATURE_OIDS.dsaSha1),
  relabelledAsDsa('rsa-2048'),
  relabelledAsDsa('ed25519'),
  relabelledAsDsa('ecdsa-p256'),
  (plan) => void (plan.serverName = '10.1.1.1'),
  policyTrouble,
  policyTrouble,
  bothWaysBad,
  (plan, random) => {
    const malformation = random.pick(MALFORMATIONS);
    plan.extraPresented.push({ der: malformation.make(random) } as Issued);
  },
  (plan, random) => {
    const malformation = random.pick(MALFORMATIONS);
    plan.editLeafDer = () => malformation.make(random);
  },
  (plan, random) => void (plan.editLeafDer = (der) => mutateDer(der, random)),
  (plan, random) => void (plan.editTopDer = (der) => mutateDer(der, random)),
  (plan, random) => void (plan.editBundle = (pem) => random.pick(PEM_ODDITIES)(pem, random)),
  (plan, random) =>
    void (plan.editBundle = (pem) => random.pick(PEM_ODDITIES)(random.pick(PEM_ODDITIES)(pem, random), random)),
];

const issue = (plan: Plan): { readonly path: readonly Issued[]; readonly root: Authority } => {
  const line = [plan.root, ...plan.intermediates, plan.leaf];
  for (const [index, options] of line.entries()) fitScheme(options, line[Math.max(0, index - 1)] ?? options);
  const root = issueAuthority(plan.root);
  const path: Issued[] = [];
  let issuer = root;
  for (const options of plan.intermediates) {
    issuer = issueIntermediate(issuer, options);
    path.unshift(issuer);
  }
  return { path: [issueServing(issuer, plan.leaf), ...path], root };
};

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;

const shuffled = <T>(items: readonly T[], random: SeededRandom): T[] =>
  items
    .map((item) => ({ item, rank: random.next() }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item);

const bundleOf = (plan: Plan, root: Authority, path: readonly Issued[], random: SeededRandom): string => {
  const own = {
    root: [plan.editTopDer?.(root.der) ?? root.der],
    intermediate: [(path[1] ?? root).der],
    leaf: [(path[0] ?? root).der],
    none: [issueAuthority({ commonName: 'unrelated', ...validity }).der],
    other: [],
  }[plan.bundle];
  const all = [...plan.extraAnchors.map(({ der }) => der), ...own];
  const ordered = plan.shuffles ? shuffled(all, random) : all;
  const pem = ordered.map(pemOf).join('');
  return plan.editBundle?.(pem) ?? pem;
};

const verifyQuestion = (random: SeededRandom, twists: readonly Twist[]): VerifyQuestion => {
  const plan = newPlan(random);
  for (const twist of twists) twist(plan, random);
  const { path, root } = issue(plan);
  const [leaf, ...above] = path;
  const kept = above.filter(({ commonName }) => !plan.missing.has(commonName));
  const others = [...kept.map(({ der }) => der), ...plan.extraPresented.map(({ der }) => der)];
  const leafDer = leaf?.der ?? root.der;
  return {
    kind: 'verify',
    caBundle: bundleOf(plan, root, path, random),
    presented: [plan.editLeafDer?.(leafDer) ?? leafDer, ...(plan.shuffles ? shuffled(others, random) : others)],
    serverName: plan.serverName,
    time: new Date(plan.timeMs).toISOString(),
  };
};

/** Keys Go parses but does not serve with, and messages it does not read to the end. */
const handshakeTrouble = (random: SeededRandom): VerifyQuestion => {
  const plan = newPlan(random);
  plan.intermediates.length = 0;
  const kind = random.pick(['dsa', 'unknown key', 'large key', 'long message', 'longer message'] as const);
  plan.bundle = 'root';
  if (kind.endsWith('message')) {
    const extensionSize = kind === 'long message' ? 261_000 + random.below(1400) : 270_000;
    plan.leaf.extensions = [
      { oid: '1.2.3.4', value: random.bytes(16) },
      { oid: '1.2.3.5', value: Buffer.alloc(extensionSize) },
    ];
  } else {
    plan.leaf.editSignedPart = (der) => swapKey(der, kind, random);
  }
  const { path, root } = issue(plan);
  const leafDer = path[0]?.der ?? root.der;
  return {
    kind: 'verify',
    caBundle: root.pem,
    presented: [leafDer],
    serverName: random.chance(0.95) ? NAME : '',
    time: new Date(plan.timeMs).toISOString(),
  };
};

const hexNode = (hex: string): DerNode => readTree(Buffer.from(hex, 'hex'));

const DSA_KEY_INFO = hexNode('301c301406072a8648ce3804013009020107020103020102030400020105');

const swapKey = (signedPart: Buffer, kind: string, random: SeededRandom): Buffer => {
  const tbs = readTree(signedPart);
  const fields = [...(tbs.children ?? [])];
  if (kind === 'dsa') fields[6] = DSA_KEY_INFO;
  else if (kind === 'unknown key') {
    const oid = random.pick(['2b656e', '2b656f', '2b6571', '2a0304', '2a864886f70d01010a']);
    const contents = Buffer.concat([Buffer.from(`06${(oid.length / 2).toString(16).padStart(2, '0')}${oid}`, 'hex')]);
    fields[6] = {
      tag: 0x30,
      contents: Buffer.alloc(0),
      children: [
        { tag: 0x30, children: null, contents },
        { tag: 3, children: null, contents: Buffer.concat([Buffer.from([0]), random.bytes(32)]) },
      ],
    };
  } else {
    const modulus = random.bytes(random.pick([1024, 1025, 1030]));
    modulus[0] = random.pick([0x7f, 0x01, 0x40]);
    modulus[modulus.length - 1] = 1;
    const key = encodeTree({
      tag: 0x30,
      contents: Buffer.alloc(0),
      children: [
        { tag: 2, children: null, contents: modulus },
        { tag: 2, children: null, contents: Buffer.from([1, 0, 1]) },
      ],
    });
    fields[6] = {
      tag: 0x30,
      contents: Buffer.alloc(0),
      children: [
        hexNode('300d06092a864886f70d0101010500'),
        { tag: 3, children: null, contents: Buffer.concat([Buffer.from([0]), key]) },
      ],
    };
  }
  return encodeTree({ ...tbs, children: fields });
};

/** A good certificate with much in it, to be mutated. */
const richCertificate = (random: SeededRandom): Buffer => {
  const plan = newPlan(random);
  addNames(plan.leaf, random);
  Object.assign(plan.leaf, {
    permitted: random.chance(0.4) ? randomConstraints(random) : undefined,
    policies: ['1.2.3'],
    requireExplicitPolicy: 1,
    pathLength: 1,
    isCa: true,
    signatureScheme: random.pick(['sha256', 'pss-sha256']),
    extensions: [
      { oid: '1.3.6.1.5.5.7.1.1', value: Buffer.from('3014301206082b060105050730018606687474703a2f', 'hex') },
      { oid: '2.5.29.31', value: Buffer.from('300f300da00ba0098607687474703a2f2f', 'hex') },
    ],
  });
  if (random.chance(0.3)) plan.root.keyType = 'rsa-2048';
  plan.intermediates.length = 0;
  return issue(plan).path[0]?.der ?? Buffer.alloc(0);
};

const someTwists = (all: readonly Twist[], most: number, random: SeededRandom): Twist[] =>
  Array.from({ length: random.below(most + 1) }, () => random.pick(all));

/** Of each twenty questions: five harmless chains, six harmful, six malformed certificates, three mutated ones. */
const ROUND = 20;

// In turn, so that every one of them is met in any run of some length.
const inTurn = <T>(items: readonly T[], number: number, first: number, count: number): T =>
  items[(Math.floor(number / ROUND) * count + (number % ROUND) - first) % items.length] as T;

/** The question of that number; the same for the same seed. */
export const questionOf = (seed: number, number: number): Question => {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const place = number % ROUND;
  const round = Math.floor(number / ROUND);
  if (place === 0 && round % 2 === 0) return { ...handshakeTrouble(random), about: 'handshake' };
  if (place === 1 && round % 10 === 0) {
    return { ...verifyQuestion(random, [...someTwists(HARMLESS, 2, random), pathological]), about: 'pathological' };
  }
  if (place < 5) return { ...verifyQuestion(random, someTwists(HARMLESS, 4, random)), about: 'harmless' };
  if (place < 11) {
    const twist = inTurn(HARMFUL, number, 5, 6);
    const more = random.chance(0.3) ? [random.pick(HARMFUL)] : [];
    const twists = [...someTwists(HARMLESS, 2, random), ...more, twist];
    return { ...verifyQuestion(random, twists), about: `harmful ${HARMFUL.indexOf(twist)}` };
  }
  if (place < 17) {
    const malformation = random.chance(0.05) ? random.pick(LOOK_ALIKES) : inTurn(MALFORMATIONS, number, 11, 6);
    return { kind: 'parse', der: malformation.make(random), about: malformation.name };
  }
  const der = mutateDer(richCertificate(random), random);
  return { kind: 'parse', der: random.chance(0.2) ? mutateDer(der, random) : der, about: 'mutated' };
};
