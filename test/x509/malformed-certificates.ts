import { type CertificateOptions, type Issued, issueBare } from '../fakes/certificate-authority.ts';
import {
  type DerNode,
  branchNode,
  encodeElement,
  encodeTree,
  leafNode,
  nodeAt,
  readTree,
  replaceNode,
} from './der-tree.ts';
import type { SeededRandom } from './seeded-random.ts';

// One way, at least, to each parse error of Go 1.26 (go-x509-semantics.md, section 9).

const NOT_BEFORE = new Date('2026-01-01T00:00:00Z');
const NOT_AFTER = new Date('2027-01-01T00:00:00Z');

/** Makes a certificate that Go refuses to parse. */
export interface Malformation {
  readonly name: string;
  readonly make: (random: SeededRandom) => Buffer;
}

// Places in a version 3 certificate with extensions.
const TBS = [0];
const VERSION = [0, 0];
const SERIAL = [0, 1];
const INNER_ALGORITHM = [0, 2];
const ISSUER = [0, 3];
const VALIDITY = [0, 4];
const KEY_INFO = [0, 6];
const EXTENSIONS = [0, 7];
const OUTER_ALGORITHM = [1];
const SIGNATURE = [2];

const base = (options: Partial<CertificateOptions> = {}): Issued =>
  issueBare(null, { commonName: 'malformed', notBefore: NOT_BEFORE, notAfter: NOT_AFTER, ...options });

type Change = (node: DerNode) => readonly DerNode[];

const retag =
  (tag: number): Change =>
  (node) => [{ ...node, tag }];
const withContents =
  (contents: Uint8Array): Change =>
  (node) => [{ tag: node.tag, children: null, contents: Buffer.from(contents) }];
const becoming =
  (...nodes: DerNode[]): Change =>
  () =>
    nodes;

const edited = (der: Buffer, path: readonly number[], change: Change): Buffer =>
  encodeTree(replaceNode(readTree(der), path, change));

const editing = (name: string, path: readonly number[], change: Change): Malformation => ({
  name,
  make: () => edited(base().der, path, change),
});

/** Both algorithm identifiers, which have to stay the same. */
const editingAlgorithms = (name: string, change: Change): Malformation => ({
  name,
  make: () => edited(edited(base().der, INNER_ALGORITHM, change), OUTER_ALGORITHM, change),
});

const withExtension = (
  name: string,
  oid: string,
  value: (random: SeededRandom) => Uint8Array,
  critical = false,
): Malformation => ({
  name,
  make: (random) => base({ extensions: [{ oid, critical, value: value(random) }] }).der,
});

const attribute = (tag: number, contents: Uint8Array): DerNode =>
  branchNode(
    0x30,
    branchNode(0x31, branchNode(0x30, leafNode(0x06, Buffer.from('550403', 'hex')), leafNode(tag, contents))),
  );

const withName = (name: string, contents: DerNode): Malformation => ({
  name,
  make: (random) => edited(base().der, random.chance(0.5) ? ISSUER : [0, 5], becoming(contents)),
});

const sequenceOf = (...parts: Uint8Array[]): Buffer => encodeElement(0x30, Buffer.concat(parts));
const alternativeName = (tag: number, contents: Uint8Array | string): Buffer =>
  sequenceOf(encodeElement(tag, Buffer.from(contents as string, 'latin1')));

const OIDS = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  distributionPoints: '2.5.29.31',
  policies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyId: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsages: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityAccess: '1.3.6.1.5.5.7.1.1',
} as const;

/** A certificate without the key identifiers the builder adds, so that a test may add its own. */
const bareExtension = (
  name: string,
  oid: string,
  value: (random: SeededRandom) => Uint8Array,
  critical = false,
): Malformation => ({
  name,
  make: (random) => base({ subjectKeyId: null, extensions: [{ oid, critical, value: value(random) }] }).der,
});

