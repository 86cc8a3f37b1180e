import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { checks } from '../src/checks/index.ts';
import { doctorReport } from '../src/diagnosis/report.ts';
import { servedCertificates } from '../src/diagnosis/served-certificates.ts';
import type { Authority } from '../src/model/facts.ts';
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

  it('warns of no authority whose end leaves another path', () => {
    const old = issueAuthority({
      commonName: 'extension-ca',
      keyType: 'ecdsa-p256',
      notBefore: at(-400),
      notAfter: at(5),
    });
    const text = `${old.pem}${authority.pem}`;
    const certificates = [old, authority].map(({ commonName }, index) => ({
      subject: `CN=${commonName}`,
      notBefore: at(-400).toISOString(),
      notAfter: at(index === 0 ? 5 : 400).toISOString(),
      isCA: true,
    }));
    const service = { namespace: 'kube-system', name: 'metrics-server', port: 443 };
    const codes = (bundle: string): readonly string[] =>
      findingsOf({
        chains: [[serving({})]],
        facts: {
          apiServices: [
            {
              name: NAME,
              service,
              caBundle: { text: bundle, certificates: certificates.slice(0, bundle === text ? 2 : 1), problems: [] },
            },
          ],
        },
      }).map(({ code }) => code);
    // The same key under a new certificate: either will do.
    expect(codes(text)).toEqual([]);
    expect(codes(old.pem)).toEqual(['AA311']);
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

describe("the API server's clock decides", () => {
  const hour = 3600;
  const soon = serving({ notBefore: at(1 / 24) });
  const ended = serving({ notAfter: at(1 / 24) });
  const under = (chain: Issued, offsetSeconds: number, uncertaintySeconds = 0.6): readonly string[] =>
    findingsOf({ chains: [[chain]], facts: { serverClock: { offsetSeconds, uncertaintySeconds } } })
      .filter(({ code }) => code !== 'AA311')
      .map(({ code, message }) => `${code} ${/That is a matter of clocks.*$/.exec(message)?.[0] ?? ''}`);

  it.each<readonly [string, Issued, number, readonly string[]]>([
    [
      'a certificate of the next hour passes where it is two hours ahead, whatever the clock here says',
      soon,
      2 * hour,
      [],
    ],
    ['it does not where the clocks agree', soon, 0.2, ['AA302 ']],
    [
      'one that ends in an hour has ended where it is three hours ahead',
      ended,
      3 * hour,
      ['AA301 That is a matter of clocks: the one of the API server is 3 hours ahead of the one here.'],
    ],
    [
      'one that has begun here has not where it is a day and more behind',
      serving({ notBefore: at(-1) }),
      -26 * hour,
      ['AA302 That is a matter of clocks: the one of the API server is 26 hours behind the one here.'],
    ],
  ])('%s', (_title, chain, offsetSeconds, expected) => {
    expect(under(chain, offsetSeconds)).toEqual(expected);
  });

  it('counts only what is more than its uncertainty', () => {
    expect(under(ended, 3 * hour, 3 * hour)).toEqual([]);
  });

  it('is named where only the condition speaks', () => {
    const [finding] = findingsOf({
      chains: [],
      facts: {
        serverClock: { offsetSeconds: 3 * hour, uncertaintySeconds: 0.6 },
        answers: {
          [NAME]: {
            status: 503,
            text: `error trying to reach service: ${V}certificate has expired or is not yet valid: current time 2026-11-21T13:00:00Z is after 2026-11-21T11:00:00Z\n`,
          },
        },
      },
    });
    expect(finding).toMatchObject({ code: 'AA301' });
    expect(finding?.message).toContain('is 3 hours ahead of the one here.');
  });
});

describe('a Secret in the place of the wire', () => {
  const facts = (chain: readonly Issued[], text: string): CaseFacts => ({
    servedChains: { [NAME]: { missing: { state: 'forbidden', detail: 'create pods/portforward in kube-system' } } },
    services: { 'kube-system': [{ name: 'metrics-server', selector: { app: 'backend' } }] },
    pods: { 'kube-system': [{ certificates: [{ secret: 'serving-tls', key: 'tls.crt', told: true }] }] },
    secrets: {
      'kube-system/serving-tls': { certificates: { 'tls.crt': chain.map(({ der }) => der.toString('base64')) } },
    },
    answers: { [NAME]: { status: 503, text: `error trying to reach service: ${V}${text}\n` } },
  });
  const ended =
    'certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is after 2026-11-20T10:00:00Z';

  it('is beside what the API server says where both agree, which is then certain', () => {
    const [finding, ...more] = findingsOf({ chains: [], facts: facts([serving({ notAfter: at(-1) })], ended) });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: 'AA301',
      confidence: 'certain',
      evidence: [
        { from: 'Secret kube-system/serving-tls tls.crt', value: `${V}${ended}` },
        { from: 'GET /apis/metrics.k8s.io/v1beta1' },
      ],
    });
    expect(finding?.message).toContain('mount for APIService');
  });

  it('is not what is served where it would pass', () => {
    const findings = findingsOf({
      chains: [],
      facts: facts(intermediateChain({}), 'certificate signed by unknown authority'),
    });
    expect(findings).toMatchObject([{ code: 'AA304', confidence: 'likely' }]);
    expect(findings[0]?.message).toContain(
      'What Secret kube-system/serving-tls tls.crt holds would pass, so the server does not serve it',
    );
  });

  it('says nothing of its own where the API server refuses for another reason', () => {
    const findings = findingsOf({ chains: [], facts: facts([serving({ dnsNames: ['localhost'] })], ended) });
    expect(findings.map(({ code }) => code)).toEqual(['AA301']);
  });
});

