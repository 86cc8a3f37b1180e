import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checks } from '../../src/checks/index.ts';
import { doctorReport } from '../../src/diagnosis/report.ts';
import { statusList } from '../../src/diagnosis/status-list.ts';
import { renderJson } from '../../src/render/json.ts';
import { doctorText } from '../../src/render/text/doctor-text.ts';
import { statusNames, statusText } from '../../src/render/text/status-text.ts';
import { renderYaml } from '../../src/render/yaml.ts';
import { decode } from '../../src/snapshot/decode.ts';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { redact, redactText } from '../../src/snapshot/redact.ts';
import { snapshotFileBytes } from '../../src/sources/snapshot-file.ts';
import { parseCaBundle } from '../../src/x509/index.ts';
import { nothingCollected } from '../nothing-collected.ts';
import { issueServing } from '../fakes/certificate-authority.ts';
import { loopbackAuthority } from '../fakes/kube-apiserver.ts';
import { arbitrarySnapshot } from '../sources/arbitrary-snapshot.ts';
import { PEM_ODDITIES } from '../x509/odd-pem.ts';
import { seededRandom } from '../x509/seeded-random.ts';

const SEED = Number(process.env['AA_SEED'] ?? 20_261_121);

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

const ellipticKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsaKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const privateKeys = {
  'EC PRIVATE KEY': ellipticKey.export({ type: 'sec1', format: 'pem' }).toString(),
  'PRIVATE KEY': ellipticKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  'RSA PRIVATE KEY': rsaKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  'ENCRYPTED PRIVATE KEY': rsaKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString(),
};
const keyBodies = Object.values(privateKeys).map((pem) => pem.replace(/-----[A-Z ]+-----|\s/g, ''));

const secretOf = (kind: string): string => `${kind}${randomBytes(15).toString('hex')}`;
const jsonWebToken = (): string =>
  [
    base64('{"alg":"RS256","kid":"1"}'),
    base64(JSON.stringify({ sub: secretOf('subject') })),
    randomBytes(48).toString('base64'),
  ]
    .map((part) => part.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''))
    .join('.');

/** Everything that must be found nowhere, by where it comes from. */
const secrets = {
  callersToken: secretOf('opaque'),
  callersTokenWithSigns: `${randomBytes(18).toString('base64')}/+==`,
  callersPassword: `pa ss"w\\ord-${randomBytes(9).toString('hex')}`,
  callersPair: base64(`admin:${secretOf('pair')}`),
  foreignWebToken: jsonWebToken(),
  foreignBearer: secretOf('bearer'),
  eksToken: `k8s-aws-v1.${randomBytes(24).toString('base64url')}`,
  lastApplied: secretOf('applied'),
  environmentValue: secretOf('env'),
  secretValue: secretOf('data'),
  passwordField: secretOf('field'),
  urlPassword: secretOf('url'),
  bundleComment: secretOf('comment'),
};
const callers = [secrets.callersToken, secrets.callersTokenWithSigns, secrets.callersPassword, secrets.callersPair];

/** Each secret in the forms in which it could still be read. */
const forbidden = [
  ...Object.entries(secrets).flatMap(([kind, secret]) => [
    [kind, secret] as const,
    [`${kind} in base64`, base64(secret).replace(/=+$/, '')] as const,
    [`${kind} in a URL`, encodeURIComponent(secret)] as const,
    [`${kind} in JSON`, JSON.stringify(secret).slice(1, -1)] as const,
  ]),
  ...keyBodies.map((body) => ['private key', body] as const),
  ...keyBodies.map((body) => ['private key in base64', base64(body.slice(0, 64)).slice(0, 60)] as const),
];

const searched = (output: string): readonly string[] => {
  const compact = output.replace(/\s+|\\[nr]/g, '');
  return forbidden
    .filter(([, secret]) => output.includes(secret) || compact.includes(secret.replace(/\s+/g, '')))
    .map(([kind]) => kind);
};