const uri = (text: string): Malformation =>
  withExtension(`URI ${text}`, OIDS.alternativeNames, () => alternativeName(0x86, text));

const constraint = (name: string, tag: number, contents: Uint8Array | string): Malformation =>
  withExtension(name, OIDS.nameConstraints, (random) => {
    const subtree = sequenceOf(encodeElement(tag, Buffer.from(contents as string, 'latin1')));
    return sequenceOf(encodeElement(random.pick([0xa0, 0xa1]), subtree));
  });

const keyInfo = (name: string, hexAlgorithm: string, key: (random: SeededRandom) => Uint8Array): Malformation => ({
  name,
  make: (random) =>
    edited(
      base().der,
      KEY_INFO,
      becoming({
        tag: 0x30,
        children: null,
        contents: Buffer.concat([
          Buffer.from(hexAlgorithm, 'hex'),
          encodeElement(0x03, Buffer.concat([Buffer.from([0]), key(random)])),
        ]),
      }),
    ),
});

const RSA = '300d06092a864886f70d0101010500';
const RSA_WITHOUT_NULL = '300b06092a864886f70d010101';
const ED25519 = '300506032b6570';
const ED25519_WITH_NULL = '300706032b65700500';
const DSA_SHORT = '301406072a8648ce3804013009020107020103020102';
const integer = (hex: string): Buffer => encodeElement(0x02, Buffer.from(hex, 'hex'));
const EC_CURVES = [
  ['06082a8648ce3d030107', 32],
  ['06052b81040021', 28],
  ['06052b81040022', 48],
  ['06052b81040023', 66],
] as const;

const ecAlgorithm = (curveHex: string): string =>
  encodeElement(0x30, Buffer.from(`06072a8648ce3d0201${curveHex}`, 'hex')).toString('hex');

const ecPoints = EC_CURVES.flatMap(([curve, size]) => [
  keyInfo(`point of ${size} octets in no form`, ecAlgorithm(curve), () => Buffer.alloc(1 + 2 * size, 2)),
  keyInfo(`point of ${size} octets too short`, ecAlgorithm(curve), () => Buffer.alloc(2 * size, 4)),
  keyInfo(`coordinate of ${size} octets too large`, ecAlgorithm(curve), () => {
    const point = Buffer.alloc(1 + 2 * size, 0xff);
    point[0] = 4;
    return point;
  }),
  keyInfo(`point of ${size} octets off the curve`, ecAlgorithm(curve), (random) =>
    Buffer.concat([Buffer.from([4, 0, 0]), random.bytes(size - 2), Buffer.from([0, 0]), random.bytes(size - 2)]),
  ),
]);

const names: readonly Malformation[] = [
  editing('issuer no SEQUENCE', ISSUER, retag(0x31)),
  editing('subject no SEQUENCE', [0, 5], retag(0x31)),
  withName('name of something else than sets', branchNode(0x30, leafNode(0x05, Buffer.alloc(0)))),
  withName('attribute no SEQUENCE', branchNode(0x30, branchNode(0x31, leafNode(0x05, Buffer.alloc(0))))),
  withName(
    'attribute type no OID',
    branchNode(0x30, branchNode(0x31, branchNode(0x30, leafNode(0x05, Buffer.alloc(0))))),
  ),
  withName(
    'attribute without value',
    branchNode(0x30, branchNode(0x31, branchNode(0x30, leafNode(0x06, Buffer.from('550403', 'hex'))))),
  ),
  withName('PrintableString with @', attribute(0x13, Buffer.from('a@b'))),
  withName('UTF8String of Latin-1', attribute(0x0c, Buffer.from([0x61, 0xe9]))),
  withName('IA5String of Latin-1', attribute(0x16, Buffer.from([0x61, 0xe9]))),
  withName('BMPString of odd length', attribute(0x1e, Buffer.from([0, 0x61, 0]))),
  withName('BMPString with a surrogate', attribute(0x1e, Buffer.from([0xd8, 0x00]))),
  withName('NumericString with a letter', attribute(0x12, Buffer.from('1a'))),
  withName('attribute of a number', attribute(0x02, Buffer.from([1]))),
  withName('attribute of a VisibleString', attribute(0x1a, Buffer.from('a'))),
];

