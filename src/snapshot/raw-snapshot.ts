import * as v from 'valibot';

import { authorityConfigMap, certificateSecret, issuedCertificate, serverClock } from './certificate-schemas.ts';
import { apiService, endpoints, endpointSlice, namespace, pod, service } from './raw-backends.ts';
import { condition, nullable, record, text } from './raw-parts.ts';
import { apiServerPod, node, nodePage } from './raw-control-plane.ts';
import { containerLog, event, eventPage, workload } from './raw-workloads.ts';
import {
  authenticationConfiguration,
  autoscaler,
  caller,
  customResourceConversion,
  customResourceMetadata,
  disruptionBudget,
  groupRole,
  networkPolicy,
  resourceProbe,
  role,
  roleBinding,
  webhookConfiguration,
} from './raw-surroundings.ts';

const customResourceDefinition = v.object({
  metadata: v.object({ name: text }),
  spec: v.object({
    group: text,
    names: v.object({ kind: text }),
    versions: v.array(v.object({ name: text, served: v.boolean() })),
  }),
});

const serverVersion = v.object({
  gitVersion: text,
  goVersion: nullable(text),
  major: nullable(text),
  minor: nullable(text),
});

const answer = v.object({
  httpStatus: v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599)),
  contentType: v.nullable(text),
  location: v.nullable(text),
  latencyMs: v.number(),
  body: v.variant('form', [
    v.object({ form: v.literal('empty') }),
    v.object({ form: v.literal('json'), value: v.unknown() }),
    v.object({ form: v.literal('text'), text, leftOut: v.number() }),
    v.object({ form: v.literal('tooLarge'), why: text }),
    v.object({ form: v.literal('damaged'), why: text }),
  ]),
});

const discoveryDocument = v.object({
  ...answer.entries,
  path: text,
  accept: text,
  etag: v.nullable(text),
  /** Null where the body was larger than is read. */
  bytes: v.nullable(v.number()),
});

const openApi = v.object({
  path: text,
  httpStatus: answer.entries.httpStatus,
  latencyMs: v.number(),
  groupVersions: v.nullable(v.array(text)),
});

const servedChains = v.object({
  endpoints: v.array(
    v.object({
      address: text,
      pod: v.nullable(text),
      /** DER in base64, in the order of the TLS Certificate message. */
      chain: v.array(text),
      tlsVersion: v.nullable(text),
      outcome: text,
      detail: text,
    }),
  ),
  leftOut: v.number(),
});

const clientCache = v.object({
  ageSeconds: v.number(),
  groups: v.array(v.object({ group: text, preferredVersion: v.nullable(text), versions: v.array(text) })),
  resources: record(v.nullable(v.number())),
});

const missing = v.object({
  state: v.picklist(['forbidden', 'unreachable', 'timedOut', 'unreadable', 'notCollected']),
  detail: text,
});

const fact = <T extends v.GenericSchema>(value: T) =>
  v.variant('state', [v.object({ state: v.literal('known'), value }), missing]);

const byName = <T extends v.GenericSchema>(value: T) => record(fact(value));

const NOT_IN_SNAPSHOT = { state: 'notCollected', detail: 'not part of this snapshot' } as const;

const backendDocuments = v.object({
  address: text,
  pod: text,
  groups: fact(discoveryDocument),
  lists: byName(discoveryDocument),
  openApiV3: fact(openApi),
  openApiV2: fact(openApi),
});

const sample = v.object({
  /** The certificate as SHA-256 in hexadecimal. */
  peer: v.nullable(v.object({ address: text, certificate: text })),
  /** `status` of the APIServices asked about, by name. */
  statuses: fact(record(v.object({ conditions: v.array(condition) }))),
  /** GET /apis, as the server gives it to a client of today, with the groups asked about only. */
  document: fact(discoveryDocument),
  answers: byName(answer),
});

const samples = v.object({
  /** Those that renew a Lease. */
  kubeApiServers: fact(v.number()),
  taken: v.array(sample),
});

/** What is read beside the version and the APIServices without a port-forward. */
export const backendFacts = [
  'answers',
  'namespaces',
  'services',
  'endpointSlices',
  'endpoints',
  'pods',
  'discoveryDocuments',
  'localLists',
  'openApi',
  'customResourceNames',
  'customResources',
  'serverClock',
  'secrets',
  'authorities',
  'certificates',
  'injectors',
  'terminatingNamespaces',
  'autoscalers',
  'caller',
  'authenticationConfiguration',
  'roleBindings',
  'roles',
  'groupRoles',
  'admissionWebhooks',
  'customResourceConversions',
  'networkPolicies',
  'disruptionBudgets',
  'workloads',
  'events',
  'nodes',
  'apiServerPods',
  'clientCache',
] as const satisfies readonly RawFactName[];

