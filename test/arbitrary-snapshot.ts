import * as fc from 'fast-check';

import type {
  ApiService,
  Availability,
  ClusterSnapshot,
  EndpointSlice,
  Endpoints,
  Missing,
  Namespace,
  Pod,
  Service,
} from '../src/model/facts.ts';
import { type CaseFacts, snapshotOf } from './case-snapshot.ts';

// Wordings of real servers (kube-aggregator 1.19 to 1.36), in any combination: also in those that only a snapshot taken in
// the middle of a change can hold.

type Words = readonly [status: Availability['status'], reason: string, message: string];

const addressOf = 'https://10.96.0.20:443/apis/sem.example.com/v1';
const failed = (words: string): Words => [
  'False',
  'FailedDiscoveryCheck',
  `failing or missing response from ${addressOf}: Get "${addressOf}": ${words}`,
];
const badStatus = (status: number): Words => [
  'False',
  'FailedDiscoveryCheck',
  `failing or missing response from ${addressOf}: bad status from ${addressOf}: ${status}`,
];

/** What a Go client says of a request without answer. */
const goErrors: readonly string[] = [
  'dial tcp 10.96.0.20:443: connect: connection refused',
  'dial tcp 10.96.0.20:443: connect: no route to host',
  'dial tcp: lookup nowhere.invalid on 10.0.0.2:53: no such host',
  'context deadline exceeded',
  'net/http: TLS handshake timeout',
  'EOF',
  'read tcp 10.0.0.1:40312->10.96.0.20:443: read: connection reset by peer',
  'http: server gave HTTP response to HTTPS client',
  'tls: first record does not look like a TLS handshake',
  'remote error: tls: internal error',
  'No agent available',
  'proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused',
  'tls: failed to parse certificate from server: x509: negative serial number',
  'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is after 2026-11-01T00:00:00Z',
  'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is before 2026-12-01T00:00:00Z',
  'tls: failed to verify certificate: x509: certificate is valid for a.example.org, not backend.sem.svc',
  'tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead',
  'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  'tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm SHA1-RSA" while trying to verify candidate authority certificate "extension-ca")',
  'tls: failed to verify certificate: x509: certificate specifies an incompatible key usage',
  'tls: failed to verify certificate: x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "backend.sem.svc" is not permitted by any constraint',
  'tls: failed to verify certificate: x509: signature check attempts limit reached while verifying certificate chain',
];

const trueWords: Words = ['True', 'Passed', 'all checks passed'];

/** Every way in which the condition says that the group version is not available. */
export const falseWords: readonly Words[] = [
  ['False', 'ServiceNotFound', 'service/backend in "sem" is not present'],
  ['Unknown', 'ServiceAccessError', 'service/backend in "sem" cannot be checked due to: internal error'],
  ['False', 'ServicePortError', 'service/backend in "sem" is not listening on port 8443'],
  ['False', 'EndpointsNotFound', 'cannot find endpointslices for service/backend in "sem"'],
  ['Unknown', 'EndpointsAccessError', 'service/backend in "sem" cannot be checked due to: internal error'],
  ['False', 'MissingEndpoints', 'endpointslices for service/backend in "sem" have no addresses with port name "https"'],
  ['False', 'FailedDiscoveryCheck', 'cannot route to service with ClusterIP "None"'],
  ['False', 'FailedDiscoveryCheck', 'unsupported service type "ExternalName"'],
  ['False', 'FailedDiscoveryCheck', 'no service port 8443 found for service "backend"'],
  ['False', 'FailedDiscoveryCheck', 'no endpoints available for service "backend"'],
  ['False', 'FailedDiscoveryCheck', `timed out waiting for ${addressOf}`],
  ...goErrors.map(failed),
  ...[301, 302, 401, 403, 404, 429, 500, 503].map(badStatus),
];

type CaseAnswer = NonNullable<CaseFacts['answers']>[string];

const missing: readonly Missing[] = [
  { state: 'forbidden', detail: 'services is forbidden: User "jane" cannot list resource "services"' },
  { state: 'timedOut', detail: 'took too long' },
  { state: 'notCollected', detail: 'not part of this snapshot' },
];