const keysAndTimes: readonly Malformation[] = [
  editing('validity no SEQUENCE', VALIDITY, retag(0x31)),
  editing('UTCTime without zone', [0, 4, 0], withContents(Buffer.from('260101000000'))),
  editing('UTCTime of month 13', [0, 4, 1], withContents(Buffer.from('261301000000Z'))),
  editing('UTCTime with zero offset', [0, 4, 0], withContents(Buffer.from('260101000000+0000'))),
  editing('GeneralizedTime with fraction', [0, 4, 0], becoming(leafNode(0x18, Buffer.from('20260101000000.5Z')))),
  editing('GeneralizedTime without Z', [0, 4, 1], becoming(leafNode(0x18, Buffer.from('20270101000000')))),
  editing('time as a string', [0, 4, 0], retag(0x16)),
  editing('key info no SEQUENCE', KEY_INFO, retag(0x31)),
  editing('key algorithm no SEQUENCE', [0, 6, 0], retag(0x31)),
  editing('key no BIT STRING', [0, 6, 1], retag(0x04)),
  editing('key with bad padding', [0, 6, 1], withContents(Buffer.from([8, 0]))),
  keyInfo('RSA without NULL', RSA_WITHOUT_NULL, () => sequenceOf(integer('03'), integer('03'))),
  keyInfo('RSA no SEQUENCE', RSA, () => integer('03')),
  keyInfo('RSA modulus padded', RSA, () => sequenceOf(integer('0003'), integer('03'))),
  keyInfo('RSA exponent missing', RSA, () => sequenceOf(integer('0f'))),
  keyInfo('RSA exponent of nine octets', RSA, () => sequenceOf(integer('0f'), integer('7fffffffffffffffff'))),
  keyInfo('RSA modulus negative', RSA, () => sequenceOf(integer('ff'), integer('03'))),
  keyInfo('RSA modulus zero', RSA, () => sequenceOf(integer('00'), integer('03'))),
  keyInfo('RSA exponent negative', RSA, () => sequenceOf(integer('0f'), integer('ff'))),
  keyInfo('EC without curve', '300906072a8648ce3d0201', () => Buffer.alloc(65, 4)),
  keyInfo('EC of an unknown curve', ecAlgorithm('06052b8104000a'), () => Buffer.alloc(65, 4)),
  ...ecPoints,
  keyInfo('Ed25519 too short', ED25519, (random) => random.bytes(31)),
  keyInfo('Ed25519 with NULL', ED25519_WITH_NULL, (random) => random.bytes(32)),
  keyInfo('DSA key no INTEGER', DSA_SHORT, (random) => random.bytes(3)),
  keyInfo('DSA without parameters', '300906072a8648ce380401', () => integer('05')),
  keyInfo('DSA with zero', DSA_SHORT, () => integer('00')),
];

const uniqueIdentifier = (name: string, tag: number): Malformation => ({
  name,
  make: () => {
    const root = readTree(base().der);
    const tbs = nodeAt(root, TBS) ?? root;
    const kept = Buffer.concat((tbs.children ?? []).slice(0, 7).map(encodeTree));
    return encodeTree(replaceNode(root, TBS, withContents(Buffer.concat([kept, Buffer.from([tag, 0x7f, 0])]))));
  },
});

