import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCaBundle, parseCertificate, verifyServingChain } from '../../src/x509/index.ts';
import { issueAuthority, issueIntermediate, issueServing } from '../fakes/certificate-authority.ts';
import { encodeElement, encodeTree, leafNode, readTree, replaceNode } from './der-tree.ts';
import { questionOf } from './differential-cases.ts';

const VERSIONS = ['1.19', '1.21', '1.24', '1.25', '1.26', '1.27'];
const AT = new Date('2026-06-01T00:00:00Z');
const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const BUDGET_MS = 1500;

const root = issueAuthority({ commonName: 'root', ...VALIDITY });
const middle = issueIntermediate(root, { commonName: 'middle', permitted: { dns: ['svc'] }, ...VALIDITY });
const leaf = issueServing(middle, {
  commonName: 'leaf',
  dnsNames: ['a.b.svc', '*.b.svc'],
  emails: ['a@example.com'],
  uris: ['https://u:p@h.example:8443/p?q#f'],
  ipAddresses: ['10.0.0.1', 'fd00::1'],
  ...VALIDITY,
});

const version = fc.constantFrom(...VERSIONS);

const mutated = (der: Buffer): fc.Arbitrary<Uint8Array> =>
  fc
    .array(
      fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 0, max: 255 }), fc.constantFrom('set', 'insert', 'cut')),
      {
        maxLength: 5,
      },
    )
    .map((edits) => {
      let bytes = Buffer.from(der);
      for (const [at, byte, edit] of edits) {
        if (edit === 'set') bytes[at] = byte;
        if (edit === 'insert') bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
        if (edit === 'cut') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
      }
      return bytes;
    });

const anyDer = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  mutated(leaf.der),
  mutated(middle.der),
  mutated(root.der),
  fc.constant(leaf.der),
  fc.constant(middle.der),
);

const anyBundle = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 200 }),
  fc.constant(root.pem),
  fc.tuple(fc.nat(root.pem.length), fc.string({ unit: 'grapheme', maxLength: 6 })).map(([at, text]) => {
    return root.pem.slice(0, at) + text + root.pem.slice(at);
  }),
  fc
    .array(fc.constantFrom('-----BEGIN ', 'CERTIFICATE', '-----', '\n', '-----END ', 'MA==', ':', ' ', '\r'), {
      maxLength: 40,
    })
    .map((parts) => parts.join('')),
);