const listOf = (group: string, resources: unknown): unknown => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/v1`,
  resources,
});

export type AnswerKind = 'works' | 'slow' | 'emptyList' | 'invalid' | 'fails' | 'refused' | 'starting' | 'missing';

/** The answers that kube-apiserver gives, by what they mean. */
export const answersOf = (group: string): Readonly<Record<AnswerKind, readonly CaseAnswer[]>> => ({
  works: [{ status: 200, json: listOf(group, [{ name: 'things', kind: 'Thing' }]) }],
  slow: [{ status: 200, json: listOf(group, [{ name: 'things', kind: 'Thing' }]), latencyMs: 4000 }],
  emptyList: [
    { status: 200, json: listOf(group, []) },
    { status: 200, json: listOf(group, []), latencyMs: 4000 },
    { status: 200, json: listOf(group, null) },
  ],
  invalid: [
    { status: 200 },
    { status: 204 },
    { status: 200, text: '<html></html>' },
    { status: 200, json: { kind: 'APIGroupList' } },
    { status: 200, json: listOf('apps', []) },
  ],
  fails: [
    ...goErrors.map((words) => ({ status: 503, text: `error trying to reach service: ${words}\n` })),
    { status: 500, text: 'unable to load root certificates: unable to parse bytes as PEM block\n' },
    { status: 502, text: 'the backend attempted to redirect this request, which is not permitted' },
    { status: 504, json: { message: 'Timeout: request did not complete within the allotted timeout', code: 504 } },
    { status: 404, text: '404 page not found\n' },
    { status: 401, json: { kind: 'Status', message: 'Unauthorized' } },
    { status: 403, json: { kind: 'Status', message: 'forbidden' } },
    { status: 500, text: 'boom' },
    { status: 503, text: 'no healthy upstream' },
    { status: 302 },
  ],
  refused: [{ status: 503, text: 'service unavailable\n' }],
  starting: [
    {
      status: 503,
      json: {
        kind: 'Status',
        message: 'the request has been made before all known HTTP paths have been installed, please try again',
      },
    },
  ],
  missing: missing.map((fact) => ({ missing: fact })),
});

const group = fc.constantFrom(
  'sem.example.com',
  'metrics.k8s.io',
  'external.metrics.k8s.io',
  'custom.metrics.k8s.io',
  'apps.example.com',
  'dead.example.com',
);

const availability = fc
  .oneof(
    { arbitrary: fc.constant(trueWords), weight: 2 },
    { arbitrary: fc.constantFrom(...falseWords), weight: 4 },
    { arbitrary: fc.constant(null), weight: 1 },
  )
  .map(
    (words): Availability | null =>
      words && { status: words[0], reason: words[1], message: words[2], since: '2026-11-21T09:58:00Z' },
  );

const trust = fc.constantFrom<Pick<ApiService, 'insecureSkipTlsVerify' | 'caBundle'>>(
  {
    insecureSkipTlsVerify: false,
    caBundle: {
      text: '',
      certificates: [
        { subject: 'CN=ca', notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z', isCA: true },
      ],
      problems: [],
    },
  },
  {
    insecureSkipTlsVerify: false,
    caBundle: {
      text: '',
      certificates: [
        { subject: 'CN=extension-ca', notBefore: '2025-11-01T00:00:00Z', notAfter: '2026-11-01T00:00:00Z', isCA: true },
      ],
      problems: [],
    },
  },
  { insecureSkipTlsVerify: false, caBundle: { text: '', certificates: [], problems: ['the field is not base64'] } },
  { insecureSkipTlsVerify: false, caBundle: null },
  { insecureSkipTlsVerify: true, caBundle: null },
);

const namespaces = ['sem', 'other'] as const;
const namespaceName = fc.constantFrom(...namespaces);
const serviceName = fc.constantFrom('backend', 'second');

const remote = fc.record({
  group,
  service: fc.record({ namespace: namespaceName, name: serviceName, port: fc.constantFrom(443, 8443) }),
  availability,
  trust,
  createdAt: fc.constantFrom('2026-11-20T10:00:00Z', '2026-11-21T09:59:58Z'),
  answer: fc.tuple(
    fc.constantFrom<AnswerKind>(
      'works',
      'slow',
      'emptyList',
      'invalid',
      'fails',
      'fails',
      'refused',
      'refused',
      'starting',
      'missing',
    ),
    fc.nat(),
  ),
});

const service = fc.record({
  name: serviceName,
  type: fc.constantFrom('ClusterIP', 'ClusterIP', 'NodePort', 'ExternalName'),
  selector: fc.constantFrom<Service['selector']>({ app: 'backend' }, { app: 'gone' }, {}),
  ports: fc.constantFrom<Service['ports']>(
    [{ name: 'https', port: 443, targetPort: 'https' }],
    [{ name: 'https', port: 8443, targetPort: 8443 }],
    [
      { name: 'https', port: 443, targetPort: 'https' },
      { name: 'other', port: 8443, targetPort: 9443 },
    ],
    [],
  ),
});

const slice = fc.record({
  serviceName: fc.constantFrom('backend', 'second', null),
  ports: fc.constantFrom<EndpointSlice['ports']>([{ name: 'https', port: 8443 }], []),
  endpoints: fc.constantFrom<EndpointSlice['endpoints']>(
    [{ addresses: ['10.244.1.7'], ready: true }],
    [{ addresses: ['10.244.1.7'], ready: false }],
  ),
});

const endpointsObject = fc.record({
  name: serviceName,
  subsets: fc.constantFrom<Endpoints['subsets']>(
    [],
    [{ ready: ['10.244.1.7'], notReady: [], ports: [{ name: 'https', port: 8443 }] }],
  ),
});

const pod = fc.record({
  labels: fc.constantFrom<Pod['labels']>({ app: 'backend' }, {}),
  ready: fc.boolean(),
  deletedAt: fc.constantFrom(null, '2026-11-21T09:59:00Z'),
  containerPorts: fc.constantFrom<Pod['containerPorts']>(
    [],
    [{ name: 'https', port: 8443 }],
    [{ name: 'metrics', port: 10250 }],
  ),
});

/** Known most of the time; else forbidden, late or not collected. */
const orMissing = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | { readonly missing: Missing }> =>
  fc.oneof(
    { arbitrary: value, weight: 4 },
    { arbitrary: fc.constantFrom(...missing).map((fact) => ({ missing: fact })), weight: 1 },
  );

const inEachNamespace = <T>(
  value: fc.Arbitrary<T>,
): fc.Arbitrary<Record<(typeof namespaces)[number], T | { readonly missing: Missing }>> =>
  fc.record({ sem: orMissing(value), other: orMissing(value) });

const unique = <T extends { readonly name: string }>(items: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(items, { selector: ({ name }) => name, maxLength: 2 });

/** Snapshots of clusters with up to six remote APIServices, which share Services and namespaces. */
export const arbitrarySnapshot: fc.Arbitrary<ClusterSnapshot> = fc
  .record({
    serverVersion: fc.constantFrom('v1.29.6', 'v1.35.4', 'v1.36.3'),
    remotes: fc.uniqueArray(remote, { selector: (given) => given.group, minLength: 1, maxLength: 6 }),
    namespaces: inEachNamespace(
      fc.constantFrom<Partial<Namespace> | null>({}, {}, { deletedAt: '2026-11-21T09:00:00Z' }, null),
    ),
    services: inEachNamespace(unique(service)),
    endpointSlices: inEachNamespace(fc.array(slice, { maxLength: 2 })),
    endpoints: inEachNamespace(unique(endpointsObject)),
    pods: inEachNamespace(
      fc
        .array(pod, { maxLength: 3 })
        .map((pods) => pods.map((given, index) => ({ ...given, name: `backend-${index}` }))),
    ),
  })
  .map(({ serverVersion, remotes, ...facts }) =>
    snapshotOf({
      ...facts,
      serverVersion,
      apiServices: [
        ...remotes.map((given) => ({
          name: `v1.${given.group}`,
          service: given.service,
          availability: given.availability,
          createdAt: given.createdAt,
          ...given.trust,
        })),
        {
          name: 'v1.apps',
          availability: {
            status: 'True',
            reason: 'Local',
            message: 'Local APIServices are always available',
            since: null,
          } as const,
        },
      ],
      answers: Object.fromEntries(
        remotes.map(({ group: name, answer: [kind, index] }) => {
          const choices = answersOf(name)[kind];
          return [`v1.${name}`, choices[index % choices.length] as CaseAnswer];
        }),
      ),
    }),
  );