const envelope: readonly Malformation[] = [
  editing('certificate no SEQUENCE', [], retag(0x31)),
  { name: 'certificate cut off', make: (random) => base().der.subarray(0, 20 + random.below(100)) },
  { name: 'nothing', make: () => Buffer.alloc(0) },
  editing('tbs no SEQUENCE', TBS, retag(0x31)),
  editing('version padded', VERSION, becoming({ tag: 0xa0, children: null, contents: integer('0002') })),
  editing('version negative', VERSION, becoming({ tag: 0xa0, children: null, contents: integer('ff') })),
  editing('version 4', VERSION, becoming({ tag: 0xa0, children: null, contents: integer('03') })),
  editing('serial padded', SERIAL, withContents(Buffer.from([0, 1]))),
  editing('serial empty', SERIAL, withContents(Buffer.alloc(0))),
  {
    name: 'serial negative',
    make: (random) => edited(base().der, SERIAL, withContents(Buffer.from([0x80 + random.below(0x7f), 1]))),
  },
  editing('inner algorithm no SEQUENCE', INNER_ALGORITHM, retag(0x31)),
  editing('outer algorithm no SEQUENCE', OUTER_ALGORITHM, retag(0x31)),
  editing(
    'algorithms differ',
    OUTER_ALGORITHM,
    becoming(branchNode(0x30, leafNode(0x06, Buffer.from('2b6570', 'hex')))),
  ),
  editingAlgorithms('algorithm no OID', becoming(branchNode(0x30, leafNode(0x05, Buffer.alloc(0))))),
  editingAlgorithms('algorithm parameters cut off', (node) => [
    {
      tag: node.tag,
      children: null,
      contents: Buffer.concat([encodeTree(nodeAt(node, [0]) ?? node), Buffer.from([4, 9])]),
    },
  ]),
  editing(
    'issuer id cut off',
    EXTENSIONS,
    becoming({ tag: 0x81, children: null, contents: Buffer.alloc(0) }, leafNode(0xa3, Buffer.from([0x31]))),
  ),
  uniqueIdentifier('issuer unique identifier too long', 0x81),
  uniqueIdentifier('subject unique identifier too long', 0x82),
  editing('extensions no SEQUENCE', [0, 7, 0], retag(0x31)),
  editing('extension no SEQUENCE', [0, 7, 0, 0], retag(0x31)),
  editing('extension id no OID', [0, 7, 0, 0, 0], retag(0x05)),
  editing('extension critical 1', [0, 7, 0, 0], (node) => [
    branchNode(0x30, nodeAt(node, [0]) ?? node, leafNode(0x01, Buffer.from([1])), nodeAt(node, [1]) ?? node),
  ]),
  editing('extension value no OCTET STRING', [0, 7, 0, 0, 1], retag(0x05)),
  editing('signature no BIT STRING', SIGNATURE, retag(0x04)),
  editing('signature with padding left over', SIGNATURE, withContents(Buffer.from([3, 0xff]))),
  { name: 'trailing data', make: (random) => Buffer.concat([base().der, random.bytes(1 + random.below(4))]) },
  { name: 'two certificates', make: () => Buffer.concat([base().der, base().der]) },
];