describe('any input', () => {
  it('gives a certificate or a text', () => {
    fc.assert(
      fc.property(anyDer, version, (der, goVersion) => {
        const result = parseCertificate(der, { goVersion });
        expect(result.ok || result.error !== '').toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives a bundle with an error exactly if nothing in it counts', () => {
    fc.assert(
      fc.property(anyBundle, version, (text, goVersion) => {
        const { certificates, error } = parseCaBundle(text ?? '', { goVersion });
        expect(error === null).toBe(certificates.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  it('gives a verdict with a text and a code exactly if it is refused', () => {
    const serverName = fc.oneof(
      fc.constantFrom('a.b.svc', '', '10.0.0.1', '[fd00::1]'),
      fc.string({ unit: 'grapheme' }),
    );
    const at = fc.oneof(fc.constant(AT), fc.date({ noInvalidDate: false }));
    fc.assert(
      fc.property(
        fc.array(anyDer, { maxLength: 4 }),
        anyBundle,
        serverName,
        at,
        fc.oneof(version, fc.string({ maxLength: 6 })),
        (presented, caBundle, name, instant, goVersion) => {
          const verdict = verifyServingChain({ presented, caBundle, serverName: name, at: instant, goVersion });
          expect(verdict.accepted).toBe(verdict.error === '');
          expect(verdict.accepted).toBe(verdict.code === null);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the same verdict a second time', () => {
    for (let number = 0; number < 30; number++) {
      const question = questionOf(1, number);
      if (question.kind !== 'verify') continue;
      const chain = { ...question, at: new Date(question.time), goVersion: '1.26' };
      expect(verifyServingChain(chain)).toEqual(verifyServingChain(chain));
    }
  });
});

const MIB = 2 ** 20;
const nested = (depth: number): Buffer => {
  let der: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level++) der = encodeElement(0x30, der);
  return der;
};

/** Processor time, which a busy machine does not stretch. */
const tookMs = (act: () => void): number => {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};

/** Replaces one extension's value with another certificate's worth of bytes. */
const withExtension = (oid: string, value: Uint8Array): Buffer =>
  issueServing(root, { commonName: 'large', dnsNames: ['a.b.svc'], extensions: [{ oid, value }], ...VALIDITY }).der;

const repeated = (element: Uint8Array, bytes: number): Buffer =>
  Buffer.concat(Array.from({ length: Math.floor(bytes / element.length) }, () => element));

const generalNames = (bytes: number): Buffer =>
  encodeElement(0x30, repeated(encodeElement(0x82, Buffer.from('name.example.svc')), bytes));

describe('a mebibyte', () => {
  const large: Readonly<Record<string, () => Buffer>> = {
    'of zeros': () => Buffer.alloc(MIB),
    'of 0xff': () => Buffer.alloc(MIB, 0xff),
    'of sequence headers': () => Buffer.alloc(MIB, Buffer.from([0x30, 0x80])),
    'of nested sequences': () => nested(5000),
    'in an unknown extension': () => withExtension('1.2.3.4', Buffer.alloc(MIB)),
    'of alternative names': () =>
      issueServing(root, { commonName: 'x', extensions: [{ oid: '2.5.29.17', value: generalNames(MIB) }], ...VALIDITY })
        .der,
    'of extended key usages': () =>
      withExtension('1.2.3.4', encodeElement(0x30, repeated(Buffer.from('06022a03', 'hex'), MIB))),
    'of serial number': () => {
      const edited = replaceNode(readTree(leaf.der), [0, 1], () => [leafNode(0x02, Buffer.alloc(MIB, 0x55))]);
      return encodeTree(edited);
    },
    'of common name': () => issueServing(root, { commonName: 'x'.repeat(MIB), keySeed: 'x', ...VALIDITY }).der,
  };

  it.each(Object.keys(large))('%s is parsed in about a second at most', (name) => {
    const der = large[name]?.() ?? Buffer.alloc(0);
    for (const goVersion of ['1.19', '1.26']) {
      expect(tookMs(() => parseCertificate(der, { goVersion }))).toBeLessThan(BUDGET_MS);
      const chain = { presented: [der], caBundle: root.pem, serverName: '', at: AT, goVersion };
      expect(tookMs(() => verifyServingChain(chain))).toBeLessThan(BUDGET_MS);
    }
  });

  const bundles: Readonly<Record<string, () => string>> = {
    'of BEGIN lines': () => '-----BEGIN CERTIFICATE-----\n'.repeat(MIB / 28),
    'of BEGIN lines and one END line': () =>
      `${'-----BEGIN CERTIFICATE-----\n'.repeat(MIB / 28)}-----END CERTIFICATE-----\n`,
    'of END lines': () => '\n-----END CERTIFICATE-----'.repeat(MIB / 26),
    'of headers': () => `-----BEGIN CERTIFICATE-----\n${'a: b\n'.repeat(MIB / 5)}-----END CERTIFICATE-----\n`,
    'of base64': () => `-----BEGIN CERTIFICATE-----\n${'AAAA'.repeat(MIB / 4)}\n-----END CERTIFICATE-----\n`,
    'of blanks': () => `-----BEGIN CERTIFICATE-----\n${' '.repeat(MIB)}\n-----END CERTIFICATE-----\n`,
    'of line ends': () => '\n'.repeat(MIB),
    'of empty blocks': () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'.repeat(MIB / 54),
    'of blocks of another type': () => '-----BEGIN A-----\nMA==\n-----END A-----\n'.repeat(MIB / 40),
    'of one certificate': () => root.pem.repeat(MIB / root.pem.length),
    'of text': () => 'text -----BEGIN '.repeat(MIB / 16),
  };

  it.each(Object.keys(bundles))('%s is read in about a second at most', (name) => {
    const text = bundles[name]?.() ?? '';
    for (const goVersion of ['1.19', '1.26']) {
      expect(tookMs(() => parseCaBundle(text, { goVersion }))).toBeLessThan(BUDGET_MS);
      const chain = { presented: [leaf.der], caBundle: text, serverName: 'a.b.svc', at: AT, goVersion };
      expect(tookMs(() => verifyServingChain(chain))).toBeLessThan(BUDGET_MS);
    }
  });

  it('of namesakes under name constraints is searched in about a second at most', () => {
    const subtrees = Array.from({ length: 600 }, (_, index) => `n${index}.example`);
    const names = Array.from({ length: 400 }, (_, index) => `h${index}.example`);
    const namesakes = Array.from({ length: 50 }, (_, index) =>
      issueAuthority({ commonName: 'root', excluded: { dns: subtrees }, serialNumber: BigInt(index + 1), ...VALIDITY }),
    );
    const many = issueServing(root, { commonName: 'x', dnsNames: names, ...VALIDITY });
    const caBundle = namesakes.map(({ pem }) => pem).join('');
    for (const goVersion of ['1.25', '1.26']) {
      const chain = { presented: [many.der], caBundle, serverName: '', at: AT, goVersion };
      expect(tookMs(() => verifyServingChain(chain))).toBeLessThan(2 * BUDGET_MS);
    }
  });
});
