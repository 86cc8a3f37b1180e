import type {
  AdmissionWebhook,
  Answer,
  ApiServerPod,
  ApiService,
  Availability,
  Certificates,
  ClientCache,
  ClusterSnapshot,
  CustomResourceConversion,
  CustomResourceDefinition,
  AuthenticationConfiguration,
  Autoscaler,
  Caller,
  DisruptionBudget,
  DiscoveryDocument,
  Endpoints,
  EndpointSlice,
  Fact,
  Facts,
  FactsByName,
  GroupRole,
  IssuedCertificate,
  OpenApiDocument,
  LabelRequirements,
  Missing,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
  ResourceProbe,
  RoleBinding,
  RoleRule,
  ServedEndpoint,
  ServerClock,
  Service,
  TerminatingNamespace,
  WarningEvent,
  Workload,
} from '../src/model/facts.ts';

/** Facts as a case file gives them: only what the check reads, or `missing: {state, detail}`; the rest is filled in. */
export interface CaseFacts {
  readonly serverVersion?: string;
  readonly apiServices?: readonly Partial<ApiService>[];
  readonly namespaces?: CaseByName<Partial<Namespace> | null>;
  readonly services?: CaseByName<readonly Partial<Service>[]>;
  readonly endpointSlices?: CaseByName<readonly Partial<EndpointSlice>[]>;
  readonly endpoints?: CaseByName<readonly Partial<Endpoints>[]>;
  readonly pods?: CaseByName<readonly Partial<Pod>[]>;
  readonly answers?: CaseByName<CaseAnswer>;
  readonly discoveryDocuments?: CaseByName<CaseDocument>;
  readonly groupDocuments?: CaseByName<CaseDocument>;
  readonly localLists?: CaseByName<CaseDocument>;
  readonly openApi?: CaseFact<Partial<OpenApiDocument>>;
  readonly openApiV2?: CaseFact<Partial<OpenApiDocument>>;
  readonly backendDocuments?: CaseByName<{
    readonly groups?: CaseFact<CaseDocument>;
    readonly lists?: CaseByName<CaseDocument>;
    readonly openApiV3?: CaseFact<Partial<OpenApiDocument>>;
    readonly openApiV2?: CaseFact<Partial<OpenApiDocument>>;
  } | null>;
  /** Those whose group a remote APIService has; their names are the list, unless it is missing. */
  readonly customResources?: readonly CustomResourceDefinition[] | { readonly missing: Missing };
  readonly serverClock?: ServerClock;
  /** Certificates are DER in base64. */
  readonly secrets?: CaseByName<{
    readonly certificates?: CaseCertificates;
    readonly allowsInjection?: boolean;
  } | null>;
  readonly authorities?: CaseByName<CaseCertificates | null>;
  readonly certificates?: CaseByName<Partial<IssuedCertificate> | null>;
  readonly injectors?: CaseByName<readonly Partial<Pod>[]>;
  readonly terminatingNamespaces?: CaseFact<readonly Partial<TerminatingNamespace>[]>;
  readonly autoscalers?: CaseFact<readonly Partial<Autoscaler>[]>;
  readonly caller?: CaseFact<Caller>;
  readonly authenticationConfiguration?: CaseFact<Partial<AuthenticationConfiguration> | null>;
  readonly roleBindings?: CaseFact<readonly RoleBinding[]>;
  readonly roles?: CaseByName<readonly Partial<RoleRule>[] | null>;
  readonly groupRoles?: CaseFact<readonly GroupRole[]>;
  readonly admissionWebhooks?: CaseFact<readonly Partial<AdmissionWebhook>[]>;
  readonly customResourceConversions?: CaseFact<readonly CustomResourceConversion[]>;
  readonly networkPolicies?: CaseByName<readonly Partial<NetworkPolicy>[]>;
  readonly disruptionBudgets?: CaseByName<readonly Partial<DisruptionBudget>[]>;
  readonly workloads?: CaseByName<readonly Partial<Workload>[]>;
  readonly events?: CaseByName<readonly Partial<WarningEvent>[]>;
  /** The text of the first container's log, by `<namespace>/<pod>`. */
  readonly logs?: CaseByName<string>;
  readonly nodes?: CaseFact<readonly Partial<Node>[]>;
  readonly apiServerPods?: CaseFact<readonly ApiServerPod[]>;
  readonly resourceProbes?: CaseByName<(Omit<ResourceProbe, 'as'> & Partial<Pick<ResourceProbe, 'as'>>) | null>;
  readonly clientCache?: CaseFact<Partial<ClientCache> | null>;
  /** One kube-apiserver renews a Lease, and all samples are from it, unless said otherwise. */
  readonly samples?: CaseFact<{
    readonly kubeApiServers?: CaseFact<number>;
    readonly taken: readonly {
      readonly peer?: { readonly address: string; readonly certificate: string } | null;
      readonly availabilities?: CaseFact<Readonly<Record<string, Availability | null>>>;
      readonly document?: CaseFact<CaseDocument>;
      readonly answers?: CaseByName<CaseAnswer>;
    }[];
  }>;
  /** Chains are DER in base64. */
  readonly servedChains?: CaseByName<{
    readonly leftOut?: number;
    readonly endpoints: readonly (Omit<Partial<ServedEndpoint>, 'chain'> & { readonly chain: readonly string[] })[];
  }>;
}