// Where a server can say something again, and how.
const tellings: fc.Arbitrary<string> = fc.oneof(
  fc
    .constantFrom(...callers)
    .chain((secret) =>
      fc.constantFrom(
        secret,
        `token ${secret} is not valid`,
        `x${secret}y`,
        encodeURIComponent(secret),
        base64(secret),
        `{"t":${JSON.stringify(secret)}}`,
      ),
    ),
  fc.constantFrom(
    `Authorization: Bearer ${secrets.foreignBearer}`,
    `bearer   ${secrets.foreignBearer}`,
    `Basic ${secrets.callersPair}`,
    secrets.foreignWebToken,
    `kid=1;${secrets.foreignWebToken},`,
    secrets.eksToken,
    `https://admin:${secrets.urlPassword}@registry.example.com/x`,
    `https://login.example.com/cb?access_token=${secrets.passwordField}&state=1`,
    ...Object.values(privateKeys),
    ...Object.values(privateKeys).map((pem) => pem.slice(0, pem.length / 2)),
  ),
);
const hostile = fc
  .tuple(fc.string({ maxLength: 30 }), tellings, fc.string({ maxLength: 30 }))
  .map((parts) => parts.join(' '));

const certificate = loopbackAuthority.pem;
const bundles: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          certificate,
          ...Object.values(privateKeys),
          `# password: ${secrets.bundleComment}\n`,
          `${secrets.bundleComment}\n`,
        ),
        // A key with a certificate's label.
        fc.constantFrom(
          ...Object.values(privateKeys).map((pem) => pem.replace(/(BEGIN|END) [A-Z ]*PRIVATE KEY/g, '$1 CERTIFICATE')),
        ),
        fc.constantFrom(
          ...Object.values(privateKeys).map((pem) =>
            pem
              .replace(/(BEGIN|END) [A-Z ]*PRIVATE KEY/g, '$1 CERTIFICATE')
              .replace('-----\n', `-----\nComment: ${secrets.bundleComment}\n\n`),
          ),
        ),
        fc.constant(`-----BEGIN ${secrets.bundleComment}-----\nMA==\n-----END ${secrets.bundleComment}-----\n`),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...PEM_ODDITIES), fc.nat(), fc.constantFrom(certificate, ...Object.values(privateKeys)))
    .map(([bend, seed, pem]) => bend(pem, seededRandom(seed))),
  fc.constantFrom(secrets.bundleComment, `user: ${secrets.bundleComment}`, '', ' \n'),
  fc.constantFrom(
    ellipticKey.export({ type: 'pkcs8', format: 'der' }).toString('latin1'),
    rsaKey.export({ type: 'pkcs1', format: 'der' }).toString('latin1'),
    loopbackAuthority.der.toString('latin1'),
  ),
);
const onceTooOften = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const bundle = fc.tuple(bundles, fc.nat(2)).map(([text, times]) => {
  let encoded = text;
  for (let time = 0; time < times; time += 1) encoded = onceTooOften(encoded);
  return encoded;
});

const errorClass = (text: string): string | null =>
  parseCaBundle(text).error?.replace(/(failed to parse certificate): [\s\S]*/, '$1') ?? null;
const fingerprints = (text: string): readonly string[] => parseCaBundle(text).certificates.map(({ sha256 }) => sha256);

const bundleAfter = (text: string): string => {
  const encoded = Buffer.from(text, 'latin1').toString('base64');
  const snapshot = redact(snapshotWith(encoded), []);
  const { apiServices } = snapshot.facts;
  return Buffer.from((apiServices.state === 'known' && apiServices.value[0]?.spec.caBundle) || '', 'base64').toString(
    'latin1',
  );
};

const snapshotWith = (caBundle: string): RawSnapshot => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'Snapshot',
  capturedAt: '2026-11-21T10:00:00Z',
  cluster: { context: 'test', server: 'https://127.0.0.1:6443' },
  facts: {
    ...nothingCollected,
    serverVersion: { state: 'known', value: { gitVersion: 'v1.36.3' } },
    apiServices: {
      state: 'known',
      value: [
        {
          metadata: { name: 'v1.example.com' },
          spec: {
            group: 'example.com',
            version: 'v1',
            service: { namespace: 'a', name: 'b' },
            caBundle,
            groupPriorityMinimum: 1,
            versionPriority: 1,
          },
        },
      ],
    },
  },
});

