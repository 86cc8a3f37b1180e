import { readyAddressesInEndpoints, readyAddressesInSlices, servicePort } from '../aggregation/endpoints.ts';
import { readDiscovery } from '../aggregation/discovery-document.ts';
import { factAt } from '../aggregation/fact-at.ts';
import { type ApiServiceSample, sampleName, serversOf } from '../aggregation/samples.ts';
import { servedResources } from '../aggregation/served-resources.ts';
import type {
  AggregatedVersion,
  BackendFactName,
  BackendFacts,
  FromPod,
  RemoteApiService,
} from '../checks/define-check.ts';
import {
  type BackendDocuments,
  backendKey,
  type CustomResourceDefinition,
  type DiscoveryDocument,
  type Fact,
  type FactName,
  type Facts,
  type FactsByName,
  LAST_MINOR_WITH_ENDPOINTS,
  type Missing,
  type OpenApiDocument,
} from '../model/facts.ts';
import { injectionSource } from './injection-source.ts';
import { judgedChains, mountedChains } from './judged-chains.ts';
import { logFindings } from './log-findings.ts';
import { oncePerSnapshot } from './once-per-snapshot.ts';

/** A backend fact with the snapshot fact behind it, which a missing one names. */
type Viewed<Name extends BackendFactName> = { readonly source: FactName; readonly fact: Fact<BackendFacts[Name]> };

export type BackendView = { readonly [Name in BackendFactName]: Viewed<Name> };

const map = <A, B>(fact: Fact<A>, convert: (value: A) => B): Fact<B> =>
  fact.state === 'known' ? { state: 'known', value: convert(fact.value) } : fact;

/** All of them, or the first that is missing. */
const allOf = <T>(facts: FactsByName<T>): Fact<Readonly<Record<string, T>>> => {
  const values: Record<string, T> = {};
  for (const [name, fact] of Object.entries(facts)) {
    if (fact.state !== 'known') return fact;
    values[name] = fact.value;
  }
  return { state: 'known', value: values };
};

const readsEndpoints = ({ serverVersion }: Facts): boolean =>
  serverVersion.state === 'known' && serverVersion.value.minor <= LAST_MINOR_WITH_ENDPOINTS;

const readyAddresses = (facts: Facts, { service: ref }: RemoteApiService): Viewed<'readyAddresses'> => {
  const services = factAt(facts.services, ref.namespace);
  if (services.state !== 'known') return { source: 'services', fact: services };
  const service = services.value.find(({ name }) => name === ref.name);
  const port = service && servicePort(service, ref);
  if (!service || !port) return { source: 'services', fact: { state: 'known', value: [] } };
  return readsEndpoints(facts)
    ? {
        source: 'endpoints',
        fact: map(factAt(facts.endpoints, ref.namespace), (endpoints) =>
          readyAddressesInEndpoints(endpoints, service, port),
        ),
      }
    : {
        source: 'endpointSlices',
        fact: map(factAt(facts.endpointSlices, ref.namespace), (slices) =>
          readyAddressesInSlices(slices, service, port),
        ),
      };
};

const aggregated = (
  document: Fact<DiscoveryDocument>,
  { group, version }: RemoteApiService,
): Fact<AggregatedVersion> => {
  if (document.state !== 'known') return document;
  const reading = readDiscovery(document.value);
  if (reading.valid && reading.form === 'legacy') return { state: 'known', value: 'notOffered' };
  if (!reading.valid)
    return document.value.httpStatus === 406
      ? { state: 'known', value: 'notOffered' }
      : { state: 'unreadable', detail: `get ${document.value.path}: the answer ${reading.problem}` };
  const versions = reading.groups.find((each) => each.group === group)?.versions;
  return { state: 'known', value: versions?.find((each) => each.version === version) ?? 'absent' };
};