/** What the certificates of backends are judged by. */
export const certificateFacts = [
  'answers',
  'services',
  'endpointSlices',
  'pods',
  'serverClock',
  'secrets',
  'authorities',
  'authenticationConfiguration',
  'servedChains',
] as const satisfies readonly RawFactName[];

/** What `discovery` compares, but for what backends say themselves. */
export const discoveryFacts = [
  'discoveryDocuments',
  'groupDocuments',
  'answers',
  'localLists',
  'openApi',
  'openApiV2',
  'clientCache',
] as const satisfies readonly RawFactName[];

/** What is read of backends through port-forward. */
export const portForwardFacts = ['servedChains', 'backendDocuments'] as const satisfies readonly RawFactName[];

/** The Kubernetes objects that are captured, by the fact that holds them. */
export const objectSchemas = {
  serverVersion,
  apiServices: apiService,
  namespaces: namespace,
  services: service,
  endpointSlices: endpointSlice,
  endpoints,
  pods: pod,
  customResourceNames: customResourceMetadata,
  customResources: customResourceDefinition,
  secrets: certificateSecret,
  authorities: authorityConfigMap,
  certificates: issuedCertificate,
  terminatingNamespaces: namespace,
  autoscalers: autoscaler,
  authenticationConfiguration,
  roleBindings: roleBinding,
  roles: role,
  groupRoles: groupRole,
  admissionWebhooks: webhookConfiguration,
  customResourceConversions: customResourceConversion,
  networkPolicies: networkPolicy,
  disruptionBudgets: disruptionBudget,
  workloads: workload,
  events: eventPage,
  nodes: nodePage,
  apiServerPods: apiServerPod,
};

/**
 * The versioned wire format of a snapshot: what `kubectl aa snapshot` writes and `--from` reads. Redacted. Each fact is known
 * or names why it is missing; namespaced facts by namespace, answers by APIService.
 */
export const rawSnapshotSchema = v.object({
  apiVersion: v.literal('kubectl-aa/v1'),
  kind: v.literal('Snapshot'),
  capturedAt: v.pipe(text, v.isoTimestamp()),
  cluster: v.object({ context: v.nullable(text), server: v.nullable(text) }),
  facts: v.object({
    serverVersion: fact(serverVersion),
    apiServices: fact(v.array(apiService)),
    namespaces: byName(v.nullable(namespace)),
    services: byName(v.array(service)),
    endpointSlices: byName(v.array(endpointSlice)),
    endpoints: byName(v.array(endpoints)),
    pods: byName(v.array(pod)),
    answers: byName(answer),
    // What follows is not in the first snapshots of 0.1.0.
    servedChains: v.optional(byName(servedChains), {}),
    discoveryDocuments: v.optional(byName(discoveryDocument), {}),
    groupDocuments: v.optional(byName(discoveryDocument), {}),
    localLists: v.optional(byName(discoveryDocument), {}),
    openApi: v.optional(fact(openApi), NOT_IN_SNAPSHOT),
    openApiV2: v.optional(fact(openApi), NOT_IN_SNAPSHOT),
    backendDocuments: v.optional(byName(v.nullable(backendDocuments)), {}),
    customResourceNames: v.optional(fact(v.array(text)), NOT_IN_SNAPSHOT),
    customResources: v.optional(byName(v.nullable(customResourceDefinition)), {}),
    serverClock: v.optional(fact(serverClock), NOT_IN_SNAPSHOT),
    secrets: v.optional(byName(v.nullable(certificateSecret)), {}),
    authorities: v.optional(byName(v.nullable(authorityConfigMap)), {}),
    certificates: v.optional(byName(v.nullable(issuedCertificate)), {}),
    injectors: v.optional(byName(v.array(pod)), {}),
    terminatingNamespaces: v.optional(fact(v.array(namespace)), NOT_IN_SNAPSHOT),
    autoscalers: v.optional(fact(v.array(autoscaler)), NOT_IN_SNAPSHOT),
    caller: v.optional(fact(caller), NOT_IN_SNAPSHOT),
    authenticationConfiguration: v.optional(fact(v.nullable(authenticationConfiguration)), NOT_IN_SNAPSHOT),
    roleBindings: v.optional(fact(v.array(roleBinding)), NOT_IN_SNAPSHOT),
    roles: v.optional(byName(v.nullable(role)), {}),
    groupRoles: v.optional(fact(v.array(groupRole)), NOT_IN_SNAPSHOT),
    admissionWebhooks: v.optional(fact(v.array(webhookConfiguration)), NOT_IN_SNAPSHOT),
    customResourceConversions: v.optional(fact(v.array(customResourceConversion)), NOT_IN_SNAPSHOT),
    networkPolicies: v.optional(byName(v.array(networkPolicy)), {}),
    disruptionBudgets: v.optional(byName(v.array(disruptionBudget)), {}),
    workloads: v.optional(byName(v.array(workload)), {}),
    events: v.optional(byName(v.array(event)), {}),
    logs: v.optional(byName(v.array(containerLog)), {}),
    nodes: v.optional(fact(v.array(node)), NOT_IN_SNAPSHOT),
    apiServerPods: v.optional(fact(v.array(apiServerPod)), NOT_IN_SNAPSHOT),
    resourceProbes: v.optional(byName(v.nullable(resourceProbe)), {}),
    clientCache: v.optional(fact(v.nullable(clientCache)), NOT_IN_SNAPSHOT),
    samples: v.optional(fact(samples), NOT_IN_SNAPSHOT),
  }),
});

