import { describe, expect, it } from 'vitest';
import { type CaBundle, parseCaBundle } from '../../src/x509/index.ts';
import { issueAuthority, issueSelfSigned } from '../fakes/certificate-authority.ts';

const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const root = issueAuthority({ commonName: 'root', ...VALIDITY });
const other = issueAuthority({ commonName: 'other', ...VALIDITY });
const key = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n';
const malformed = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';

const subjectsOf = ({ certificates }: CaBundle): string[] => certificates.map(({ subject }) => subject);
const kindsOf = ({ problems }: CaBundle): string[] => problems.map(({ kind, line }) => `${kind} ${line}`);

describe('a CA bundle', () => {
  it('counts with all its certificates, in order', () => {
    const bundle = parseCaBundle(root.pem + other.pem);
    expect(subjectsOf(bundle)).toEqual(['CN=root', 'CN=other']);
    expect(bundle).toMatchObject({ problems: [], error: null });
  });

  it('counts with its good part only, and says what was passed over', () => {
    const headered = other.pem.replace('-----\n', '-----\nComment: x\n\n');
    const bundle = parseCaBundle(`${malformed}${key}${headered}${root.pem}${root.pem}`);
    expect(subjectsOf(bundle)).toEqual(['CN=root']);
    expect(bundle.error).toBeNull();
    expect(kindsOf(bundle).map((kind) => kind.split(' ')[0])).toEqual([
      'unparseable-certificate',
      'private-key',
      'headers',
      'duplicate',
    ]);
    expect(bundle.problems[0]).toEqual({
      kind: 'unparseable-certificate',
      line: 1,
      detail: 'x509: malformed tbs certificate',
    });
  });

  it('may have text around it', () => {
    expect(kindsOf(parseCaBundle(`# issued by hand\n${root.pem}the end\n`))).toEqual([
      'text-outside-blocks 1',
      `text-outside-blocks ${root.pem.split('\n').length + 1}`,
    ]);
  });

  it.each([
    ['indented', `  ${root.pem}`],
    ['behind a byte-order mark', `\ufeff${root.pem}`],
    ['behind text on the same line', `ca: ${root.pem}`],
    ['without END', root.pem.split('-----END')[0] ?? ''],
    ['with lines that end in a lone CR', root.pem.replaceAll('\n', '\r')],
  ])('is not found %s', (_, text) => {
    const bundle = parseCaBundle(text);
    expect(bundle.error).toBe('unable to load root certificates: unable to parse bytes as PEM block');
    expect(kindsOf(bundle)).toContain('broken-block 1');
  });

  it.each([
    ['nothing PEM', 'LS0tLS1CRUdJTg==', 'unable to parse bytes as PEM block'],
    ['no certificate', key, 'no valid certificate authority data seen'],
    ['a certificate that does not parse', malformed, 'failed to parse certificate: x509: malformed tbs certificate'],
  ])('with %s is an error', (_, text, reason) => {
    expect(parseCaBundle(text)).toMatchObject({
      certificates: [],
      error: `unable to load root certificates: ${reason}`,
    });
  });

  it('may hold a leaf', () => {
    const leaf = issueSelfSigned({ commonName: 'leaf', dnsNames: ['a.b.svc'], ...VALIDITY });
    expect(parseCaBundle(leaf.pem).certificates).toMatchObject([{ isCA: false }]);
  });
});
