import type {
  ApiService,
  ClusterSnapshot,
  DiscoveryDocument,
  Endpoints,
  EndpointSlice,
  Fact,
  Facts,
  FactsByName,
  Missing,
  Namespace,
  Pod,
  ServedEndpoint,
  Service,
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
  /** Chains are DER in base64. */
  readonly servedChains?: CaseByName<{
    readonly leftOut?: number;
    readonly endpoints: readonly (Omit<Partial<ServedEndpoint>, 'chain'> & { readonly chain: readonly string[] })[];
  }>;
}

/** `json`, or `text` where it is none; status 200 unless said otherwise. */
type CaseDocument = Partial<Pick<DiscoveryDocument, 'path' | 'accept' | 'contentType' | 'etag' | 'bytes'>> & {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
};

type CaseByName<T> = Readonly<Record<string, T | { readonly missing: Missing }>>;

/** `text`, `json` or neither (an empty body). */
interface CaseAnswer {
  readonly status: number;
  readonly text?: string;
  readonly json?: unknown;
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

const byName = <Given, Value>(
  given: CaseByName<Given> | undefined,
  fill: (value: Given, name: string) => Value,
): FactsByName<Value> =>
  Object.fromEntries(
    Object.entries(given ?? {}).map(([name, value]): [string, Fact<Value>] =>
      value !== null && typeof value === 'object' && 'missing' in value
        ? [name, value.missing]
        : [name, { state: 'known', value: fill(value, name) }],
    ),
  );

const each =
  <Given, Value>(defaults: (namespace: string) => Value) =>
  (items: readonly Given[], namespace: string): readonly Value[] =>
    items.map((item) => ({ ...defaults(namespace), ...item }));

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
    apiServices: { state: 'known', value: (given.apiServices ?? []).map(apiService) },
    namespaces: byName(given.namespaces, (value, name) => value && { name, deletedAt: null, ...value }),
    services: byName(
      given.services,
      each((namespace): Service => ({
        namespace,
        name: 'backend',
        type: 'ClusterIP',
        clusterIP: '10.96.0.20',
        externalName: null,
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
        deletedAt: null,
        states: [],
        containerPorts: [],
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
    discoveryDocuments: byName(given.discoveryDocuments, ({ status, json, text, ...document }, name) => ({
      path: name.endsWith('Core') ? '/api' : '/apis',
      accept: 'application/json',
      etag: null,
      bytes: 1000,
      location: null,
      latencyMs: 12,
      contentType: name.startsWith('legacy')
        ? 'application/json'
        : 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      ...document,
      httpStatus: status ?? 200,
      body: text === undefined ? { form: 'json', value: json } : { form: 'text', text, leftOut: 0 },
    })),
    answers: byName(given.answers, ({ status, text, json, contentType, latencyMs }) => ({
      httpStatus: status,
      contentType: contentType ?? (text === undefined ? 'application/json' : 'text/plain; charset=utf-8'),
      location: null,
      latencyMs: latencyMs ?? 12,
      body:
        text !== undefined
          ? { form: 'text', text, leftOut: 0 }
          : json !== undefined
            ? { form: 'json', value: json }
            : { form: 'empty' },
    })),
  };
  return { capturedAt: CAPTURED_AT, cluster: { context: 'test', server: 'https://127.0.0.1:6443' }, facts };
};