describe('what the wrong bundle is instead', () => {
  const why = (chain: readonly Issued[], bundle: Issued, facts: CaseFacts = {}): string =>
    findingsOf({ chains: [chain], bundle, facts })[0]?.message ?? '';
  const der = (...certificates: readonly Issued[]): readonly string[] =>
    certificates.map((certificate) => certificate.der.toString('base64'));
  const named = (commonName: string, options: Partial<CertificateOptions> = {}): Issued =>
    issueAuthority({ commonName, keyType: 'ecdsa-p256', ...dates, ...options });

  it("the cluster's own authority, by the ConfigMap that holds it", () => {
    const cluster = named('minikubeCA');
    expect(why([serving({})], cluster, { authorities: { 'kube-root-ca.crt': { 'ca.crt': der(cluster) } } })).toContain(
      "CN=minikubeCA of the bundle is the cluster's own authority (ConfigMap kube-system/kube-root-ca.crt ca.crt).",
    );
  });

  const authorityOf = ({ der: bytes }: Issued): Authority => ({
    subject: 'CN=proxy',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2036-01-01T00:00:00Z',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    subjectKeyId: null,
  });

  it('the front-proxy authority', () => {
    const proxy = named('proxy');
    expect(
      why([serving({})], proxy, {
        authenticationConfiguration: { requestHeaderAuthorities: [authorityOf(proxy)] },
      }),
    ).toContain('CN=proxy of the bundle is the front-proxy authority');
    expect(why([serving({})], named('front-proxy-ca'))).toContain('is the front-proxy authority');
  });

  it('the authority of OpenShift, by its name', () => {
    expect(why([serving({})], named('openshift-service-serving-signer@1577908799'))).toContain(
      'is the authority of OpenShift service-ca.',
    );
  });

  it('what another Secret holds', () => {
    const issuer = named('issuer-b');
    expect(
      why([serving({})], issuer, { secrets: { 'team/other-tls': { certificates: { 'ca.crt': der(issuer) } } } }),
    ).toContain('CN=issuer-b of the bundle is what Secret team/other-tls holds as ca.crt.');
  });

  it('one that the server made at an earlier start', () => {
    const earlier = named('localhost-ca@1795000000', { notBefore: at(-30) });
    const now = named('localhost-ca@1795275431', { notBefore: at(-2) });
    expect(why([serving({}, now), now], earlier)).toContain(
      'The server makes its own certificate at each start: the bundle holds an earlier one, CN=localhost-ca@1795000000, the server has CN=localhost-ca@1795275431 now.',
    );
  });

  it('one before the server signed its own anew', () => {
    const own = issueAuthority({
      commonName: 'metrics-server',
      keyType: 'ecdsa-p256',
      dnsNames: ['metrics-server.kube-system.svc'],
      notBefore: at(-2),
      notAfter: at(400),
    });
    expect(why([own], named('someone-else'))).toContain(
      'The served certificate is signed by itself, since 2026-11-19T10:00:00Z',
    );
  });

  it('one of which only a part counts', () => {
    const service = { namespace: 'kube-system', name: 'metrics-server', port: 443 };
    const half = named('someone-else');
    const text = `${half.pem}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`;
    const problems = ['line 9: a certificate that cannot be parsed: x509: malformed certificate'];
    const caBundle = { text, certificates: [], problems };
    expect(why([serving({})], half, { apiServices: [{ name: NAME, service, caBundle }] })).toContain(
      'Of the bundle only 1 certificate counts: line 9: a certificate that cannot be parsed: x509: malformed certificate.',
    );
  });

  it('nothing that is known, and then it says no more', () => {
    expect(why([serving({})], named('someone-else'))).toMatch(/bears the name of the issuer, [^.]*\)\.$/);
  });
});