const extensions: readonly Malformation[] = [
  {
    name: 'duplicate extension',
    make: (random) => {
      const oid = random.pick(Object.values(OIDS));
      const extension = { oid, value: Buffer.from([0x30, 0]) };
      return base({ subjectKeyId: null, extensions: [extension, extension] }).der;
    },
  },
  bareExtension('key usage no BIT STRING', OIDS.keyUsage, () => Buffer.from([4, 1, 0])),
  bareExtension('basic constraints no SEQUENCE', OIDS.basicConstraints, () => Buffer.from([4, 1, 0])),
  bareExtension('basic constraints with TRUE as 1', OIDS.basicConstraints, () => Buffer.from('3003010101', 'hex')),
  bareExtension('path length negative', OIDS.basicConstraints, () => Buffer.from('30060101ff0201ff', 'hex')),
  bareExtension('path length too large', OIDS.basicConstraints, () =>
    Buffer.from('300e0101ff020900ffffffffffffffff', 'hex'),
  ),
  bareExtension('names no SEQUENCE', OIDS.alternativeNames, () => Buffer.from([4, 0])),
  bareExtension('name cut off', OIDS.alternativeNames, () => Buffer.from([0x30, 2, 0x82, 9])),
  bareExtension('DNS name of UTF-8', OIDS.alternativeNames, () => alternativeName(0x82, 'é.example')),
  bareExtension('email of UTF-8', OIDS.alternativeNames, () => alternativeName(0x81, 'é@example')),
  bareExtension('URI of UTF-8', OIDS.alternativeNames, () => alternativeName(0x86, 'http://é')),
  bareExtension('address of odd length', OIDS.alternativeNames, (random) =>
    alternativeName(0x87, random.bytes(random.pick([0, 3, 5, 15, 17, 32]))),
  ),
  ...['http://example.com./', 'http://.example.com/', 'http://a..b/'].map(uri),
  ...['http://a b/', 'http://[::1', 'http://a:b/', 'http://a:1:2/', '%zz', 'http://%41/', ':nothing'].map(uri),
  ...['http://u ser@h/', 'http://[1.2.3.4]/', 'http://x[::1]/', 'http://h/%', 'a:b#%zz'].map(uri),
  ...['http://[zz]/', 'http://[::1]:x/', 'http://[1:2:3]/', 'http://\u0001/', 'se gment:x', 'http://h%zz/'].map(uri),
  ...['http://[::1%25]/', 'http://[::1%2541%00]/', 'http://[12345::]/', 'http://[1::2::3]/'].map(uri),
  ...[
    'http://[::1.2.3.400]/',
    'http://[::1.2.3]/',
    'http://[::1.2.3.4.5]/',
    'http://[::01.2.3.4]/',
    'http://[1:]/',
  ].map(uri),
  ...['http://[1:2:3:4:5:6:7:8:9]/', 'http://[1:2:3:4:5:6:7::8]/', 'http://[::1.2..3]/', 'http://[1.2.3.4::]/'].map(
    uri,
  ),
  bareExtension('constraints no SEQUENCE', OIDS.nameConstraints, () => Buffer.from([4, 0])),
  bareExtension('constraints with more behind', OIDS.nameConstraints, () => Buffer.from('3004a00030000500', 'hex')),
  bareExtension('constraints empty', OIDS.nameConstraints, (random) =>
    random.pick([Buffer.from([0x30, 0]), Buffer.from('3002a000', 'hex')]),
  ),
  bareExtension('constraint no SEQUENCE', OIDS.nameConstraints, () => Buffer.from('3004a0020500', 'hex')),
  constraint('IP subtree of 7 octets', 0x87, Buffer.alloc(7)),
  constraint('IP subtree with holes', 0x87, Buffer.from('0a000000ff00ff00', 'hex')),
  constraint(
    'IPv6 subtree with holes',
    0x87,
    Buffer.concat([Buffer.alloc(16), Buffer.from('ffff0000ffff00000000000000000000', 'hex')]),
  ),
  ...['example.com.', 'a..b', 'a b', '..a', '.'].flatMap((text) => [
    constraint(`DNS subtree ${text}`, 0x82, text),
    constraint(`email subtree ${text}`, 0x81, text),
    constraint(`URI subtree ${text}`, 0x86, text),
  ]),
  ...['@a', 'a b@c', 'a@b.', '"a@b', 'a@b..c', '.a@b', 'a..b@c'].map((text) =>
    constraint(`email subtree ${text}`, 0x81, text),
  ),
  ...['1.2.3.4', '::1', '::ffff:1.2.3.4'].map((text) => constraint(`URI subtree ${text}`, 0x86, text)),
  ...[0x81, 0x82, 0x86].map((tag) => constraint(`subtree ${tag} of UTF-8`, tag, 'é.example')),
  bareExtension('authority key id no SEQUENCE', OIDS.authorityKeyId, () => Buffer.from([4, 0])),
  bareExtension('authority key id cut off', OIDS.authorityKeyId, () => Buffer.from([0x30, 2, 0x80, 9])),
  bareExtension('authority key id critical', OIDS.authorityKeyId, () => Buffer.from([0x30, 0]), true),
  bareExtension('subject key id no OCTET STRING', OIDS.subjectKeyId, () => Buffer.from([0x30, 0])),
  bareExtension('subject key id critical', OIDS.subjectKeyId, () => Buffer.from([4, 1, 1]), true),
  bareExtension('authority access critical', OIDS.authorityAccess, () => Buffer.from([0x30, 0]), true),
  bareExtension('authority access no SEQUENCE', OIDS.authorityAccess, (random) =>
    random.pick([Buffer.from([4, 0]), Buffer.from('30020500', 'hex'), Buffer.from('300430020500', 'hex')]),
  ),
  bareExtension('distribution points no SEQUENCE', OIDS.distributionPoints, () => Buffer.from([4, 0])),
  bareExtension('distribution point no SEQUENCE', OIDS.distributionPoints, (random) =>
    random.pick([Buffer.from('30020500', 'hex'), Buffer.from('30063004a0020500', 'hex')]),
  ),
  bareExtension('extended usages no SEQUENCE', OIDS.extendedKeyUsages, () => Buffer.from([4, 0])),
  bareExtension('extended usage no OID', OIDS.extendedKeyUsages, () => Buffer.from('30020500', 'hex')),
  bareExtension('policies no SEQUENCE', OIDS.policies, (random) =>
    random.pick([Buffer.from([4, 0]), Buffer.from('30020500', 'hex'), Buffer.from('3004300206002a', 'hex')]),
  ),
  bareExtension('policy twice', OIDS.policies, () =>
    sequenceOf(sequenceOf(Buffer.from('06022a03', 'hex')), sequenceOf(Buffer.from('06022a03', 'hex'))),
  ),
  bareExtension('policy constraints no SEQUENCE', OIDS.policyConstraints, (random) =>
    random.pick([Buffer.from([4, 0]), Buffer.from('30038000', 'hex'), Buffer.from('300481020001', 'hex')]),
  ),
  bareExtension('policy mappings no SEQUENCE', OIDS.policyMappings, (random) =>
    random.pick([Buffer.from([4, 0]), Buffer.from('30020500', 'hex'), Buffer.from('3006300406022a03', 'hex')]),
  ),
  bareExtension('inhibitAnyPolicy no INTEGER', OIDS.inhibitAnyPolicy, (random) =>
    random.pick([Buffer.from([4, 0]), Buffer.from('02020001', 'hex')]),
  ),
];

/** Certificates that look malformed, and that Go parses. */
export const LOOK_ALIKES: readonly Malformation[] = [
  ...['https://example.com.:443/x', 'a/b:c:d', 'http://[fe80::1%25en0]/', 'first:/x?y#z'].map(uri),
  ...['http://[::1%25%41]/', 'http://h<>"/', 'mailto:a b', '?', '#', 'http://h:/'].map(uri),
  bareExtension('policy constraints of 255', OIDS.policyConstraints, () => Buffer.from('3004810200ff', 'hex')),
  bareExtension('path length 0 of no authority', OIDS.basicConstraints, () => Buffer.from('3003020100', 'hex')),
  bareExtension('key usage of no bits', OIDS.keyUsage, () => Buffer.from('030100', 'hex')),
  constraint('DNS subtree of nothing', 0x82, ''),
  constraint('URI subtree with a leading dot', 0x86, '.example.com'),
  editing('extension with something behind its value', [0, 7, 0, 0], (node) => [
    { ...node, children: [...(node.children ?? []), leafNode(0x05, Buffer.alloc(0))] },
  ]),
];

/** All of them. */
export const MALFORMATIONS: readonly Malformation[] = [...envelope, ...names, ...keysAndTimes, ...extensions];
