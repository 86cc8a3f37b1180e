import { describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from '../../src/x509/index.ts';
import { type CertificateOptions, issueAuthority, issueServing } from '../fakes/certificate-authority.ts';
import { EXPECTED_TEXTS, kindsOfText } from './expected-texts.ts';
import { LOOK_ALIKES, MALFORMATIONS } from './malformed-certificates.ts';
import { seededRandom } from './seeded-random.ts';

const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const root = issueAuthority({ commonName: 'root', keyType: 'ecdsa-p384', ...VALIDITY });

const issued = (options: Partial<CertificateOptions> = {}): Buffer =>
  issueServing(root, { commonName: 'leaf', dnsNames: ['a.b.svc'], ...VALIDITY, ...options }).der;

const parsed = (der: Buffer, goVersion = '1.26'): Certificate => {
  const result = parseCertificate(der, { goVersion });
  if (!result.ok) throw new Error(result.error);
  return result.certificate;
};

const errorOf = (der: Buffer, goVersion: string, defaultsOf = goVersion): string => {
  const result = parseCertificate(der, { goVersion, defaultsOf });
  return result.ok ? '' : result.error;
};

describe('a certificate', () => {
  it('shows what checks and people look at', () => {
    const der = issued({
      attributes: [
        ['2.5.4.6', 'DE'],
        ['2.5.4.10', 'Example, Inc.'],
      ],
      dnsNames: ['a.b.svc', '*.b.svc'],
      ipAddresses: ['10.0.0.1', 'fd00::1:0:0:1'],
      serialNumber: 0x0aff00n,
      keyType: 'ed25519',
    });
    expect(parsed(der)).toMatchObject({
      subject: String.raw`CN=leaf,O=Example\, Inc.,C=DE`,
      issuer: 'CN=root',
      serialNumber: '0aff00',
      notBefore: VALIDITY.notBefore,
      notAfter: VALIDITY.notAfter,
      dnsNames: ['a.b.svc', '*.b.svc'],
      ipAddresses: ['10.0.0.1', 'fd00::1:0:0:1'],
      isCA: false,
      keyAlgorithm: 'Ed25519',
      signatureAlgorithm: 'ECDSA-SHA256',
      authorityKeyId: root.keyId.toString('hex'),
    });
    expect(parsed(root.der)).toMatchObject({ isCA: true, keyAlgorithm: 'ECDSA P384', authorityKeyId: null });
  });

  it('keeps a validity outside UTCTime, and the offset of one inside', () => {
    const der = issued({ notBeforeText: '260101000000+0130', notAfter: new Date('9999-12-31T23:59:59Z') });
    expect(parsed(der).notBefore).toEqual(new Date('2025-12-31T22:30:00Z'));
    expect(parsed(der).notAfter).toEqual(new Date('9999-12-31T23:59:59Z'));
  });

  it('may be of version 1, whose extensions nobody looks at', () => {
    expect(parsed(issued({ version: 1 }))).toMatchObject({ dnsNames: [], authorityKeyId: null });
  });
});

describe('a certificate that looks malformed', () => {
  it.each(LOOK_ALIKES)('is parsed: $name', ({ make }) => {
    expect(errorOf(make(seededRandom(1)), '1.26')).toBe('');
  });
});

describe('a malformed certificate', () => {
  it.each(MALFORMATIONS)('is refused by Go 1.26 with a text of its own: $name', ({ make }) => {
    const error = errorOf(make(seededRandom(1)), '1.26');
    expect(error).not.toBe('');
    const [kind] = kindsOfText(error);
    // Addresses in brackets have more texts than the reference lists.
    if (!error.includes('ParseAddr(')) expect(EXPECTED_TEXTS).toContain(kind);
  });

  it.each([
    ['1.22', '1.22', ''],
    ['1.23', '1.23', 'x509: negative serial number'],
    ['1.24', '1.22', ''],
    ['1.22', '1.24', ''],
  ])('has a negative serial number: Go %s under the defaults of %s', (goVersion, defaultsOf, error) => {
    expect(errorOf(issued({ serialNumber: -5n }), goVersion, defaultsOf)).toBe(error);
  });

  it('has an extension twice, which is named since 1.23', () => {
    const extension = { oid: '1.2.3', value: Buffer.from([5, 0]) };
    const der = issued({ extensions: [extension, extension] });
    expect(errorOf(der, '1.22')).toBe('x509: certificate contains duplicate extensions');
    expect(errorOf(der, '1.23')).toBe('x509: certificate contains duplicate extension with OID "1.2.3"');
  });

  it('has an attribute that is no string, which 1.27 allows', () => {
    const der = issued({ dnsNames: [], extensions: [] });
    const asNumber = Buffer.from(der.toString('latin1').replace('\x0c\x04leaf', '\x04\x04leaf'), 'latin1');
    expect(errorOf(asNumber, '1.26')).toBe(
      'x509: invalid RDNSequence: invalid attribute value: unsupported string type: 4',
    );
    expect(errorOf(asNumber, '1.27')).toBe('');
  });
});