const openApi = (fact: Fact<OpenApiDocument>): Fact<OpenApiDocument> =>
  fact.state !== 'known' || fact.value.groupVersions !== null || fact.value.httpStatus === 404
    ? fact
    : {
        state: 'unreadable',
        detail: `get ${fact.value.path}: the answer has the HTTP status ${fact.value.httpStatus} and is no OpenAPI document`,
      };

/** One document of the backend's endpoint. */
const fromPod = (
  facts: Facts,
  { service }: RemoteApiService,
  select: (backend: BackendDocuments) => Fact<DiscoveryDocument>,
): Fact<FromPod<DiscoveryDocument> | null> => {
  const backend = factAt(facts.backendDocuments, backendKey(service));
  if (backend.state !== 'known') return backend;
  if (backend.value === null) return { state: 'known', value: null };
  const { pod, address } = backend.value;
  return map(select(backend.value), (document) => ({
    endpoint: `Pod ${service.namespace}/${pod} (${address})`,
    document,
  }));
};

const customResources = (facts: Facts, { group }: RemoteApiService): Viewed<'customResources'> => {
  const { customResourceNames: names } = facts;
  if (names.state !== 'known') return { source: 'customResourceNames', fact: names };
  const found: CustomResourceDefinition[] = [];
  for (const name of names.value.filter((each) => each.slice(each.indexOf('.') + 1) === group)) {
    const fact = factAt(facts.customResources, name);
    if (fact.state !== 'known') return { source: 'customResources', fact };
    if (fact.value) found.push(fact.value);
  }
  return { source: 'customResources', fact: { state: 'known', value: found } };
};

const samplesOf = ({ samples }: Facts, apiService: RemoteApiService): Fact<readonly ApiServiceSample[]> =>
  map(samples, ({ taken }) => {
    const servers = serversOf(taken.map(({ peer }) => peer));
    return taken.map(({ peer, availabilities, document, answers }, index): ApiServiceSample => ({
      name: sampleName(index, peer),
      server: servers[index] ?? null,
      availability: map(availabilities, (found) =>
        Object.hasOwn(found, apiService.name) ? (found[apiService.name] ?? null) : null,
      ),
      answer: factAt(answers, apiService.name),
      entry: aggregated(document, apiService),
    }));
  });

const completeSamples = (facts: Facts, samples: Fact<readonly ApiServiceSample[]>): Fact<true> => {
  if (samples.state !== 'known') return samples;
  for (const { availability, answer, entry } of samples.value)
    for (const fact of [availability, answer, entry]) if (fact.state !== 'known') return fact;
  const { kubeApiServers } = facts.samples.state === 'known' ? facts.samples.value : { kubeApiServers: facts.samples };
  if (kubeApiServers.state !== 'known') return kubeApiServers;
  // Who could not be told apart is one of the others, or the only one.
  const servers = Math.max(1, new Set(samples.value.flatMap(({ server }) => server ?? [])).size);
  return kubeApiServers.value <= servers
    ? { state: 'known', value: true }
    : {
        state: 'unreachable',
        detail: `${kubeApiServers.value} kube-apiservers renew a Lease, but the answers to ${samples.value.length} samples can be told apart as those of ${servers} only`,
      };
};

const servedOnce = oncePerSnapshot(servedResources);