describe('an endpoint that presents nothing', () => {
  const seen = (...outcomes: readonly string[]): string | null | undefined => {
    const chain = [serving({}).der.toString('base64')];
    const snapshot = snapshotOf({
      apiServices: [{ name: NAME, service: { namespace: 'kube-system', name: 'metrics-server', port: 443 } }],
      servedChains: {
        [NAME]: {
          endpoints: outcomes.map((outcome, index) => ({
            address: `10.244.0.${index}:8443`,
            chain: outcome === 'completed' ? chain : [],
            outcome,
          })),
        },
      },
    });
    return servedCertificates(snapshot, [NAME], new Date(CAPTURED_AT)).items[0]?.unseen;
  };

  it('is told of beside those that present a certificate', () => {
    expect(seen('completed', 'notTls')).toBe('at 1 of 2 endpoints, 10.244.0.1:8443: notTls');
    expect(seen('notTls', 'notTls')).toBe('10.244.0.0:8443: notTls');
    expect(seen('completed', 'completed')).toBeNull();
  });
});

describe('the bundle that is offered for one that knows no authority', () => {
  const other = issueAuthority({ commonName: 'other-ca', keyType: 'ecdsa-p256', ...dates });
  const commandsOf = (chain: readonly Issued[]): readonly string[] => {
    const [finding] = findingsOf({ chains: [chain] });
    expect(finding?.code).toBe('AA304');
    return finding?.remedy.commands ?? [];
  };

  it('holds the authority that the server presents', () => {
    const command = commandsOf([serving({}, other), other]).at(-1) ?? '';
    const [, patch = ''] =
      /^kubectl patch apiservice v1beta1\.metrics\.k8s\.io --type=merge -p '(.*)'$/.exec(command) ?? [];
    const { spec } = JSON.parse(patch) as { readonly spec: { readonly caBundle: string } };
    expect(
      findingsOf({
        chains: [[serving({}, other), other]],
        bundle: { ...other, pem: Buffer.from(spec.caBundle, 'base64').toString() },
      }),
    ).toEqual([]);
  });

  it('is none where nobody holds that authority', () => {
    expect(commandsOf([serving({}, other)]).filter((command) => command.includes('kubectl patch'))).toEqual([]);
  });
});

describe('a certificate with more than one fault', () => {
  const messageOf = (options: Partial<CertificateOptions>): string => {
    const [finding, ...more] = findingsOf({ chains: [[serving({ notAfter: at(-1), ...options })]] });
    expect([finding?.code, more]).toEqual(['AA301', []]);
    return finding?.message ?? '';
  };

  it('is told by its date, and what would still be refused with another one', () => {
    expect(messageOf({ dnsNames: ['elsewhere.example.org'] })).toMatch(
      / has expired, at \S+\. Renewed as it is, it would be refused all the same: Certificate CN=metrics-server \(presented 1\) does not cover metrics-server\.kube-system\.svc; it covers elsewhere\.example\.org\.$/,
    );
    expect(messageOf({})).toMatch(/ has expired, at \S+\.$/);
  });
});