const NOT_COLLECTED = { state: 'notCollected', detail: 'not part of this snapshot' } as const;

type CaseCertificates = Readonly<Record<string, readonly string[]>>;

const derOf = (certificates: CaseCertificates = {}): Certificates =>
  Object.fromEntries(
    Object.entries(certificates).map(([key, chain]) => [key, chain.map((der) => Buffer.from(der, 'base64'))]),
  );

/** `json`, or `text` where it is none; status 200 unless said otherwise. */
type CaseDocument = Partial<
  Pick<DiscoveryDocument, 'path' | 'accept' | 'contentType' | 'etag' | 'bytes' | 'latencyMs'>
> & {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
};

type CaseFact<T> = T | { readonly missing: Missing };

type CaseByName<T> = Readonly<Record<string, CaseFact<T>>>;

/** `text`, `json`, `damaged` (why) or none of them (an empty body). */
interface CaseAnswer {
  readonly status: number;
  readonly text?: string;
  readonly json?: unknown;
  readonly damaged?: string;
  readonly contentType?: string;
  readonly latencyMs?: number;
}

export interface CaseFile {
  readonly facts: CaseFacts;
  /** What the check finds, or the one verdict it gives of every APIService. */
  readonly expect: readonly Record<string, unknown>[] | 'passed' | 'notApplicable' | 'undetermined';
}

export const CAPTURED_AT = '2026-11-21T10:00:00Z';

const apiService = (given: Partial<ApiService>): ApiService => {
  const name = given.name ?? 'v1beta1.metrics.k8s.io';
  const dot = name.indexOf('.');
  return {
    name,
    version: name.slice(0, dot),
    group: name.slice(dot + 1),
    service: null,
    createdAt: '2026-11-20T10:00:00Z',
    labels: {},
    owner: null,
    fieldManager: null,
    specWriters: [],
    caBundleWriter: null,
    caInjection: null,
    insecureSkipTlsVerify: false,
    caBundle: {
      text: '',
      certificates: [
        { subject: 'CN=ca', notBefore: '2026-01-01T00:00:00Z', notAfter: '2036-01-01T00:00:00Z', isCA: true },
      ],
      problems: [],
    },
    groupPriorityMinimum: 100,
    versionPriority: 100,
    availability: { status: 'True', reason: 'Passed', message: 'all checks passed', since: '2026-11-20T10:00:01Z' },
    ...given,
  };
};

const factOf = <Given, Value>(given: CaseFact<Given> | undefined, fill: (value: Given) => Value): Fact<Value> => {
  if (given === undefined) return { state: 'notCollected', detail: 'not part of this case' };
  return given !== null && typeof given === 'object' && 'missing' in given
    ? given.missing
    : { state: 'known', value: fill(given) };
};

const byName = <Given, Value>(
  given: CaseByName<Given> | undefined,
  fill: (value: Given, name: string) => Value,
): FactsByName<Value> =>
  Object.fromEntries(
    Object.entries(given ?? {}).map(([name, value]) => [name, factOf(value, (known) => fill(known, name))]),
  );

/** `/apis/metrics.k8s.io/v1beta1` of v1beta1.metrics.k8s.io. */
const listPath = (name: string): string => name.replace(/^([^.]*)\.(.*)$/, '/apis/$2/$1');

const discoveryDocument = (
  { status, json, text, ...document }: CaseDocument,
  path: string,
  isAggregated: boolean,
): DiscoveryDocument => ({
  path,
  accept: 'application/json',
  etag: null,
  bytes: 1000,
  location: null,
  latencyMs: 12,
  contentType: isAggregated
    ? 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    : 'application/json',
  ...document,
  httpStatus: status ?? 200,
  body:
    text !== undefined
      ? { form: 'text', text, leftOut: 0 }
      : json !== undefined
        ? { form: 'json', value: json }
        : { form: 'empty' },
});

const answerOf = ({ status, text, json, damaged, contentType, latencyMs }: CaseAnswer): Answer => ({
  httpStatus: status,
  contentType: contentType ?? (text === undefined ? 'application/json' : 'text/plain; charset=utf-8'),
  location: null,
  latencyMs: latencyMs ?? 12,
  body:
    damaged !== undefined
      ? { form: 'damaged', why: damaged }
      : text !== undefined
        ? { form: 'text', text, leftOut: 0 }
        : json !== undefined
          ? { form: 'json', value: json }
          : { form: 'empty' },
});

