import { describe, expect, it } from 'vitest';

import { certificatesIn, configMapCertificates, secretCertificates } from '../../src/snapshot/certificate-data.ts';
import { parseWith } from '../../src/snapshot/parse-with.ts';
import { objectSchemas } from '../../src/snapshot/raw-snapshot.ts';
import { type Issued, issueAuthority, issueServing, type KeyType } from '../fakes/certificate-authority.ts';

const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

/** Every run of eight octets of what is secret in a key: none of them may be found anywhere. */
const traces = ({ key }: Issued): readonly Buffer[] => {
  const { d, p, q } = key.privateKey.export({ format: 'jwk' });
  return [d, p, q].flatMap((part) => {
    const octets = Buffer.from(part ?? '', 'base64url');
    return Array.from({ length: Math.max(0, octets.length - 7) }, (_, at) => octets.subarray(at, at + 8));
  });
};

describe.each<KeyType>(['ecdsa-p256', 'ed25519', 'rsa-2048'])('of a Secret with a key of %s', (keyType) => {
  const authority = issueAuthority({ commonName: 'ca', keyType, ...dates });
  const serving = issueServing(authority, { commonName: 'api', keyType, dnsNames: ['api.team.svc'], ...dates });
  const data = {
    'tls.crt': base64(serving.pem + authority.pem),
    'tls.key': base64(serving.privateKeyPem),
    'ca.crt': base64(authority.pem),
    // Keys and certificates in one file, as haproxy and some operators want them.
    'tls.pem': base64(`${serving.privateKeyPem}some words\n${serving.pem}`),
    'keystore.p12': Buffer.from([0x30, 0x82, 0x01, 0x02, 0x02, 0x01, 0x03]).toString('base64'),
    password: base64('hunter2-and-more'),
    'bundle.crt': base64(authority.pem.replace('-----\n', '-----\nPassword: hunter2-and-more\n\n')),
    token: 'not base64!!!',
  };

  it('the certificates are left, and not a byte of the key', () => {
    const kept = secretCertificates(data);
    expect(Object.keys(kept)).toEqual(['tls.crt', 'ca.crt', 'tls.pem', 'bundle.crt']);
    const ders = (key: string): readonly Buffer[] =>
      certificatesIn(Buffer.from(kept[key] ?? '', 'base64').toString('latin1')).map((der) => Buffer.from(der));
    expect(ders('tls.crt')).toEqual([serving.der, authority.der]);
    expect(ders('tls.pem')).toEqual([serving.der]);
    expect(ders('bundle.crt')).toEqual([authority.der]);
    const texts = Object.values(kept).map((value) => Buffer.from(value, 'base64').toString('latin1'));
    expect(texts.join('')).not.toMatch(/hunter2|PRIVATE|some words/);
    const octets = Buffer.concat(texts.map((text) => Buffer.from(text.replace(/-----[^-]*-----/g, ''), 'base64')));
    expect(traces(serving).length).toBeGreaterThan(20);
    for (const trace of traces(serving)) expect(octets.includes(trace)).toBe(false);
    expect(secretCertificates(kept)).toEqual(kept);
  });

  it('the schema keeps neither its annotations nor its other fields', () => {
    const parsed = parseWith(objectSchemas.secrets, {
      kind: 'Secret',
      metadata: {
        name: 'serving-tls',
        namespace: 'team',
        labels: { secret: 'hunter2' },
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data }),
          'cert-manager.io/allow-direct-injection': 'true',
        },
      },
      type: 'kubernetes.io/tls',
      data,
      stringData: { 'tls.key': serving.privateKeyPem },
    });
    expect(parsed).toEqual({
      ok: true,
      value: {
        metadata: {
          name: 'serving-tls',
          namespace: 'team',
          annotations: { 'cert-manager.io/allow-direct-injection': 'true' },
        },
        data: secretCertificates(data),
      },
    });
  });

  it('a ConfigMap is read the same way, without base64', () => {
    expect(configMapCertificates({ 'ca.crt': authority.pem, key: serving.privateKeyPem, words: 'hunter2' })).toEqual({
      'ca.crt': authority.pem,
    });
  });
});