/** What can be known of the backend of one APIService; its chains judged as of the capture. */
export const backendView = (facts: Facts, apiService: RemoteApiService, capturedAt: Date): BackendView => {
  const { namespace, name } = apiService.service;
  const mounted = mountedChains(facts, apiService, capturedAt);
  const { caInjection } = apiService;
  const samples = samplesOf(facts, apiService);
  return {
    serverVersion: { source: 'serverVersion', fact: facts.serverVersion },
    namespace: { source: 'namespaces', fact: factAt(facts.namespaces, namespace) },
    service: {
      source: 'services',
      fact: map(
        factAt(facts.services, namespace),
        (services) => services.find((service) => service.name === name) ?? null,
      ),
    },
    readyAddresses: readyAddresses(facts, apiService),
    pods: { source: 'pods', fact: factAt(facts.pods, namespace) },
    answer: { source: 'answers', fact: factAt(facts.answers, apiService.name) },
    servedChains: { source: 'servedChains', fact: factAt(facts.servedChains, apiService.name) },
    aggregated: {
      source: 'discoveryDocuments',
      fact: aggregated(factAt(facts.discoveryDocuments, 'aggregated'), apiService),
    },
    openApi: { source: 'openApi', fact: openApi(facts.openApi) },
    openApiV2: { source: 'openApiV2', fact: openApi(facts.openApiV2) },
    backendGroups: { source: 'backendDocuments', fact: fromPod(facts, apiService, ({ groups }) => groups) },
    backendList: {
      source: 'backendDocuments',
      fact: fromPod(facts, apiService, ({ lists }) => factAt(lists, apiService.name)),
    },
    backends: { source: 'backendDocuments', fact: { state: 'known', value: facts.backendDocuments } },
    apiServices: { source: 'apiServices', fact: facts.apiServices },
    customResources: customResources(facts, apiService),
    servedResources: { source: 'discoveryDocuments', fact: servedOnce(facts) },
    judgedChains: { source: 'servedChains', fact: judgedChains(facts, apiService, mounted, capturedAt) },
    mountedChains: { source: 'secrets', fact: mounted },
    serverClock: { source: 'serverClock', fact: facts.serverClock },
    injectionSource: { source: 'secrets', fact: injectionSource(facts, apiService) },
    injectorPods: {
      source: 'injectors',
      fact: caInjection ? factAt(facts.injectors, caInjection.by) : { state: 'known', value: null },
    },
    terminatingNamespaces: { source: 'terminatingNamespaces', fact: facts.terminatingNamespaces },
    autoscalers: { source: 'autoscalers', fact: facts.autoscalers },
    caller: { source: 'caller', fact: facts.caller },
    authenticationConfiguration: { source: 'authenticationConfiguration', fact: facts.authenticationConfiguration },
    roleBindings: { source: 'roleBindings', fact: facts.roleBindings },
    roles: { source: 'roles', fact: allOf(facts.roles) },
    groupRoles: { source: 'groupRoles', fact: facts.groupRoles },
    admissionWebhooks: { source: 'admissionWebhooks', fact: facts.admissionWebhooks },
    customResourceConversions: { source: 'customResourceConversions', fact: facts.customResourceConversions },
    networkPolicies: { source: 'networkPolicies', fact: factAt(facts.networkPolicies, namespace) },
    disruptionBudgets: { source: 'disruptionBudgets', fact: factAt(facts.disruptionBudgets, namespace) },
    workloads: { source: 'workloads', fact: factAt(facts.workloads, namespace) },
    samples: { source: 'samples', fact: samples },
    completeSamples: { source: 'samples', fact: completeSamples(facts, samples) },
    events: { source: 'events', fact: factAt(facts.events, namespace) },
    logFindings: { source: 'logs', fact: logFindings(facts, apiService) },
    systemWorkloads: { source: 'workloads', fact: factAt(facts.workloads, 'kube-system') },
    nodes: { source: 'nodes', fact: facts.nodes },
    apiServerPods: { source: 'apiServerPods', fact: facts.apiServerPods },
    resourceProbe: { source: 'resourceProbes', fact: factAt(facts.resourceProbes, apiService.name) },
  };
};

/** The first of the needed facts that is missing, with the snapshot fact it comes from. */
export const firstMissing = (
  view: BackendView,
  needs: readonly BackendFactName[],
): { readonly source: FactName; readonly missing: Missing } | null => {
  for (const need of needs) {
    const { source, fact } = view[need];
    if (fact.state !== 'known') return { source, missing: fact };
  }
  return null;
};
