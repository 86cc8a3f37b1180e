import type {
  Answer,
  ApiService,
  Availability,
  BackendDocuments,
  Certificates,
  CertificateSecret,
  ClusterSnapshot,
  DiscoveryDocument,
  CustomResourceDefinition,
  Endpoints,
  EndpointSlice,
  Fact,
  FactsByName,
  IssuedCertificate,
  Namespace,
  ResourceProbe,
  Samples,
  ServerVersion,
  ServedChains,
  Service,
} from '../model/facts.ts';
import { certificatesIn } from './certificate-data.ts';
import { ALLOW_INJECTION } from './certificate-schemas.ts';
import { caBundle } from './decode-ca-bundle.ts';
import { joined, pod } from './decode-pod.ts';
import {
  admissionWebhooks,
  apiServerPod,
  authenticationConfiguration,
  autoscaler,
  customResourceConversions,
  disruptionBudget,
  groupRole,
  networkPolicy,
  node,
  roleBinding,
  roleRules,
  terminatingNamespace,
  warnings,
  workload,
} from './decode-surroundings.ts';
import { caBundleWriterOf, caInjectionOf, fieldManagerOf, ownerOf, specWritersOf } from './owner.ts';
import type {
  RawAnswer,
  RawApiService,
  RawBackendDocuments,
  RawDiscoveryDocument,
  RawCertificate,
  RawEndpointSlice,
  RawFact,
  RawFactValues,
  RawSamples,
  RawSecret,
  RawServedChains,
  RawSnapshot,
} from './raw-snapshot.ts';
import { serverMinor } from './server-minor.ts';

type RawItem<Name extends 'services' | 'endpoints'> = RawFactValues[Name][number];
type RawNamespace = NonNullable<RawFactValues['namespaces']>;
type RawCustomResource = NonNullable<RawFactValues['customResources']>;

const decodeFact = <Raw, Value>(fact: RawFact<Raw>, decodeValue: (raw: Raw) => Value): Fact<Value> =>
  fact.state === 'known' ? { state: 'known', value: decodeValue(fact.value) } : fact;

const decodeEach = <Raw, Value>(
  facts: Readonly<Record<string, RawFact<Raw>>>,
  decodeValue: (raw: Raw, name: string) => Value,
): FactsByName<Value> => byName(facts, (fact, name) => decodeFact(fact, (raw) => decodeValue(raw, name)));

/** Without a prototype: an object may be named `constructor`. */
const byName = <Raw, Value>(
  facts: Readonly<Record<string, Raw>>,
  convert: (fact: Raw, name: string) => Fact<Value>,
): FactsByName<Value> =>
  Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, convert(fact, name)])),
  ) as FactsByName<Value>;

const list =
  <Raw, Value>(decodeItem: (raw: Raw) => Value) =>
  (items: readonly Raw[]): readonly Value[] =>
    items.map(decodeItem);

const serverVersion = (raw: RawFactValues['serverVersion']): ServerVersion => ({
  gitVersion: raw.gitVersion,
  goVersion: raw.goVersion ?? null,
  minor: serverMinor(raw) ?? 0,
});

const availability = ({ status }: Pick<RawApiService, 'status'>): Availability | null => {
  const condition = status?.conditions?.find(({ type }) => type === 'Available');
  return condition
    ? {
        status: condition.status,
        reason: condition.reason ?? '',
        message: condition.message ?? '',
        since: condition.lastTransitionTime ?? null,
      }
    : null;
};

const apiService = (raw: RawApiService): ApiService => {
  const { metadata, spec } = raw;
  return {
    name: metadata.name,
    group: spec.group ?? '',
    version: spec.version ?? '',
    // The API server fills in 443 where the field is absent (apiregistration v1/defaults.go).
    service: spec.service
      ? { namespace: spec.service.namespace, name: spec.service.name, port: spec.service.port ?? 443 }
      : null,
    createdAt: metadata.creationTimestamp ?? null,
    labels: metadata.labels ?? {},
    owner: ownerOf(raw),
    fieldManager: fieldManagerOf(raw),
    specWriters: specWritersOf(raw),
    caBundleWriter: caBundleWriterOf(raw),
    caInjection: caInjectionOf(raw),
    insecureSkipTlsVerify: spec.insecureSkipTLSVerify ?? false,
    caBundle: spec.caBundle ? caBundle(spec.caBundle) : null,
    groupPriorityMinimum: spec.groupPriorityMinimum,
    versionPriority: spec.versionPriority,
    availability: availability(raw),
  };
};