const openApi = (path: string, document: Partial<OpenApiDocument>): OpenApiDocument => ({
  path,
  httpStatus: 200,
  latencyMs: 12,
  groupVersions: [],
  ...document,
});

const each =
  <Given, Value>(defaults: (namespace: string) => Value) =>
  (items: readonly Given[], namespace: string): readonly Value[] =>
    items.map((item) => ({ ...defaults(namespace), ...item }));

const customResourcesOf = (
  given: NonNullable<CaseFacts['customResources']>,
): Pick<Facts, 'customResourceNames' | 'customResources'> =>
  'missing' in given
    ? { customResourceNames: given.missing, customResources: {} }
    : {
        customResourceNames: { state: 'known', value: given.map(({ name }) => name) },
        customResources: Object.fromEntries(
          given.map((definition) => [definition.name, { state: 'known', value: definition }]),
        ),
      };

export const apiServicesOf = (given: readonly Partial<ApiService>[]): readonly ApiService[] => given.map(apiService);

const everything: LabelRequirements = { labels: {}, expressions: [] };

/** The snapshot that a case stands for. */
export const snapshotOf = (given: CaseFacts): ClusterSnapshot => {
  const facts: Facts = {
    serverVersion: {
      state: 'known',
      value: {
        gitVersion: given.serverVersion ?? 'v1.36.3',
        goVersion: 'go1.26.8',
        minor: Number((given.serverVersion ?? 'v1.36.3').split('.')[1]),
      },
    },
    apiServices: { state: 'known', value: apiServicesOf(given.apiServices ?? []) },
    namespaces: byName(given.namespaces, (value, name) => value && { name, deletedAt: null, ...value }),
    services: byName(
      given.services,
      each((namespace): Service => ({
        namespace,
        name: 'backend',
        type: 'ClusterIP',
        clusterIP: '10.96.0.20',
        externalName: null,
        owner: null,
        selector: { app: 'backend' },
        ports: [],
      })),
    ),
    endpointSlices: byName(
      given.endpointSlices,
      each((namespace): EndpointSlice => ({
        namespace,
        name: 'backend-1',
        serviceName: 'backend',
        ports: [],
        endpoints: [],
      })),
    ),
    endpoints: byName(
      given.endpoints,
      each((namespace): Endpoints => ({ namespace, name: 'backend', subsets: [] })),
    ),
    pods: byName(
      given.pods,
      each((namespace): Pod => ({
        namespace,
        name: 'backend-0',
        labels: { app: 'backend' },
        phase: 'Running',
        ready: true,
        createdAt: '2026-11-20T10:00:00Z',
        deletedAt: null,
        serviceAccount: 'backend',
        hostNetwork: false,
        nodeName: 'node-1',
        containers: ['server'],
        states: [],
        containerPorts: [],
        switchedOff: [],
        certificates: [],
        workload: null,
      })),
    ),
    serverClock: given.serverClock ? { state: 'known', value: given.serverClock } : NOT_COLLECTED,
    secrets: byName(
      given.secrets,
      (value) => value && { allowsInjection: value.allowsInjection ?? false, certificates: derOf(value.certificates) },
    ),
    authorities: byName(given.authorities, (value) => value && derOf(value)),
    certificates: byName(given.certificates, (value) => value && { secretName: null, notReady: null, ...value }),
    injectors: byName(
      given.injectors,
      each((): Pod => ({
        namespace: 'cert-manager',
        name: 'cert-manager-cainjector-0',
        labels: {},
        phase: 'Running',
        ready: true,
        createdAt: '2026-11-20T10:00:00Z',
        deletedAt: null,
        serviceAccount: 'cainjector',
        hostNetwork: false,
        nodeName: 'node-1',
        containers: ['cainjector'],
        states: [],
        containerPorts: [],
        switchedOff: [],
        certificates: [],
        workload: null,
      })),
    ),
    servedChains: byName(given.servedChains, ({ leftOut, endpoints }) => ({
      leftOut: leftOut ?? 0,
      endpoints: endpoints.map((endpoint, index) => ({
        address: `10.244.0.${index + 10}:8443`,
        pod: `backend-${index}`,
        tlsVersion: '1.3',
        outcome: 'completed',
        detail: '',
        ...endpoint,
        chain: endpoint.chain.map((der) => Buffer.from(der, 'base64')),
      })),
    })),
    discoveryDocuments: byName(given.discoveryDocuments, (document, name) =>
      discoveryDocument(document, name.endsWith('Core') ? '/api' : '/apis', !name.startsWith('legacy')),
    ),
    groupDocuments: byName(given.groupDocuments, (document, group) =>
      discoveryDocument(document, `/apis/${group}`, false),
    ),
    localLists: byName(given.localLists, (document, name) => discoveryDocument(document, listPath(name), false)),
    openApi: factOf(given.openApi, (document) => openApi('/openapi/v3', document)),
    openApiV2: factOf(given.openApiV2, (document) => openApi('/openapi/v2', document)),
    backendDocuments: byName(
      given.backendDocuments,
      (backend) =>
        backend && {
          address: '10.244.0.10:8443',
          pod: 'backend-0',
          groups: factOf(backend.groups, (document) => discoveryDocument(document, '/apis', true)),
          lists: byName(backend.lists, (document, name) => discoveryDocument(document, listPath(name), false)),
          openApiV3: factOf(backend.openApiV3, (document) => openApi('/openapi/v3', document)),
          openApiV2: factOf(backend.openApiV2, (document) => openApi('/openapi/v2', document)),
        },
    ),
    ...customResourcesOf(given.customResources ?? []),
    terminatingNamespaces: factOf(given.terminatingNamespaces, (items) =>
      items.map((item) => ({ name: 'stuck', deletedAt: '2026-11-21T09:00:00Z', conditions: [], ...item })),
    ),
    autoscalers: factOf(given.autoscalers, (items) =>
      items.map((item) => ({
        namespace: 'shop',
        name: 'web',
        target: null,
        owner: null,
        metrics: [],
        scalingActive: null,
        ...item,
      })),
    ),
    caller: factOf(given.caller, (value) => value),
    authenticationConfiguration: factOf(
      given.authenticationConfiguration,
      (value) => value && { clientAuthorities: null, requestHeaderAuthorities: null, allowedNames: null, ...value },
    ),
    roleBindings: factOf(given.roleBindings, (value) => value),
    roles: byName(
      given.roles,
      (rules) => rules && rules.map((rule) => ({ verbs: [], groups: [], resources: [], names: [], ...rule })),
    ),
    groupRoles: factOf(given.groupRoles, (items) => items),
    admissionWebhooks: factOf(given.admissionWebhooks, (items) =>
      items.map((item) => ({
        kind: 'ValidatingWebhookConfiguration',
        configuration: 'policy',
        name: 'policy.example.com',
        mustAnswer: true,
        rules: [],
        service: null,
        ...item,
      })),
    ),
    customResourceConversions: factOf(given.customResourceConversions, (items) => items),
    networkPolicies: byName(
      given.networkPolicies,
      each((namespace): NetworkPolicy => ({ namespace, name: 'policy', selector: everything, ingress: [] })),
    ),
    disruptionBudgets: byName(
      given.disruptionBudgets,
      each((namespace): DisruptionBudget => ({ namespace, name: 'budget', selector: everything })),
    ),
    workloads: byName(
      given.workloads,
      each((namespace): Workload => ({
        kind: 'Deployment',
        namespace,
        name: 'backend',
        owner: null,
        podLabels: { app: 'backend' },
        wanted: 1,
        ready: 1,
        createFailure: null,
      })),
    ),
    events: byName(
      given.events,
      each((): WarningEvent => ({
        kind: 'Pod',
        name: 'backend-0',
        reason: 'Unhealthy',
        message: '',
        count: 1,
        lastSeen: '2026-11-21T09:59:00Z',
      })),
    ),
    logs: byName(given.logs, (text) => [{ container: 'server', previous: false, text }]),
    nodes: factOf(given.nodes, (items) =>
      items.map((item) => ({ name: 'node-1', labels: {}, providerId: null, podRanges: [], addresses: [], ...item })),
    ),
    apiServerPods: factOf(given.apiServerPods, (value) => value),
    resourceProbes: byName(given.resourceProbes, (value) => value && { as: null, ...value }),
    clientCache: factOf(
      given.clientCache,
      (value) => value && { ageSeconds: 600, groups: [], resources: {}, ...value },
    ),
    answers: byName(given.answers, answerOf),
    samples: factOf(given.samples, ({ kubeApiServers, taken }) => ({
      kubeApiServers: factOf(kubeApiServers ?? 1, (count) => count),
      taken: taken.map((sample) => ({
        peer: { address: '127.0.0.1:6443', certificate: 'aa'.repeat(32) },
        ...sample,
        availabilities: factOf(sample.availabilities ?? {}, (value) => value),
        document: factOf(sample.document, (document) => discoveryDocument(document, '/apis', true)),
        answers: byName(sample.answers, answerOf),
      })),
    })),
  };
  return { capturedAt: CAPTURED_AT, cluster: { context: 'test', server: 'https://127.0.0.1:6443' }, facts };
};
