import { describe, expect, it } from 'vitest';

import { checks } from '../src/checks/index.ts';
import { doctorReport } from '../src/diagnosis/report.ts';
import { CAPTURED_AT, type CaseFacts, snapshotOf } from './case-snapshot.ts';
import {
  type CertificateOptions,
  type Issued,
  issueAuthority,
  issueIntermediate,
  issueServing,
} from './fakes/certificate-authority.ts';

// Certificates are issued for the instant of the snapshot; the expected texts are Go's (crypto/x509 verify.go, Go 1.26).

const NAME = 'v1beta1.metrics.k8s.io';
const at = (days: number): Date => new Date(Date.parse(CAPTURED_AT) + days * 86_400_000);
const dates = { notBefore: at(-400), notAfter: at(400) };
const authority = issueAuthority({ commonName: 'extension-ca', keyType: 'ecdsa-p256', ...dates });
const serving = (options: Partial<CertificateOptions>, issuer = authority): Issued =>
  issueServing(issuer, {
    commonName: 'metrics-server',
    keyType: 'ecdsa-p256',
    dnsNames: ['metrics-server.kube-system.svc'],
    ...dates,
    ...options,
  });

interface Served {
  readonly chains: readonly (readonly Issued[])[];
  readonly bundle?: Issued;
  readonly facts?: CaseFacts;
}

const findingsOf = ({ chains, bundle = authority, facts }: Served) => {
  const snapshot = snapshotOf({
    apiServices: [
      {
        name: NAME,
        service: { namespace: 'kube-system', name: 'metrics-server', port: 443 },
        caBundle: {
          text: bundle.pem,
          certificates: [
            {
              subject: `CN=${bundle.commonName}`,
              notBefore: dates.notBefore.toISOString(),
              notAfter: dates.notAfter.toISOString(),
              isCA: true,
            },
          ],
          problems: [],
        },
      },
    ],
    servedChains: {
      [NAME]: { endpoints: chains.map((chain) => ({ chain: chain.map(({ der }) => der.toString('base64')) })) },
    },
    ...facts,
  });
  return doctorReport(
    checks.filter(({ code }) => code.startsWith('AA3') || code === 'AA213'),
    snapshot,
    {},
  ).findings;
};

const V = 'tls: failed to verify certificate: x509: ';

const cases: readonly (readonly [code: string, why: string, served: Served, goSays: string, message: RegExp])[] = [
  [
    'AA301',
    'the leaf ended a day ago',
    { chains: [[serving({ notAfter: at(-1) })]] },
    `${V}certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is after 2026-11-20T10:00:00Z`,
    /has expired, at 2026-11-20T10:00:00Z\.$/,
  ],
  [
    'AA302',
    'the leaf begins tomorrow',
    { chains: [[serving({ notBefore: at(1) })]] },
    `${V}certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is before 2026-11-22T10:00:00Z`,
    /not yet valid before 2026-11-22T10:00:00Z\.$/,
  ],
  [
    'AA303',
    'the leaf names localhost',
    { chains: [[serving({ dnsNames: ['localhost'] })]] },
    `${V}certificate is valid for localhost, not metrics-server.kube-system.svc`,
    /does not cover metrics-server\.kube-system\.svc; it covers localhost\.$/,
  ],
  [
    'AA304',
    'another authority signed',
    { chains: [[serving({}, issueAuthority({ commonName: 'another-ca', keyType: 'ecdsa-p256', ...dates }))]] },
    `${V}certificate signed by unknown authority`,
    /bears the name of the issuer, CN=another-ca/,
  ],
  [
    'AA304',
    'the authority was rotated',
    {
      chains: [
        [
          serving(
            {},
            issueAuthority({ commonName: 'extension-ca', keySeed: 'rotated', keyType: 'ecdsa-p256', ...dates }),
          ),
        ],
      ],
    },
    `${V}certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "extension-ca")`,
    /bears the right name but did not sign.*key id/,
  ],
  [
    'AA307',
    'the intermediate ended',
    { chains: [intermediateChain({ notAfter: at(-1) })] },
    `${V}certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is after 2026-11-20T10:00:00Z`,
    /CN=intermediate .*has expired/,
  ],
  [
    'AA308',
    'only the common name fits',
    { chains: [[serving({ commonName: 'metrics-server.kube-system.svc', dnsNames: [] })]] },
    `${V}certificate relies on legacy Common Name field, use SANs instead`,
    /the Common Name does not count/,
  ],
  [
    'AA312',
    'the leaf is for clients',
    { chains: [[serving({ extendedKeyUsages: ['clientAuth'] })]] },
    `${V}certificate specifies an incompatible key usage`,
    /is refused/,
  ],
  [
    'AA318',
    'the authority may sign for others only',
    { chains: [[serving({}, constrained())]], bundle: constrained() },
    `${V}a root or intermediate certificate is not authorized to sign for this name: DNS name "metrics-server.kube-system.svc" is not permitted by any constraint`,
    /is refused/,
  ],
  [
    'AA319',
    'the serial number is negative',
    { chains: [[serving({ serialNumber: -5n })]] },
    'tls: failed to parse certificate from server: x509: negative serial number',
    /is refused/,
  ],
];