const namespace = (raw: RawNamespace): Namespace => ({
  name: raw.metadata.name,
  deletedAt: raw.metadata.deletionTimestamp ?? null,
});

const service = ({ metadata, spec }: RawItem<'services'>): Service => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  type: spec.type ?? 'ClusterIP',
  clusterIP: spec.clusterIP ?? null,
  externalName: spec.externalName ?? null,
  owner: ownerOf({ metadata }),
  selector: spec.selector ?? {},
  ports: (spec.ports ?? []).map(({ name, port, targetPort }) => ({
    name: name ?? '',
    port,
    targetPort: targetPort ?? port,
  })),
});

const endpointSlice = ({ metadata, ports, endpoints: items }: RawEndpointSlice): EndpointSlice => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  serviceName: metadata.labels?.['kubernetes.io/service-name'] ?? null,
  ports: (ports ?? []).map(({ name, port }) => ({ name: name ?? '', port: port ?? null })),
  // An absent `ready` counts as ready (discovery/v1 EndpointConditions).
  endpoints: (items ?? []).map(({ addresses, conditions }) => ({ addresses, ready: conditions?.ready ?? true })),
});

const endpointsObject = ({ metadata, subsets }: RawItem<'endpoints'>): Endpoints => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  subsets: (subsets ?? []).map(({ addresses, notReadyAddresses, ports }) => ({
    ready: (addresses ?? []).map(({ ip }) => ip),
    notReady: (notReadyAddresses ?? []).map(({ ip }) => ip),
    ports: (ports ?? []).map(({ name, port }) => ({ name: name ?? '', port: port ?? null })),
  })),
});

const certificatesOf = (data: Readonly<Record<string, string>> | null | undefined): Certificates =>
  Object.fromEntries(Object.entries(data ?? {}).map(([key, pem]) => [key, certificatesIn(pem)]));

const secret = ({ metadata, data }: RawSecret): CertificateSecret => ({
  certificates: certificatesOf(
    data &&
      Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('latin1')]),
      ),
  ),
  allowsInjection: metadata.annotations?.[ALLOW_INJECTION] === 'true',
});

const issuedCertificate = ({ spec, status }: RawCertificate): IssuedCertificate => {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    secretName: spec.secretName ?? null,
    notReady:
      ready?.status === 'True' ? null : joined(ready?.status ?? 'no Ready condition', ready?.reason, ready?.message),
  };
};

// kube-apiserver authorizes before it proxies: its own refusal of the path says that the caller may not look, not how the backend is.
const refusedPath = /cannot get path "/;

const answer = <Raw extends RawAnswer>(fact: RawFact<Raw>): Fact<Omit<Raw, 'body'> & Answer> => {
  if (fact.state !== 'known') return fact;
  const { httpStatus, body } = fact.value;
  const message =
    body.form === 'json'
      ? (body.value as { message?: unknown } | null)?.message
      : body.form === 'text'
        ? body.text
        : undefined;
  if (httpStatus === 403 && typeof message === 'string' && refusedPath.test(message))
    return { state: 'forbidden', detail: `get the path itself: ${message}` };
  return {
    state: 'known',
    value: { ...fact.value, body: body.form === 'json' ? { form: 'json', value: body.value } : body },
  };
};

// A refusal in the caller's own name tells nothing of whom the backend takes callers for.
const resourceProbe = (
  fact: RawFact<RawFactValues['resourceProbes']>,
  caller: RawFact<RawFactValues['caller']>,
): Fact<ResourceProbe | null> =>
  fact.state === 'known' &&
  fact.value?.httpStatus === 403 &&
  fact.value.as === null &&
  caller.state === 'known' &&
  fact.value.message.includes(`User "${caller.value.username}" cannot `)
    ? { state: 'forbidden', detail: `get ${fact.value.path}: ${fact.value.message}` }
    : fact;

const servedChains = ({ endpoints, leftOut }: RawServedChains): ServedChains => ({
  endpoints: endpoints.map((endpoint) => ({
    ...endpoint,
    chain: endpoint.chain.map((der) => Buffer.from(der, 'base64')),
  })),
  leftOut,
});

