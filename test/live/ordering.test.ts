import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiscoveredGroup, readDiscovery } from '../../src/aggregation/discovery-document.ts';
import {
  aggregatedOrder,
  clientPreferredVersion,
  legacyOrder,
  notPlacedInAggregated,
  type OrderedGroup,
} from '../../src/aggregation/group-order.ts';
import { resolveName } from '../../src/aggregation/name-resolution.ts';
import { servedResources } from '../../src/aggregation/served-resources.ts';
import type { ApiService, Facts } from '../../src/model/facts.ts';
import { decode } from '../../src/snapshot/decode.ts';
import { captureCluster } from '../../src/sources/live/capture-cluster.ts';
import { buildServers, kubeVersions } from '../lab/build.ts';
import { type ControlPlane, startControlPlane } from '../lab/control-plane.ts';
import { deploySituations } from '../lab/deploy.ts';
import { deleteStaleNetworkNamespaces } from '../lab/network-namespace.ts';
import { readSituation } from '../lab/situation.ts';
import { type GeneratedCluster, generatedCluster, groupPriority } from './generated-groups.ts';
import { requestedObjects, runKubectl } from './kubectl.ts';

const SEED = Number(process.env['AA_SEED'] ?? 20_261_121);
const GROUPS = 120;
const ROUNDS = 4;
const CHANGES = 40;

const deploy = async (controlPlane: ControlPlane, { apiServices, customResources, routes }: GeneratedCluster) => {
  const healthy = readSituation('healthy', controlPlane.kube);
  if (!healthy) throw new Error('no situation healthy');
  const ordering = {
    ...healthy,
    name: 'ordering',
    namespace: 'ordering',
    certificates: {},
    apiServices,
    pods: { 'api-0': { backend: { serves: [], omit: ['/apis'], routes } } },
    // One half of the CRDs are there before the remote APIServices, the other half find theirs taken.
    objects: customResources.filter((_, index) => index % 2 === 0),
    createAfterwards: customResources.filter((_, index) => index % 2 === 1),
    until: {},
  };
  await deploySituations(controlPlane, [ordering], () => {});
  const local = (name: string) => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: {
      group: name.slice(name.indexOf('.') + 1),
      version: name.slice(0, name.indexOf('.')),
      groupPriorityMinimum: 1000,
      versionPriority: 15,
    },
  });
  for (const name of ['v1.nobody.example.com', 'v9.g0.example.com']) await controlPlane.api.create(local(name));
};

const patch = async ({ api }: ControlPlane, name: string, spec: object): Promise<void> => {
  const path = `/apis/apiregistration.k8s.io/v1/apiservices/${name}`;
  const answer = await api.ask('PATCH', path, { spec }, { 'content-type': 'application/merge-patch+json' });
  expect(answer.status, answer.body).toBe(200);
};

const factsOf = async ({ kubeconfigPath, network }: ControlPlane): Promise<Facts> => {
  const raw = await captureCluster({
    flags: { kubeconfig: kubeconfigPath },
    environment: { env: {}, workingDirectory: network.folder },
    clientVersion: '0.1.0',
    onStderr: () => {},
    facts: ['discoveryDocuments'],
    timeoutMs: 20_000,
    signal: AbortSignal.timeout(60_000),
    now: () => new Date(),
  });
  return decode(raw).facts;
};

const apiServicesOf = ({ apiServices }: Facts): readonly ApiService[] => {
  if (apiServices.state !== 'known') throw new Error(apiServices.detail);
  return apiServices.value;
};

const groupsOf = ({ discoveryDocuments }: Facts, name: 'legacy' | 'aggregated'): readonly DiscoveredGroup[] => {
  const document = discoveryDocuments[name];
  if (document?.state !== 'known') throw new Error(`${name}: ${document?.detail}`);
  const reading = readDiscovery(document.value);
  if (!reading.valid) throw new Error(`${name}: ${reading.problem}`);
  return reading.groups;
};

type Order = readonly { readonly group: string; readonly versions: readonly string[] }[];

const orderOf = (
  groups: readonly { readonly group: string; readonly versions: readonly { readonly version: string }[] }[],
): Order => groups.map(({ group, versions }) => ({ group, versions: versions.map(({ version }) => version) }));

/** What the APIServices do not tell is left out on both sides: it may be in the document or not. */
const comparable = (order: Order, apiServices: readonly ApiService[]): Order => {
  const unknown = notPlacedInAggregated(apiServices);
  const versionOf = new Map(apiServices.map(({ name, version }) => [name, version]));
  return order
    .filter(({ group }) => !unknown.some((each) => each.group === group && each.why === 'edited'))
    .map(({ group, versions }) => ({
      group,
      versions: versions.filter(
        (version) => !unknown.some((each) => each.group === group && versionOf.get(each.apiService) === version),
      ),
    }))
    .filter(({ versions }) => versions.length > 0);
};

interface Compared {
  readonly computed: { readonly legacy: Order; readonly aggregated: Order };
  readonly served: { readonly legacy: Order; readonly aggregated: Order };
}

