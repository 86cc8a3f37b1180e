import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decode } from '../../src/snapshot/decode.ts';
import type { RawFactName, RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { captureCluster } from '../../src/sources/live/capture-cluster.ts';
import { readSnapshotFile, snapshotFileBytes } from '../../src/sources/snapshot-file.ts';
import { nothingCollected } from '../nothing-collected.ts';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { ANY_HOST, arbitrarySnapshot, type State, states, statesOf } from './arbitrary-snapshot.ts';

// The proof that live equals replay: what a capture reads from a server that serves a snapshot is that snapshot.

const SEED = Number(process.env['AA_SEED'] ?? 20_261_121);

/** A busy machine is no failure. */
const PATIENCE_MS = 120_000;

const factNames: readonly RawFactName[] = [
  'serverVersion',
  'apiServices',
  'namespaces',
  'services',
  'endpointSlices',
  'endpoints',
  'pods',
  'answers',
];
const certificateFactNames = ['servedChains', 'secrets', 'authorities', 'certificates', 'injectors'] as const;
/** What stands around the backends, as a whole; made-up clusters have none of it. */
const wholeFacts = [
  'terminatingNamespaces',
  'autoscalers',
  'caller',
  'authenticationConfiguration',
  'roleBindings',
  'groupRoles',
  'admissionWebhooks',
  'customResourceConversions',
  'nodes',
  'apiServerPods',
] as const;
const namedSurroundings = [
  'roles',
  'networkPolicies',
  'disruptionBudgets',
  'resourceProbes',
  'workloads',
  'events',
] as const;
const clustersFolder = fileURLToPath(new URL('../clusters', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-round-trip-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let kubeconfigs = 0;

const captureOf = async (
  raw: RawSnapshot,
  options: { readonly timeoutMs: number; readonly pageItems: number },
  asked: readonly RawFactName[] = factNames,
): Promise<RawSnapshot> => {
  const server = await startKubeApiServer(raw, { pageItems: options.pageItems });
  try {
    kubeconfigs += 1;
    const kubeconfig = join(folder, `kubeconfig-${kubeconfigs}`);
    writeFileSync(kubeconfig, server.kubeconfigText());
    const captured = await captureCluster({
      flags: { kubeconfig },
      environment: { env: {}, workingDirectory: folder },
      clientVersion: 'test',
      onStderr: () => undefined,
      // Made-up clusters have no endpoints that fit together; served-chains-round-trip.test.ts has those.
      facts: [
        ...asked,
        ...[...certificateFactNames, ...namedSurroundings].filter((fact) => Object.keys(raw.facts[fact]).length > 0),
        ...wholeFacts.filter((fact) => raw.facts[fact].state === 'known'),
      ],
      timeoutMs: options.timeoutMs,
      signal: AbortSignal.timeout(20_000),
      now: () => new Date('2026-11-21T10:00:00Z'),
    });
    return JSON.parse(JSON.stringify(captured).replaceAll(new URL(server.url).host, ANY_HOST)) as RawSnapshot;
  } finally {
    await server.close();
  }
};

/** The snapshot without what no server can make a capture say again, and why. */
const reproducible = (raw: RawSnapshot): RawSnapshot => {
  const copy = structuredClone(raw);
  const { facts } = copy;
  // Version and APIServices are always asked for: without them nothing can be judged.
  if (facts.serverVersion.state === 'notCollected') {
    facts.serverVersion = {
      state: 'unreadable',
      detail: 'get /version: HTTP status 404; is this a Kubernetes API server?',
    };
  }
  if (facts.apiServices.state === 'notCollected') {
    facts.apiServices = {
      state: 'unreadable',
      detail:
        'list apiservices.apiregistration.k8s.io: HTTP status 404: the server could not find the requested resource',
    };
  }
  for (const fact of wholeFacts)
    if (facts[fact].state === 'notCollected') facts[fact] = { state: 'notCollected', detail: 'not asked for' };
  for (const held of [
    facts.namespaces,
    facts.services,
    facts.endpointSlices,
    facts.endpoints,
    facts.pods,
    facts.answers,
  ] as Record<string, { state: State }>[]) {
    // What was not asked for is left out of a capture: `facts` and `names` of its options decide, not the server.
    for (const [name, { state }] of Object.entries(held)) if (state === 'notCollected') delete held[name];
  }
  // These are not asked for here: how they are read, their own tests show.
  facts.discoveryDocuments = {};
  facts.groupDocuments = {};
  facts.localLists = {};
  facts.openApi = { state: 'notCollected', detail: '' };
  facts.openApiV2 = { state: 'notCollected', detail: '' };
  facts.backendDocuments = {};
  facts.customResourceNames = { state: 'notCollected', detail: '' };
  facts.customResources = {};
  // Files of the caller's, of which no server knows.
  facts.clientCache = { state: 'notCollected', detail: '' };
  facts.samples = { state: 'notCollected', detail: '' };
  for (const fact of Object.values(facts.answers)) if (fact.state === 'known') fact.value.latencyMs = 0;
  // Measured anew each time.
  facts.serverClock = { state: 'notCollected', detail: '' };
  // A chain is presented again in TLS 1.2 up to its last certificate: how the first handshake went on is not repeated.
  for (const fact of Object.values(facts.servedChains)) {
    if (fact.state === 'known')
      fact.value.endpoints = fact.value.endpoints.map((endpoint) => ({
        ...endpoint,
        tlsVersion: null,
        outcome: '',
        detail: '',
      }));
  }
  return { ...copy, capturedAt: '', cluster: { ...copy.cluster, server: `https://${ANY_HOST}` } };
};

/** An answer that is forbidden is a known answer of 403 until it is decoded: there, the two are the same. */
const withRefusalsRead = (snapshot: RawSnapshot): RawSnapshot => {
  const decoded = decode(snapshot).facts.answers;
  for (const [name, fact] of Object.entries(decoded))
    if (fact.state === 'forbidden') snapshot.facts.answers[name] = fact;
  return snapshot;
};

const expectRoundTrip = async (
  raw: RawSnapshot,
  options: { readonly timeoutMs: number; readonly pageItems: number },
): Promise<void> => {
  const captured = await captureOf(raw, options);
  const expected = reproducible(raw);
  // Not collected is the server's own 404 for what the snapshot does not hold.
  const asked = reproducible(captured);
  for (const name of ['namespaces', 'services', 'endpointSlices', 'endpoints', 'pods', 'answers'] as const) {
    const uncollected = Object.entries(raw.facts[name]).filter(([, { state }]) => state === 'notCollected');
    for (const [key] of uncollected) delete asked.facts[name][key];
  }
  expect(withRefusalsRead(asked)).toEqual(withRefusalsRead(expected));
};

const reached = new Map<string, number>();
const count = (raw: RawSnapshot): void => {
  for (const [fact, state] of statesOf(raw))
    reached.set(`${fact} ${state}`, (reached.get(`${fact} ${state}`) ?? 0) + 1);
};

describe('capture of a served snapshot equals the snapshot', () => {
  it(
    'for whatever can be known or missing at once',
    async () => {
      await fc.assert(
        fc.asyncProperty(arbitrarySnapshot({ timedOut: false }), fc.constantFrom(1, 2, 500), async (raw, pageItems) => {
          count(raw);
          await expectRoundTrip(raw, { timeoutMs: 15_000, pageItems });
        }),
        { seed: SEED, numRuns: 140 },
      );
    },
    PATIENCE_MS,
  );

  it(
    'for what takes too long, many clusters at once',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(arbitrarySnapshot({ timedOut: true }), { minLength: 12, maxLength: 12 }),
          async (clusters) => {
            for (const raw of clusters) count(raw);
            await Promise.all(
              clusters.map(async (raw) => {
                // On a busy machine anything can take a second: what is silent at five as well is silent.
                await expectRoundTrip(raw, { timeoutMs: 1000, pageItems: 500 }).catch(() =>
                  expectRoundTrip(raw, { timeoutMs: 5000, pageItems: 500 }),
                );
              }),
            );
          },
        ),
        { seed: SEED, numRuns: 3, endOnFailure: true },
      );
    },
    PATIENCE_MS,
  );

  it('for a body larger than is read', async () => {
    const answers = {
      'v1.large.example.com': {
        state: 'known',
        value: {
          httpStatus: 200,
          contentType: 'application/json',
          location: null,
          latencyMs: 0,
          body: { form: 'tooLarge', why: 'larger than 33554432 bytes' },
        },
      },
    } as const;
    const raw: RawSnapshot = {
      apiVersion: 'kubectl-aa/v1',
      kind: 'Snapshot',
      capturedAt: '2026-11-21T10:00:00Z',
      cluster: { context: 'large', server: null },
      facts: {
        ...nothingCollected,
        serverVersion: { state: 'unreadable', detail: 'get /version: the answer is larger than 33554432 bytes' },
        apiServices: {
          state: 'known',
          value: [
            {
              metadata: { name: 'v1.large.example.com' },
              spec: {
                group: 'large.example.com',
                version: 'v1',
                service: { namespace: 'a', name: 'a' },
                groupPriorityMinimum: 1,
                versionPriority: 1,
              },
            },
          ],
        },
        namespaces: { a: { state: 'known', value: null } },
        services: {
          a: { state: 'unreadable', detail: 'list services in namespace a: the answer is larger than 33554432 bytes' },
        },
        endpointSlices: { a: { state: 'known', value: [] } },
        pods: { a: { state: 'known', value: [] } },
        answers,
      },
    };
    await expectRoundTrip(raw, { timeoutMs: 15_000, pageItems: 500 });
  });

  it('for what stands around the backends', async () => {
    const account = { kind: 'ServiceAccount', name: 'api', namespace: 'shop' };
    const known = <T>(value: T) => ({ state: 'known', value }) as const;
    const facts: RawSnapshot['facts'] = {
      ...nothingCollected,
      serverVersion: known({ gitVersion: 'v1.36.3', goVersion: 'go1.26.8', major: '1', minor: '36' }),
      apiServices: known([
        {
          metadata: { name: 'v1.shop.example.com' },
          spec: {
            group: 'shop.example.com',
            version: 'v1',
            service: { namespace: 'shop', name: 'api' },
            groupPriorityMinimum: 1,
            versionPriority: 1,
          },
        },
      ]),
      answers: {
        'v1.shop.example.com': known({
          httpStatus: 200,
          contentType: 'application/json',
          location: null,
          latencyMs: 0,
          body: {
            form: 'json',
            value: {
              resources: [
                { name: 'carts/status', verbs: ['list'] },
                { name: 'carts', namespaced: true, verbs: ['list'] },
              ],
            },
          },
        }),
      },
      namespaces: { shop: known({ metadata: { name: 'shop' } }) },
      services: { shop: known([]) },
      endpointSlices: { shop: known([]) },
      pods: { shop: known([{ metadata: { name: 'api-0' }, spec: { serviceAccountName: 'api', containers: [] } }]) },
      terminatingNamespaces: known([
        {
          metadata: { name: 'stuck', deletionTimestamp: '2026-11-21T09:00:00Z' },
          status: { phase: 'Terminating', conditions: [{ type: 'NamespaceDeletionDiscoveryFailure', status: 'True' }] },
        },
      ]),
      autoscalers: known([
        {
          metadata: { name: 'web', namespace: 'shop' },
          spec: { metrics: [{ type: 'Resource', resource: { name: 'cpu' } }] },
        },
      ]),
      caller: known({ username: 'jane', groups: ['system:authenticated'] }),
      authenticationConfiguration: known({
        metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
        data: { 'requestheader-allowed-names': '["front-proxy-client"]' },
      }),
      roleBindings: known([
        {
          metadata: { name: 'api-reader', namespace: 'kube-system' },
          roleRef: { kind: 'Role', name: 'reader' },
          subjects: [account],
        },
        { metadata: { name: 'api' }, roleRef: { kind: 'ClusterRole', name: 'delegator' }, subjects: [account] },
        // Of an account under which no Pod runs: kept, and its role is not asked for.
        {
          metadata: { name: 'other' },
          roleRef: { kind: 'ClusterRole', name: 'admin' },
          subjects: [{ ...account, name: 'other' }],
        },
      ]),
      roles: {
        'Role/reader': known({ metadata: { name: 'reader', namespace: 'kube-system' }, rules: [] }),
        'ClusterRole/delegator': known({
          metadata: { name: 'delegator' },
          rules: [{ verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'] }],
        }),
      },
      // It has no condition, so who depends on it is read too.
      groupRoles: known([
        {
          metadata: { name: 'carts' },
          rules: [{ verbs: ['get'], apiGroups: ['shop.example.com'], resources: ['carts'] }],
        },
        {
          metadata: { name: 'carts', namespace: 'team' },
          rules: [{ verbs: ['get'], apiGroups: ['', 'shop.example.com'], resources: ['carts', 'pods'] }],
        },
      ]),
      admissionWebhooks: known([
        {
          kind: 'ValidatingWebhookConfiguration',
          metadata: { name: 'carts' },
          webhooks: [
            {
              name: 'carts.shop.example.com',
              failurePolicy: 'Fail',
              clientConfig: {
                service: { namespace: 'default', name: 'kubernetes', path: '/apis/shop.example.com/v1/carts' },
              },
              rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
            },
          ],
        },
        {
          kind: 'MutatingWebhookConfiguration',
          metadata: { name: 'carts' },
          webhooks: [
            {
              name: 'carts.shop.example.com',
              failurePolicy: 'Ignore',
              clientConfig: {},
              rules: [{ operations: ['*'], apiGroups: ['shop.example.com'], resources: ['*'] }],
            },
          ],
        },
      ]),
      customResourceNames: known(['parcels.post.example.com', 'letters.post.example.com']),
      customResourceConversions: known([
        {
          metadata: { name: 'parcels.post.example.com' },
          spec: {
            conversion: { webhook: { clientConfig: { service: { namespace: 'shop', name: 'api', port: 8443 } } } },
          },
        },
      ]),
      networkPolicies: {
        shop: known([
          { metadata: { name: 'deny', namespace: 'shop' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } },
        ]),
      },
      disruptionBudgets: { shop: known([]) },
      // It has no condition, so what makes its Pods is read too.
      workloads: {
        shop: known([
          {
            kind: 'Deployment',
            metadata: { name: 'api', namespace: 'shop' },
            spec: { replicas: 0, template: { metadata: { labels: { app: 'api' } } } },
          },
          {
            kind: 'DaemonSet',
            metadata: { name: 'agent', namespace: 'shop' },
            spec: {},
            status: { desiredNumberScheduled: 2, numberReady: 1 },
          },
        ]),
      },
      resourceProbes: {
        'v1.shop.example.com': known({
          path: '/apis/shop.example.com/v1/namespaces/default/carts?limit=1',
          as: null,
          httpStatus: 403,
          message: 'carts is forbidden: User "proxy" cannot list resource "carts"',
        }),
      },
    };
    const raw: RawSnapshot = {
      apiVersion: 'kubectl-aa/v1',
      kind: 'Snapshot',
      capturedAt: '2026-11-21T10:00:00Z',
      cluster: { context: 'shop', server: null },
      facts,
    };
    const around = Object.keys(facts).filter(
      (name) => !['servedChains', 'discoveryDocuments', 'authorities'].includes(name),
    );
    const captured = await captureOf(raw, { timeoutMs: 15_000, pageItems: 2 }, around as RawFactName[]);
    expect(reproducible(captured)).toEqual(reproducible(raw));
  });

  const clusters = readdirSync(clustersFolder).filter((file) => /\.aa\.json(?:\.gz)?$/.test(file));
  it.each(clusters)('for %s', async (file) => {
    const raw = await readSnapshotFile(join(clustersFolder, file), Readable.from([]), AbortSignal.timeout(10_000));
    await expectRoundTrip(raw, { timeoutMs: 15_000, pageItems: 10 });
  });
});

describe('a snapshot file', () => {
  it('holds what was written into it, each fact in each state', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySnapshot({ timedOut: true }),
        fc.constantFrom('cluster.aa.json', 'cluster.aa.json.gz'),
        async (raw, name) => {
          const path = join(folder, name);
          writeFileSync(path, snapshotFileBytes(raw, path));
          expect(await readSnapshotFile(path, Readable.from([]), AbortSignal.timeout(10_000))).toEqual(raw);
        },
      ),
      { seed: SEED, numRuns: 100 },
    );
  });
});

describe('the generator', () => {
  it('reaches every fact in every state', () => {
    const width = Math.max(...factNames.map(({ length }) => length)) + 2;
    const row = (first: string, cells: readonly (string | number)[]): string =>
      first.padEnd(width) + cells.map((cell) => String(cell).padStart(14)).join('');
    const table = factNames.map((fact) =>
      row(
        fact,
        states.map((state) => reached.get(`${fact} ${state}`) ?? 0),
      ),
    );
    console.log(['times each fact was served in each state', row('', states), ...table].join('\n'));
    const missed = factNames
      .flatMap((fact) => states.map((state) => `${fact} ${state}`))
      .filter((cell) => !reached.has(cell));
    expect(missed).toEqual([]);
  });
});