// A backend's own refusal is what it says, and not the API server's.
const servedDocument = (raw: RawDiscoveryDocument): DiscoveryDocument => ({
  ...raw,
  body: raw.body.form === 'json' ? { form: 'json', value: raw.body.value } : raw.body,
});

const backendDocuments = ({ groups, lists, ...raw }: RawBackendDocuments): BackendDocuments => ({
  ...raw,
  groups: decodeFact(groups, servedDocument),
  lists: decodeEach(lists, servedDocument),
});

const samples = ({ kubeApiServers, taken }: RawSamples): Samples => ({
  kubeApiServers,
  taken: taken.map(({ peer, statuses, document, answers }) => ({
    peer,
    availabilities: decodeFact(statuses, (raw) =>
      Object.fromEntries(Object.entries(raw).map(([name, status]) => [name, availability({ status })])),
    ),
    document: answer(document),
    answers: byName(answers, answer),
  })),
});

const customResource = ({ metadata, spec }: RawCustomResource): CustomResourceDefinition => ({
  name: metadata.name,
  group: spec.group,
  kind: spec.names.kind,
  versions: spec.versions,
});

/** The typed facts of a snapshot; parses once, at the boundary. Never throws on what `redact` returned. */
export const decode = ({ capturedAt, cluster, facts }: RawSnapshot): ClusterSnapshot => ({
  capturedAt,
  cluster,
  facts: {
    serverVersion: decodeFact(facts.serverVersion, serverVersion),
    apiServices: decodeFact(facts.apiServices, list(apiService)),
    namespaces: decodeEach(facts.namespaces, (raw) => raw && namespace(raw)),
    services: decodeEach(facts.services, list(service)),
    endpointSlices: decodeEach(facts.endpointSlices, list(endpointSlice)),
    endpoints: decodeEach(facts.endpoints, list(endpointsObject)),
    pods: decodeEach(facts.pods, list(pod)),
    answers: byName(facts.answers, answer),
    servedChains: decodeEach(facts.servedChains, servedChains),
    discoveryDocuments: byName(facts.discoveryDocuments, answer),
    groupDocuments: byName(facts.groupDocuments, answer),
    localLists: byName(facts.localLists, answer),
    openApi: facts.openApi,
    openApiV2: facts.openApiV2,
    backendDocuments: decodeEach(facts.backendDocuments, (raw) => raw && backendDocuments(raw)),
    customResourceNames: facts.customResourceNames,
    customResources: decodeEach(facts.customResources, (raw) => raw && customResource(raw)),
    serverClock: facts.serverClock,
    secrets: decodeEach(facts.secrets, (raw) => raw && secret(raw)),
    authorities: decodeEach(facts.authorities, (raw) => raw && certificatesOf(raw.data)),
    certificates: decodeEach(facts.certificates, (raw) => raw && issuedCertificate(raw)),
    injectors: decodeEach(facts.injectors, list(pod)),
    terminatingNamespaces: decodeFact(facts.terminatingNamespaces, list(terminatingNamespace)),
    autoscalers: decodeFact(facts.autoscalers, list(autoscaler)),
    caller: facts.caller,
    authenticationConfiguration: decodeFact(
      facts.authenticationConfiguration,
      (raw) => raw && authenticationConfiguration(raw),
    ),
    roleBindings: decodeFact(facts.roleBindings, list(roleBinding)),
    roles: decodeEach(facts.roles, (raw) => raw && roleRules(raw)),
    groupRoles: decodeFact(facts.groupRoles, list(groupRole)),
    admissionWebhooks: decodeFact(facts.admissionWebhooks, admissionWebhooks),
    customResourceConversions: decodeFact(facts.customResourceConversions, customResourceConversions),
    networkPolicies: decodeEach(facts.networkPolicies, list(networkPolicy)),
    disruptionBudgets: decodeEach(facts.disruptionBudgets, list(disruptionBudget)),
    workloads: decodeEach(facts.workloads, list(workload)),
    events: decodeEach(facts.events, (items) => warnings(items)),
    logs: facts.logs,
    nodes: decodeFact(facts.nodes, list(node)),
    apiServerPods: decodeFact(facts.apiServerPods, list(apiServerPod)),
    resourceProbes: byName(facts.resourceProbes, (fact) => resourceProbe(fact, facts.caller)),
    clientCache: facts.clientCache,
    samples: decodeFact(facts.samples, samples),
  },
});