function intermediateChain(options: Partial<CertificateOptions>): readonly Issued[] {
  const intermediate = issueIntermediate(authority, {
    commonName: 'intermediate',
    keyType: 'ecdsa-p256',
    ...dates,
    ...options,
  });
  return [serving({}, intermediate), intermediate];
}

function constrained(): Issued {
  return issueAuthority({
    commonName: 'constrained-ca',
    keyType: 'ecdsa-p256',
    permitted: { dns: ['team.svc'] },
    ...dates,
  });
}

describe('what is served, judged as the control plane judges it', () => {
  it.each(cases)('%s when %s', (code, _why, served, goSays, message) => {
    const [finding, ...more] = findingsOf(served);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code,
      severity: 'error',
      confidence: 'certain',
      consequenceOf: null,
      evidence: [{ from: 'TLS handshake with Pod kube-system/backend-0 at 10.244.0.10:8443', value: goSays }],
    });
    expect(finding?.message).toMatch(message);
  });

  it('finds nothing in a good chain with an intermediate', () => {
    expect(findingsOf({ chains: [intermediateChain({})] })).toEqual([]);
  });

  it('says at how many endpoints a certificate is refused, as a warning where requests succeed', () => {
    const findings = findingsOf({
      chains: [[serving({})], [serving({ dnsNames: ['localhost'] })]],
      facts: {
        answers: {
          [NAME]: {
            status: 200,
            json: {
              kind: 'APIResourceList',
              apiVersion: 'v1',
              groupVersion: 'metrics.k8s.io/v1beta1',
              resources: [{ name: 'nodes' }],
            },
          },
        },
      },
    });
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['AA303', 'warning'],
      ['AA315', 'warning'],
      ['AA213', 'warning'],
    ]);
    expect(findings[0]?.message).toContain('at 1 of 2 endpoints');
    expect(findings[2]).toMatchObject({ code: 'AA213', consequenceOf: { code: 'AA303' } });
  });

  it('warns of a leaf that ends within its last third', () => {
    expect(findingsOf({ chains: [[serving({ notBefore: at(-80), notAfter: at(10) })]] })).toMatchObject([
      {
        code: 'AA311',
        severity: 'warning',
        message:
          'Certificate CN=metrics-server of APIService v1beta1.metrics.k8s.io ends on 2026-12-01T10:00:00Z, in 10.0 days.',
      },
    ]);
  });

  it('judges nothing where the bundle is empty, and nothing where verification is switched off', () => {
    const chain = [serving({ notAfter: at(-1) })];
    const service = { namespace: 'kube-system', name: 'metrics-server', port: 443 };
    const expired = (facts: CaseFacts): readonly string[] =>
      findingsOf({ chains: [chain], facts }).map(({ code }) => code);
    expect(expired({ apiServices: [{ name: NAME, service, caBundle: null }] })).toEqual(['AA305']);
    expect(expired({ apiServices: [{ name: NAME, service, caBundle: null, insecureSkipTlsVerify: true }] })).toEqual(
      [],
    );
  });
});