/** Every string of a value replaced by what `plant` makes of it, keys too where they are a server's choice. */
const planted = (value: unknown, plant: (text: string, path: string) => string, path = ''): unknown => {
  if (typeof value === 'string') return plant(value, path);
  if (Array.isArray(value)) return value.map((item) => planted(item, plant, `${path}[]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      path.endsWith('body.value') ? plant(key, `${path} key`) : key,
      planted(item, plant, `${path}.${key}`),
    ]),
  );
};

// What the format fixes, and what other fields lead to.
const fixed =
  /\.(?:state|form|status|kind|apiVersion|capturedAt|name|namespace|caBundle|gitVersion|minor|creationTimestamp|deletionTimestamp|lastTransitionTime)$/;

const unknownFields = {
  env: [{ name: 'PASSWORD', value: secrets.environmentValue }],
  data: { password: base64(secrets.secretValue) },
  stringData: { password: secrets.secretValue },
  token: secrets.foreignWebToken,
};

const withUnknownFields = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== 'object' || value === null) return value;
  const inside = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withUnknownFields(item)]));
  if ('annotations' in value)
    return {
      ...inside,
      annotations: {
        ...(value.annotations as object),
        'kubectl.kubernetes.io/last-applied-configuration': `{"password":"${secrets.lastApplied}"}`,
        note: secrets.lastApplied,
      },
    };
  return 'name' in value || 'spec' in value ? { ...inside, ...unknownFields } : inside;
};

const secretObjects = [
  {
    kind: 'Secret',
    apiVersion: 'v1',
    data: { password: base64(secrets.secretValue), tls: base64(Object.values(privateKeys)[0] ?? '') },
    stringData: { x: secrets.secretValue },
  },
  { kind: 'SecretList', items: [{ kind: 'Secret', data: { a: base64(secrets.secretValue) } }] },
  {
    password: secrets.passwordField,
    nested: [
      { access_token: secrets.passwordField, clientSecret: secrets.passwordField, 'api-key': secrets.passwordField },
    ],
  },
];

const style = { color: true, unicode: true, width: 100 } as const;

/** Everything that any command prints or writes of a snapshot. */
const outputsOf = (raw: RawSnapshot): Readonly<Record<string, string>> => {
  const snapshot = decode(raw);
  const report = doctorReport(checks, snapshot, { skip: [], showPassed: true });
  const list = statusList(snapshot, () => true);
  return {
    'snapshot file': snapshotFileBytes(raw, 'x').toString('utf8'),
    'compressed snapshot file': gunzipSync(snapshotFileBytes(raw, 'x.gz')).toString('utf8'),
    'doctor text': doctorText(report, style),
    'doctor json': renderJson(report),
    'doctor yaml': renderYaml(report),
    'status text': statusText(list, { style, wide: false, hiddenLocal: 0, total: list.items.length }),
    'status wide': statusText(list, { style, wide: true, hiddenLocal: 0, total: list.items.length }),
    'status names': statusNames(list),
    'status json': renderJson(list),
    'status yaml': renderYaml(list),
  };
};

describe('redaction', () => {
  it('leaves no seeded secret in any output', () => {
    fc.assert(
      fc.property(
        arbitrarySnapshot({ timedOut: true }),
        fc.array(hostile, { minLength: 40, maxLength: 40 }),
        fc.array(bundle, { minLength: 8, maxLength: 8 }),
        fc.constantFrom(...secretObjects),
        (raw, texts, bundlesHere, secretObject) => {
          let next = 0;
          const withTexts = planted(raw, (text, path) => {
            if (fixed.test(path)) return text;
            next += 1;
            return `${text} ${texts[next % texts.length]}`;
          }) as RawSnapshot;
          const received = withUnknownFields(withTexts) as RawSnapshot;
          const { apiServices, answers } = received.facts;
          if (apiServices.state === 'known') {
            apiServices.value.forEach(({ spec }, index) => {
              spec.caBundle = Buffer.from(bundlesHere[index % bundlesHere.length] ?? '', 'latin1').toString('base64');
            });
          }
          for (const fact of Object.values(answers))
            if (fact.state === 'known' && fact.value.body.form === 'json')
              fact.value.body.value = { was: fact.value.body.value, ...secretObject };
          for (const [output, text] of Object.entries(outputsOf(redact(received, callers))))
            expect(searched(text), output).toEqual([]);
        },
      ),
      // Shrinking takes minutes here.
      { seed: SEED, numRuns: 60, endOnFailure: true },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(
        arbitrarySnapshot({ timedOut: true }),
        fc.array(hostile, { minLength: 9, maxLength: 9 }),
        fc.array(bundle, { minLength: 4, maxLength: 4 }),
        (raw, texts, bundlesHere) => {
          let next = 0;
          const received = planted(raw, (text, path) => {
            next += 1;
            return fixed.test(path) ? text : `${text} ${texts[next % texts.length]}`;
          }) as RawSnapshot;
          const { apiServices } = received.facts;
          if (apiServices.state === 'known') {
            apiServices.value.forEach(({ spec }, index) => {
              spec.caBundle = Buffer.from(bundlesHere[index % bundlesHere.length] ?? '', 'latin1').toString('base64');
            });
          }
          const once = redact(received, callers);
          expect(redact(once, callers)).toEqual(once);
          expect(redact(JSON.parse(JSON.stringify(once)), [])).toEqual(once);
        },
      ),
      { seed: SEED, numRuns: 60 },
    );
  });

  it("keeps the certificates of a CA bundle and Go's verdict on it", () => {
    fc.assert(
      fc.property(bundle, (text) => {
        const after = bundleAfter(text);
        expect(errorClass(after)).toBe(errorClass(text));
        expect(fingerprints(after)).toEqual(fingerprints(text));
        expect(parseCaBundle(after).problems.map(({ kind, line }) => `${kind} ${line}`)).toEqual(
          parseCaBundle(text).problems.map(({ kind, line }) => `${kind} ${line}`),
        );
        expect(searched(after)).toEqual([]);
      }),
      { seed: SEED, numRuns: 1500 },
    );
  });

  it('keeps a certificate that Go refuses, which findings have to explain', () => {
    const validity = {
      keyType: 'ecdsa-p256',
      notBefore: new Date('2026-01-01'),
      notAfter: new Date('2027-01-01'),
    } as const;
    const negative = issueServing(loopbackAuthority, { ...validity, commonName: 'negative', serialNumber: -1n }).pem;
    expect(parseCaBundle(bundleAfter(negative)).error).toBe(parseCaBundle(negative).error);
  });

  it('leaves words alone that only look like credentials', () => {
    const texts = [
      'Basic authentication failed',
      'error: invalid bearer token, token: expired',
      'Bearer token required',
      'x509: certificate signed by unknown authority',
      'Get "https://10.96.152.95:443/apis/metrics.k8s.io/v1beta1": dial tcp 10.96.152.95:443: connect: connection refused',
      'User "system:serviceaccount:a:b" cannot list resource "secrets" in API group ""',
    ];
    expect(texts.map((text) => redactText(text, []))).toEqual(texts);
  });

  it('is quick whatever is sent', () => {
    const megabytes = (part: string): string => part.repeat(Math.ceil(4_000_000 / part.length));
    const started = performance.now();
    for (const part of [
      'eyJ',
      'eyJ-',
      'eyJaaaaaaaa.',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN ',
      'Bearer ',
      'Bearer  \t',
      '://',
      '://a:',
      'token=',
      'password',
      ' ',
      '\n',
    ])
      redactText(megabytes(part), callers);
    for (const part of [
      '-----BEGIN CERTIFICATE-----\n',
      '-----BEGIN A-----\na:b\n',
      '\n-----END A-----',
      'a:\n',
      ' ',
      '\n',
      'A',
    ])
      bundleAfter(megabytes(part).slice(0, 1_000_000));
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