const compare = (facts: Facts): Compared => {
  const apiServices = apiServicesOf(facts);
  const legacy = (groups: Order | readonly OrderedGroup[]): Order => orderOf(groups as readonly OrderedGroup[]);
  return {
    computed: {
      legacy: legacy(legacyOrder(apiServices)),
      aggregated: comparable(orderOf(aggregatedOrder(apiServices)), apiServices),
    },
    served: {
      legacy: orderOf(groupsOf(facts, 'legacy')),
      aggregated: comparable(orderOf(groupsOf(facts, 'aggregated')), apiServices),
    },
  };
};

const agrees = ({ computed, served }: Compared): boolean => JSON.stringify(computed) === JSON.stringify(served);

/** A change takes a moment to reach the documents: at most until the aggregator looks at each backend again. */
const settled = async (controlPlane: ControlPlane): Promise<Facts> => {
  const endsAt = Date.now() + 90_000;
  for (;;) {
    const facts = await factsOf(controlPlane);
    if (agrees(compare(facts)) || Date.now() > endsAt) return facts;
    await sleep(1000);
  }
};

const groupVersionOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group === '' ? version : `${group}/${version}`;

describe.each(kubeVersions)('Kubernetes %s', (kube) => {
  it('serves the groups and versions in the computed orders, and kubectl resolves names as computed', async () => {
    deleteStaleNetworkNamespaces();
    await buildServers((line) => process.stderr.write(`${line}\n`));
    const cluster = generatedCluster(SEED, GROUPS);
    expect(cluster.customResources.length).toBeGreaterThan(GROUPS / 4);
    expect(cluster.apiServices.length).toBeGreaterThan(GROUPS);
    const controlPlane = await startControlPlane(kube);
    const say = (line: string): void => {
      process.stderr.write(`${kube}: ${line}\n`);
    };
    try {
      await deploy(controlPlane, cluster);
      // A built-in one: the aggregated document goes on with what it was made with.
      await patch(controlPlane, 'v1.apps', { groupPriorityMinimum: 50 });
      let orders = 0;
      let facts = await settled(controlPlane);
      for (let round = 0; ; round += 1) {
        const compared = compare(facts);
        expect(compared.computed.legacy, `round ${round}, legacy`).toEqual(compared.served.legacy);
        expect(compared.computed.aggregated, `round ${round}, aggregated`).toEqual(compared.served.aggregated);
        expect(notPlacedInAggregated(apiServicesOf(facts))).toContainEqual({
          group: 'apps',
          apiService: 'v1.apps',
          why: 'edited',
        });
        // One of the groups in each document, and one of the versions in each group.
        orders += 2 + compared.served.legacy.length + compared.served.aggregated.length;
        if (round === ROUNDS) break;
        const changes = fc.sample(
          fc.tuple(fc.constantFrom(...cluster.apiServices), groupPriority, fc.integer({ min: 1, max: 1000 })),
          {
            seed: SEED + round,
            numRuns: CHANGES,
          },
        );
        for (const [{ name }, groupPriorityMinimum, versionPriority] of changes)
          await patch(controlPlane, name, { groupPriorityMinimum, versionPriority });
        facts = await settled(controlPlane);
      }
      const apiServices = apiServicesOf(facts);
      const remote = apiServices.filter(({ service }) => service !== null);
      say(
        `${orders} orders compared in ${ROUNDS + 1} rounds, all equal: ${groupsOf(facts, 'aggregated').length} groups, ${apiServices.length} APIServices, ` +
          `${remote.length} of them remote, ${remote.filter(({ availability }) => availability?.status !== 'True').length} not available, ${cluster.customResources.length} CRDs`,
      );

      const served = servedResources(facts);
      if (served.state !== 'known') throw new Error(served.detail);
      const { groups, resources } = served.value;
      const taken = new Map<string, string>();
      for (const { group, version, resource } of resources) {
        const key = `${resource}.${group}`;
        if (!taken.has(key)) taken.set(key, groupVersionOf({ group, version }));
      }
      const listed = await runKubectl(controlPlane, 'home-list', 'api-resources', '--no-headers');
      const lines = listed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd().split(/\s+/));
      const shown = lines.map((words): readonly [string, string] => {
        const groupVersion = words.at(-3) ?? '';
        const group = groupVersion.includes('/') ? (groupVersion.split('/')[0] ?? '') : '';
        return [`${words[0]}.${group}`, groupVersion];
      });
      expect(new Map(shown)).toEqual(taken);
      const preferred = groups.filter((group) =>
        resources.some(({ group: name, version }) => name === group.group && version === clientPreferredVersion(group)),
      );
      const shownVersions = new Set(shown.map(([, groupVersion]) => groupVersion));
      for (const group of preferred)
        expect(shownVersions).toContain(
          groupVersionOf({ group: group.group, version: clientPreferredVersion(group) ?? '' }),
        );

      const differing: string[] = [];
      for (const name of cluster.typed) {
        const ran = await runKubectl(controlPlane, 'home-get', 'get', name, '-v=6');
        const match = resolveName(resources, name);
        const expected = match ? `${groupVersionOf(match.served)} ${match.served.resource}` : null;
        const actual = requestedObjects(ran);
        if (actual !== expected) differing.push(`${name}: kubectl ${actual}, computed ${expected}`);
      }
      expect(differing).toEqual([]);
      say(
        `${taken.size} resources of kubectl api-resources in the computed version, ${preferred.length} preferred versions; ${cluster.typed.length} names resolved as kubectl get does`,
      );
    } finally {
      await controlPlane.stop();
    }
  });
});