export type RawSnapshot = v.InferOutput<typeof rawSnapshotSchema>;
export type RawFacts = RawSnapshot['facts'];
export type RawFactName = keyof RawFacts;
export type RawFact<T> = { state: 'known'; value: T } | v.InferOutput<typeof missing>;
/** The value of a fact that is read once, or of one entry of a fact that is read for each namespace or APIService. */
export interface RawFactValues {
  serverVersion: v.InferOutput<typeof serverVersion>;
  apiServices: RawApiService[];
  namespaces: v.InferOutput<typeof namespace> | null;
  services: v.InferOutput<typeof service>[];
  endpointSlices: RawEndpointSlice[];
  endpoints: v.InferOutput<typeof endpoints>[];
  pods: RawPod[];
  answers: RawAnswer;
  servedChains: RawServedChains;
  discoveryDocuments: RawDiscoveryDocument;
  groupDocuments: RawDiscoveryDocument;
  localLists: RawDiscoveryDocument;
  openApi: RawOpenApiDocument;
  openApiV2: RawOpenApiDocument;
  backendDocuments: RawBackendDocuments | null;
  customResourceNames: string[];
  customResources: v.InferOutput<typeof customResourceDefinition> | null;
  serverClock: v.InferOutput<typeof serverClock>;
  secrets: RawSecret | null;
  authorities: v.InferOutput<typeof authorityConfigMap> | null;
  certificates: RawCertificate | null;
  injectors: RawPod[];
  terminatingNamespaces: v.InferOutput<typeof namespace>[];
  autoscalers: RawAutoscaler[];
  caller: v.InferOutput<typeof caller>;
  authenticationConfiguration: RawAuthenticationConfiguration | null;
  roleBindings: RawRoleBinding[];
  roles: RawRole | null;
  groupRoles: RawGroupRole[];
  admissionWebhooks: RawWebhookConfiguration[];
  customResourceConversions: RawCustomResourceConversion[];
  networkPolicies: RawNetworkPolicy[];
  disruptionBudgets: RawDisruptionBudget[];
  workloads: RawWorkload[];
  events: RawEvent[];
  logs: RawContainerLog[];
  nodes: RawNode[];
  apiServerPods: RawApiServerPod[];
  resourceProbes: v.InferOutput<typeof resourceProbe> | null;
  clientCache: v.InferOutput<typeof clientCache> | null;
  samples: RawSamples;
}
export type RawMissing = v.InferOutput<typeof missing>;
export type RawApiService = v.InferOutput<typeof apiService>;
export type RawAnswer = v.InferOutput<typeof answer>;
export type RawDiscoveryDocument = v.InferOutput<typeof discoveryDocument>;
export type RawOpenApiDocument = v.InferOutput<typeof openApi>;
export type RawBackendDocuments = v.InferOutput<typeof backendDocuments>;
export type RawSample = v.InferOutput<typeof sample>;
export type RawSamples = v.InferOutput<typeof samples>;
export type RawServedChains = v.InferOutput<typeof servedChains>;
export type RawSecret = v.InferOutput<typeof certificateSecret>;
export type RawCertificate = v.InferOutput<typeof issuedCertificate>;
export type RawPod = v.InferOutput<typeof pod>;
export type RawEndpointSlice = v.InferOutput<typeof endpointSlice>;
export type RawAutoscaler = v.InferOutput<typeof autoscaler>;
export type RawAuthenticationConfiguration = v.InferOutput<typeof authenticationConfiguration>;
export type RawRoleBinding = v.InferOutput<typeof roleBinding>;
export type RawRole = v.InferOutput<typeof role>;
export type RawGroupRole = v.InferOutput<typeof groupRole>;
export type RawWebhookConfiguration = v.InferOutput<typeof webhookConfiguration>;
export type RawCustomResourceConversion = v.InferOutput<typeof customResourceConversion>;
export type RawNetworkPolicy = v.InferOutput<typeof networkPolicy>;
export type RawDisruptionBudget = v.InferOutput<typeof disruptionBudget>;
export type RawWorkload = v.InferOutput<typeof workload>;
export type RawEvent = v.InferOutput<typeof event>;
export type RawContainerLog = v.InferOutput<typeof containerLog>;
export type RawNode = v.InferOutput<typeof node>;
export type RawApiServerPod = v.InferOutput<typeof apiServerPod>;
