import { describe, expect, it } from 'vitest';
import { type ServingChain, type ServingVerdict, verifyServingChain } from '../../src/x509/index.ts';
import {
  type CertificateOptions,
  issueAuthority,
  issueIntermediate,
  issueSelfSigned,
  issueServing,
} from '../fakes/certificate-authority.ts';

const NAME = 'metrics-server.kube-system.svc';
const AT = new Date('2026-06-01T00:00:00Z');
const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const EXPIRED = { notBefore: new Date('2025-01-01T00:00:00Z'), notAfter: new Date('2026-01-01T00:00:00Z') };
const FUTURE = { notBefore: new Date('2026-07-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };

const root = issueAuthority({ commonName: 'root', ...VALIDITY });

const servingUnder = (options: Partial<CertificateOptions> = {}): Buffer =>
  issueServing(root, { commonName: 'leaf', dnsNames: [NAME], ...VALIDITY, ...options }).der;

const verdictOn = (presented: readonly Buffer[], changes: Partial<ServingChain> = {}): ServingVerdict =>
  verifyServingChain({ presented, caBundle: root.pem, serverName: NAME, at: AT, goVersion: '1.26', ...changes });

const FAILED = 'tls: failed to verify certificate: x509: ';

describe('a serving chain', () => {
  it('is accepted, with the path it is accepted by', () => {
    const middle = issueIntermediate(root, { commonName: 'middle', ...VALIDITY });
    const leaf = issueServing(middle, { commonName: 'leaf', dnsNames: [NAME], ...VALIDITY });
    const { accepted, error, code, because } = verdictOn([leaf.der, middle.der]);
    expect({ accepted, error, code }).toEqual({ accepted: true, error: '', code: null });
    expect(because.chain.map(({ from, index, subject }) => `${from} ${index} ${subject}`)).toEqual([
      'presented 0 CN=leaf',
      'presented 1 CN=middle',
      'caBundle 0 CN=root',
    ]);
  });

  it('is accepted if the leaf itself is in the bundle', () => {
    const leaf = issueSelfSigned({ commonName: 'leaf', dnsNames: [NAME], ...VALIDITY });
    expect(verdictOn([leaf.der], { caBundle: leaf.pem }).accepted).toBe(true);
  });

  it.each<[code: string, situation: string, options: Partial<CertificateOptions>, error: string, field: string]>([
    [
      'AA301',
      'expired',
      EXPIRED,
      'certificate has expired or is not yet valid: current time 2026-06-01T00:00:00Z is after 2026-01-01T00:00:00Z',
      'notAfter',
    ],
    [
      'AA302',
      'not yet valid',
      FUTURE,
      'certificate has expired or is not yet valid: current time 2026-06-01T00:00:00Z is before 2026-07-01T00:00:00Z',
      'notBefore',
    ],
    [
      'AA303',
      'of another name',
      { dnsNames: ['other'] },
      `certificate is valid for other, not ${NAME}`,
      'subjectAltName',
    ],
    [
      'AA308',
      'with a Common Name only',
      { commonName: NAME, dnsNames: [] },
      'certificate relies on legacy Common Name field, use SANs instead',
      'subjectAltName',
    ],
    [
      'AA312',
      'for clients',
      { extendedKeyUsages: ['clientAuth'] },
      'certificate specifies an incompatible key usage',
      'extKeyUsage',
    ],
    [
      'AA313',
      'signed with SHA-1',
      { signatureScheme: 'sha1' },
      'certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm ECDSA-SHA1" while trying to verify candidate authority certificate "root")',
      'signatureValue',
    ],
    [
      'AA319',
      'with an unknown critical extension',
      { extensions: [{ oid: '1.2.3', critical: true, value: Buffer.from([5, 0]) }] },
      'unhandled critical extension',
      'extensions',
    ],
  ])('is refused as %s: %s', (code, _, options, error, field) => {
    const verdict = verdictOn([servingUnder(options)]);
    expect(verdict).toMatchObject({ accepted: false, error: FAILED + error, code });
    expect(verdict.because.field).toBe(field);
    expect(verdict.error).toContain(verdict.because.detail.replace(/^x509: /, ''));
  });

  it('is refused as AA304 with a hint: the same subject with another key', () => {
    const rotated = issueAuthority({ commonName: 'root', keySeed: 'rotated', ...VALIDITY });
    const verdict = verdictOn([servingUnder()], { caBundle: rotated.pem });
    expect(verdict).toMatchObject({
      code: 'AA304',
      error: `${FAILED}certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "root")`,
    });
    expect(verdict.because).toMatchObject({
      fault: 'unknown-authority',
      certificate: { from: 'caBundle', index: 0, subject: 'CN=root' },
      candidates: [
        { subject: 'CN=root', forSubject: 'CN=leaf', outcome: 'refused', why: 'x509: ECDSA verification failure' },
      ],
      missingIssuer: null,
    });
  });

  it('is refused as AA304 without one: nobody at hand bears the issuer’s name', () => {
    const elsewhere = issueAuthority({ commonName: 'elsewhere', ...VALIDITY });
    const { code, because } = verdictOn([servingUnder()], { caBundle: elsewhere.pem });
    expect(code).toBe('AA304');
    expect(because.missingIssuer).toEqual({ name: 'CN=root', keyId: root.keyId.toString('hex') });
  });

  it('is refused as AA307: an expired authority', () => {
    const expired = issueAuthority({ commonName: 'expired', ...EXPIRED });
    const leaf = issueServing(expired, { commonName: 'leaf', dnsNames: [NAME], ...VALIDITY });
    const verdict = verdictOn([leaf.der], { caBundle: expired.pem });
    expect(verdict).toMatchObject({
      code: 'AA307',
      because: { certificate: { from: 'caBundle', subject: 'CN=expired' } },
    });
  });

  it('is refused as AA318: a name constraint', () => {
    const narrow = issueAuthority({ commonName: 'narrow', permitted: { dns: ['example.com'] }, ...VALIDITY });
    const leaf = issueServing(narrow, { commonName: 'leaf', dnsNames: [NAME], ...VALIDITY });
    expect(verdictOn([leaf.der], { caBundle: narrow.pem })).toMatchObject({
      code: 'AA318',
      error: `${FAILED}a root or intermediate certificate is not authorized to sign for this name: DNS name "${NAME}" is not permitted by any constraint`,
      because: { certificate: { subject: 'CN=narrow' } },
    });
  });

  it('is refused as AA319: one of the certificates does not parse', () => {
    expect(verdictOn([servingUnder(), Buffer.from('3000', 'hex')])).toMatchObject({
      code: 'AA319',
      error: 'tls: failed to parse certificate from server: x509: malformed tbs certificate',
      because: {
        certificate: { from: 'presented', index: 1, sha256: null },
        detail: 'x509: malformed tbs certificate',
      },
    });
  });

  it('is refused as AA305 without a bundle and as AA306 with an unusable one', () => {
    expect(verdictOn([servingUnder()], { caBundle: null })).toMatchObject({
      code: 'AA305',
      error: `${FAILED}certificate signed by unknown authority`,
      because: { caBundleError: null },
    });
    expect(verdictOn([servingUnder()], { caBundle: 'nothing' })).toMatchObject({
      code: 'AA306',
      because: { caBundleError: 'unable to load root certificates: unable to parse bytes as PEM block' },
    });
  });

  it('is refused as AA316 if nothing or too much was presented', () => {
    expect(verdictOn([])).toMatchObject({ code: 'AA316', error: 'tls: received empty certificates message' });
    const large = servingUnder({ extensions: [{ oid: '1.2.3', value: Buffer.alloc(70_000) }] });
    expect(verdictOn([large]).accepted).toBe(true);
    expect(verdictOn([large], { goVersion: '1.22' })).toMatchObject({
      code: 'AA316',
      error: `tls: handshake message of length ${large.length + 9} bytes exceeds maximum of 65536 bytes`,
    });
  });

  it('has its error wrapped since Go 1.20', () => {
    const leaf = servingUnder({ dnsNames: ['other'] });
    expect(verdictOn([leaf], { goVersion: '1.19' }).error).toBe(`x509: certificate is valid for other, not ${NAME}`);
    expect(verdictOn([leaf], { goVersion: 'go1.20.3' }).error).toBe(
      `${FAILED}certificate is valid for other, not ${NAME}`,
    );
  });

  it.each([
    ['1.23', '1.23', true],
    ['1.24', '1.24', false],
    ['1.24', '1.23', true],
  ])('of a 512 bit authority: Go %s under the defaults of %s', (goVersion, defaultsOf, accepted) => {
    const small = issueAuthority({ commonName: 'small', keyType: 'rsa-512', ...VALIDITY });
    const leaf = issueServing(small, { commonName: 'leaf', dnsNames: [NAME], ...VALIDITY });
    const verdict = verdictOn([leaf.der], { caBundle: small.pem, goVersion, defaultsOf });
    expect(verdict).toMatchObject({ accepted, code: accepted ? null : 'AA313' });
  });

  it('counts to the millisecond at the ends of the validity', () => {
    const leaf = servingUnder();
    expect(verdictOn([leaf], { at: VALIDITY.notAfter }).accepted).toBe(true);
    expect(verdictOn([leaf], { at: VALIDITY.notBefore }).accepted).toBe(true);
    const late = new Date(VALIDITY.notAfter.getTime() + 1);
    expect(verdictOn([leaf], { at: late }).error).toContain(
      'current time 2027-01-01T00:00:00Z is after 2027-01-01T00:00:00Z',
    );
  });
});
