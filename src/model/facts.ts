/** Why a fact is missing. A missing fact is never the same as an empty one. */
export interface Missing {
  readonly state: MissingState;
  /** When forbidden: verb, resource and namespace; else the reason in one line. */
  readonly detail: string;
}

export type MissingState = 'forbidden' | 'unreachable' | 'timedOut' | 'unreadable' | 'notCollected';

export type Fact<T> = { readonly state: 'known'; readonly value: T } | Missing;

/** Facts that are known or missing for each namespace, or for each APIService, by its name. */
export type FactsByName<T> = Readonly<Record<string, Fact<T>>>;

export interface Facts {
  readonly serverVersion: Fact<ServerVersion>;
  readonly apiServices: Fact<readonly ApiService[]>;
  readonly namespaces: FactsByName<Namespace | null>;
  readonly services: FactsByName<readonly Service[]>;
  readonly endpointSlices: FactsByName<readonly EndpointSlice[]>;
  /** Collected for servers up to LAST_MINOR_WITH_ENDPOINTS only, whose availability check reads them. */
  readonly endpoints: FactsByName<readonly Endpoints[]>;
  readonly pods: FactsByName<readonly Pod[]>;
  /** What the API server answered to GET /apis/<group>/<version>, by APIService. */
  readonly answers: FactsByName<Answer>;
  /** What the ready endpoints present in TLS, by APIService. */
  readonly servedChains: FactsByName<ServedChains>;
  /** The discovery documents of the whole cluster, by DiscoveryDocumentName. */
  readonly discoveryDocuments: FactsByName<DiscoveryDocument>;
  /** GET /apis/<group> of the groups that remote APIServices register, by group. */
  readonly groupDocuments: FactsByName<DiscoveryDocument>;
  /** GET /apis/<group>/<version> of local APIServices, by name; only where the aggregated document does not tell all. */
  readonly localLists: FactsByName<DiscoveryDocument>;
  /** The group versions of which the API server has an OpenAPI document: version 3, or 2 where the server has no other. */
  readonly openApi: Fact<OpenApiDocument>;
  /** Those in its one document of version 2, which may be of megabytes: read for `discovery` only. */
  readonly openApiV2: Fact<OpenApiDocument>;
  /** What the Services of remote APIServices serve themselves, by `backendKey`; null without a ready endpoint. */
  readonly backendDocuments: FactsByName<BackendDocuments | null>;
  /** The names of all CustomResourceDefinitions: `<plural>.<group>`. */
  readonly customResourceNames: Fact<readonly string[]>;
  /** Those in whose group there is a remote APIService, by their name; null where it is gone by now. */
  readonly customResources: FactsByName<CustomResourceDefinition | null>;
  readonly serverClock: Fact<ServerClock>;
  /** Secrets that a backend serves from or that a CA bundle is filled from, by `<namespace>/<name>`; null where there is none. */
  readonly secrets: FactsByName<CertificateSecret | null>;
  /** Authorities of the cluster itself, by ConfigMap of kube-system; null where there is none. */
  readonly authorities: FactsByName<Certificates | null>;
  /** cert-manager's Certificates from which CA bundles are filled, by `<namespace>/<name>`; null where there is none. */
  readonly certificates: FactsByName<IssuedCertificate | null>;
  /** The Pods of what fills CA bundles, by CaInjector. */
  readonly injectors: FactsByName<readonly Pod[]>;
  readonly terminatingNamespaces: Fact<readonly TerminatingNamespace[]>;
  readonly autoscalers: Fact<readonly Autoscaler[]>;
  /** Who the API server takes the caller for. */
  readonly caller: Fact<Caller>;
  /** ConfigMap kube-system/extension-apiserver-authentication; null where it is not there. */
  readonly authenticationConfiguration: Fact<AuthenticationConfiguration | null>;
  /** ClusterRoleBindings, and RoleBindings of kube-system, that can concern a ServiceAccount of a backend. */
  readonly roleBindings: Fact<readonly RoleBinding[]>;
  /** What those bind to, by `ClusterRole/<name>` or `Role/<name>`; null where it is not there. */
  readonly roles: FactsByName<readonly RoleRule[] | null>;
  /** Roles that name the group of a remote APIService; read, as the two that follow, where one fails or is to be deleted. */
  readonly groupRoles: Fact<readonly GroupRole[]>;
  /** Webhooks that name such a group in a rule, or are called through an APIService's Service or through the API server. */
  readonly admissionWebhooks: Fact<readonly AdmissionWebhook[]>;
  /** CustomResourceDefinitions whose conversion webhook is called that way. */
  readonly customResourceConversions: Fact<readonly CustomResourceConversion[]>;
  readonly networkPolicies: FactsByName<readonly NetworkPolicy[]>;
  readonly disruptionBudgets: FactsByName<readonly DisruptionBudget[]>;
  /** What makes the Pods, in the namespaces of backends that fail. */
  readonly workloads: FactsByName<readonly Workload[]>;
  /** Warnings about Pods and what makes them, newest first, in the namespaces where a backend has no Ready Pod. */
  readonly events: FactsByName<readonly WarningEvent[]>;
  /** Where they are asked for: the last lines of the logs of backends that fail, by `<namespace>/<pod>`. */
  readonly logs: FactsByName<readonly ContainerLog[]>;
  /** A hundred of them at most; read where the way to a backend fails, as is what follows. */
  readonly nodes: Fact<readonly Node[]>;
  /** The kube-apiservers that run as Pods of kube-system. */
  readonly apiServerPods: Fact<readonly ApiServerPod[]>;
  /** What a request for one listable resource got, by APIService; null where it has none. */
  readonly resourceProbes: FactsByName<ResourceProbe | null>;
  /** What kubectl has cached of the server's discovery where this tool runs; null where there is nothing. */
  readonly clientCache: Fact<ClientCache | null>;
  /** The same questions over several connections; read only where it was asked for (`--samples`). */
  readonly samples: Fact<Samples>;
}

export type FactName = keyof Facts;

/** The last minor whose availability check reads Endpoints; later ones read EndpointSlices, and deprecate the others. */
export const LAST_MINOR_WITH_ENDPOINTS = 33;

/** Facts that are known or missing as a whole. */
export type ClusterFactName = {
  [Name in FactName]: Facts[Name] extends Fact<unknown> ? Name : never;
}[FactName];

/** Everything a command knows: where and when it was seen, and the facts. */
export interface ClusterSnapshot {
  /** RFC 3339, UTC; the only clock a check ever sees. */
  readonly capturedAt: string;
  readonly cluster: ClusterIdentity;
  readonly facts: Facts;
}

export interface ClusterIdentity {
  readonly context: string | null;
  readonly server: string | null;
}

/** Of GET /version. */
export interface ServerVersion {
  /** `v1.36.3`, as the server says. */
  readonly gitVersion: string;
  /** `go1.26.8`, or null where the server does not say. */
  readonly goVersion: string | null;
  /** 36 for 1.36. */
  readonly minor: number;
}

/** The clock of the API server against ours, by the Date header of its answers. */
export interface ServerClock {
  /** Above 0 where the server is ahead. */
  readonly offsetSeconds: number;
  readonly uncertaintySeconds: number;
}

/** Certificates by key of the Secret or ConfigMap that holds them, DER, in their order. */
export type Certificates = Readonly<Record<string, readonly Uint8Array[]>>;

/** The certificates of a Secret; nothing else of it is kept. */
export interface CertificateSecret {
  readonly certificates: Certificates;
  /** Whether cert-manager may fill bundles from it although no Certificate made it. */
  readonly allowsInjection: boolean;
}

/** A Certificate of cert-manager.io/v1. */
export interface IssuedCertificate {
  readonly secretName: string | null;
  /** Why it is not Ready, as it says itself; null where it is. */
  readonly notReady: string | null;
}

export type CaInjector = 'cert-manager' | 'OpenShift service-ca' | 'OLM';

/** What an APIService's annotations or labels ask to be put into its CA bundle. */
export interface CaInjection {
  readonly by: CaInjector;
  /** The annotation or label, and what it says. */
  readonly mark: string;
  readonly value: string;
}

/** Who wrote something last. */
export interface Writer {
  readonly manager: string;
  readonly at: string | null;
}

/** A field manager, and what of a spec it owns. */
export interface SpecWriter extends Writer {
  /** `Apply`, which claims to keep the fields, or `Update`, which wrote them once. */
  readonly operation: string;
  readonly fields: readonly string[];
}

/** The registration of one group version (apiregistration.k8s.io/v1). */
export interface ApiService {
  /** `<version>.<group>` */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  /** Null for a local APIService: kube-apiserver itself or a CRD serves it. */
  readonly service: ServiceReference | null;
  readonly createdAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Who keeps the object, as far as labels and annotations tell: `Helm release kube-system/metrics-server`. */
  readonly owner: string | null;
  /** Who wrote the spec last. */
  readonly fieldManager: string | null;
  /** Who owns which fields of the spec. */
  readonly specWriters: readonly SpecWriter[];
  /** Who owns spec.caBundle; null where nobody does. */
  readonly caBundleWriter: Writer | null;
  /** What should fill the CA bundle; null where nothing is asked to. */
  readonly caInjection: CaInjection | null;
  readonly insecureSkipTlsVerify: boolean;
  /** Null where the field is empty. */
  readonly caBundle: CaBundle | null;
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
  /** The Available condition; null before the first verdict. */
  readonly availability: Availability | null;
}

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** As kube-aggregator tells the servers behind APIServices apart (handler_discovery.go, newServiceKey). */
export const backendKey = ({ namespace, name, port }: ServiceReference): string => `${namespace}/${name}:${port}`;

/** spec.caBundle as Go's PEM loop sees it. */
export interface CaBundle {
  /** Decoded, a character for each byte. */
  readonly text: string;
  readonly certificates: readonly BundleCertificate[];
  /** What Go skips or refuses, one sentence each. */
  readonly problems: readonly string[];
}

export interface BundleCertificate {
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whether its basic constraints make it an authority; Go trusts it in a bundle either way. */
  readonly isCA: boolean;
}

export interface Availability {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** lastTransitionTime: changes with `status` only, not with reason or message. */
  readonly since: string | null;
}

export interface Namespace {
  readonly name: string;
  /** Set while the namespace is being deleted. */
  readonly deletedAt: string | null;
}

export interface TerminatingNamespace extends Namespace {
  /** What keeps it: the conditions that say that something is left to do. */
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string | null;
}

export interface Autoscaler {
  readonly namespace: string;
  readonly name: string;
  /** What it scales; null where it does not say. */
  readonly target: { readonly kind: string; readonly name: string } | null;
  /** Who keeps it, as for an APIService: `ScaledObject api` of KEDA. */
  readonly owner: string | null;
  readonly metrics: readonly AutoscalerMetric[];
  /** Its condition ScalingActive; null before its first round. */
  readonly scalingActive: Condition | null;
}

export interface AutoscalerMetric {
  /** The group it is asked of: `metrics.k8s.io`, `custom.metrics.k8s.io` or `external.metrics.k8s.io`. */
  readonly group: string;
  readonly name: string;
}

export interface Caller {
  readonly username: string;
  readonly groups: readonly string[];
}

export interface AuthenticationConfiguration {
  /** Null where the key is absent. */
  readonly clientAuthorities: readonly Authority[] | null;
  readonly requestHeaderAuthorities: readonly Authority[] | null;
  /** Empty: any name. Null where the key is absent or no list of strings. */
  readonly allowedNames: readonly string[] | null;
}

export interface Authority {
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sha256: string;
  /** SHA-256 of the public key: the same key in a renewed certificate is the same authority. */
  readonly subjectKeyId: string | null;
}

export interface RoleBinding {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  readonly name: string;
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly namespace: string | null; readonly name: string }[];
}

export interface RoleRule {
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: every object. */
  readonly names: readonly string[];
}

/** A role with those of its rules that name the group of a remote APIService. */
export interface GroupRole {
  readonly kind: 'ClusterRole' | 'Role';
  readonly namespace: string | null;
  readonly name: string;
  readonly rules: readonly RoleRule[];
}

/** One webhook of a configuration. */
export interface AdmissionWebhook {
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration';
  readonly configuration: string;
  readonly name: string;
  /** Whether what it should see is refused where it cannot be asked. */
  readonly mustAnswer: boolean;
  readonly rules: readonly WebhookRule[];
  /** Null where it is called by its URL. */
  readonly service: WebhookService | null;
}

export interface WebhookRule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
}

/** Where kube-apiserver calls a webhook. */
export interface WebhookService extends ServiceReference {
  /** Begins with a slash; empty where none is given. */
  readonly path: string;
}

export interface CustomResourceConversion {
  /** `<plural>.<group>` */
  readonly name: string;
  readonly service: WebhookService;
}

export interface LabelRequirements {
  readonly labels: Readonly<Record<string, string>>;
  readonly expressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

export interface NetworkPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly selector: LabelRequirements;
  /** Null where it does not restrict what comes in. */
  readonly ingress: readonly IngressRule[] | null;
}

export interface IngressRule {
  /** Empty: from everywhere. */
  readonly from: readonly {
    readonly cidr: string | null;
    readonly except: readonly string[];
    /** Null where the peer is named by address. */
    readonly pods: LabelRequirements | null;
    readonly namespaces: LabelRequirements | null;
  }[];
  /** Empty: every port. */
  readonly ports: readonly {
    readonly port: number | string | null;
    readonly endPort: number | null;
    readonly protocol: string;
  }[];
}

export interface DisruptionBudget {
  readonly namespace: string;
  readonly name: string;
  /** Null selects nothing. */
  readonly selector: LabelRequirements | null;
}

/** The answer to a list of one object; `message` is empty on success. */
export interface ResourceProbe {
  readonly path: string;
  /** The user in whose name it was asked; null where that is the caller. */
  readonly as: string | null;
  readonly httpStatus: number;
  readonly message: string;
}

/** kubectl's discovery cache for one server (client-go discovery/cached/disk). */
export interface ClientCache {
  /** Since servergroups.json was written. */
  readonly ageSeconds: number;
  readonly groups: readonly {
    /** Empty for the core group. */
    readonly group: string;
    readonly preferredVersion: string | null;
    readonly versions: readonly string[];
  }[];
  /** How many serverresources.json lists, by remote APIService; null where there is no such file. */
  readonly resources: Readonly<Record<string, number | null>>;
}

/** What kube-apiserver answers over connections of their own, each of which a balancer may lead to another replica. */
export interface Samples {
  /** How many kube-apiservers renew a Lease of their own (1.26 and later). */
  readonly kubeApiServers: Fact<number>;
  readonly taken: readonly Sample[];
}

export interface Sample {
  /** Null where nothing told who answered. */
  readonly peer: { readonly address: string; /** SHA-256, in hexadecimal. */ readonly certificate: string } | null;
  /** The conditions of the remote APIServices, by name. */
  readonly availabilities: Fact<Readonly<Record<string, Availability | null>>>;
  /** GET /apis with the groups of the remote APIServices only, aggregated where the server offers that. */
  readonly document: Fact<DiscoveryDocument>;
  /** GET /apis/<group>/<version>, by APIService. */
  readonly answers: FactsByName<Answer>;
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly clusterIP: string | null;
  readonly externalName: string | null;
  /** Who keeps the object, as for an APIService. */
  readonly owner: string | null;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
}

export interface ServicePort {
  /** Empty for the only port of a Service that names none. */
  readonly name: string;
  readonly port: number;
  /** A number, or the name of a container port. */
  readonly targetPort: number | string;
}

/** A slice as the availability check of 1.34 and later reads it. */
export interface EndpointSlice {
  readonly namespace: string;
  readonly name: string;
  /** Label kubernetes.io/service-name; without it the aggregator does not see the slice. */
  readonly serviceName: string | null;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly { readonly addresses: readonly string[]; readonly ready: boolean }[];
}

export interface EndpointPort {
  readonly name: string;
  readonly port: number | null;
}

export interface Endpoints {
  readonly namespace: string;
  readonly name: string;
  readonly subsets: readonly {
    readonly ready: readonly string[];
    readonly notReady: readonly string[];
    readonly ports: readonly EndpointPort[];
  }[];
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  readonly ready: boolean;
  readonly createdAt: string | null;
  readonly deletedAt: string | null;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  readonly nodeName: string | null;
  readonly containers: readonly string[];
  /** Why it is not Ready, in the words of its status, closest cause first. */
  readonly states: readonly Evidence[];
  readonly containerPorts: readonly { readonly name: string | null; readonly port: number }[];
  /** What its containers are told not to do, of featureSwitches. */
  readonly switchedOff: readonly SwitchedOff[];
  /** What it may serve from. */
  readonly certificates: readonly MountedCertificate[];
  /** What `kubectl rollout restart` restarts it by; null where it has no such owner. */
  readonly workload: { readonly kind: string; readonly name: string } | null;
}

/** A switch whose value is `false`, by the name that the table has. */
export interface SwitchedOff {
  readonly name: string;
  /** Field path below the Pod, and what stands there. */
  readonly from: string;
  readonly value: string;
}

/** A Deployment, StatefulSet or DaemonSet. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Pods that should run; of a DaemonSet the nodes that should run one. */
  readonly wanted: number;
  readonly ready: number;
  /** Who keeps the object, as for an APIService. */
  readonly owner: string | null;
  /** Why no Pod can be made, in its own words; null where it says nothing. */
  readonly createFailure: string | null;
}

/** An event of type Warning. */
export interface WarningEvent {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** RFC 3339; empty where it does not say. */
  readonly lastSeen: string;
}

/** The last lines of a container's log. */
export interface ContainerLog {
  readonly container: string;
  /** Of its run before. */
  readonly previous: boolean;
  readonly text: string;
}

export interface Node {
  readonly name: string;
  /** Those by which a provider marks its nodes. */
  readonly labels: Readonly<Record<string, string>>;
  /** `gce://project/zone/instance`; null where no cloud provider wrote it. */
  readonly providerId: string | null;
  readonly podRanges: readonly string[];
  /** Its addresses in the node network. */
  readonly addresses: readonly string[];
}

export interface ApiServerPod {
  readonly name: string;
  /** HTTPS_PROXY, NO_PROXY and the like, by name as written. */
  readonly proxyVariables: Readonly<Record<string, string>>;
}

/** A certificate that a Pod mounts. */
export interface MountedCertificate {
  /** Name of the Secret, in the Pod's namespace. */
  readonly secret: string;
  readonly key: string;
  /** Whether the command line says that it is served; else it is only mounted. */
  readonly told: boolean;
}

interface Evidence {
  /** Field path below the Pod, as kubectl shows it. */
  readonly from: string;
  readonly value: string;
}

export interface CustomResourceDefinition {
  /** `<plural>.<group>` */
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/** What a TLS handshake with each ready endpoint showed. */
export interface ServedChains {
  readonly endpoints: readonly ServedEndpoint[];
  /** Ready endpoints beyond the number that is looked at. */
  readonly leftOut: number;
}

export interface ServedEndpoint {
  /** `10.244.0.10:8443` */
  readonly address: string;
  /** Null for an endpoint that is no Pod: port-forward does not lead there. */
  readonly pod: string | null;
  /** DER, byte for byte and in order; empty where none was presented. */
  readonly chain: readonly Uint8Array[];
  readonly tlsVersion: string | null;
  /** How the handshake ended: `completed`, `alert`, `notTls`, `timedOut` …; `notReached` where there was none. */
  readonly outcome: string;
  /** One line for a person. */
  readonly detail: string;
}

/** The API server's answer to one GET, as received but for redaction and bounds. */
export interface Answer {
  readonly httpStatus: number;
  readonly contentType: string | null;
  readonly location: string | null;
  readonly latencyMs: number;
  readonly body: AnswerBody;
}

/**
 * `legacy` is GET /apis, `legacyCore` GET /api. `aggregated` and `aggregatedCore` are the same paths, asked for as aggregated
 * discovery (v2, else v2beta1); `aggregatedNoPeer` is /apis without what other kube-apiservers would add.
 */
export type DiscoveryDocumentName = 'legacy' | 'legacyCore' | 'aggregated' | 'aggregatedCore' | 'aggregatedNoPeer';

/** An answer with what it was asked by. */
export interface DiscoveryDocument extends Answer {
  readonly path: string;
  readonly accept: string;
  readonly etag: string | null;
  /** Null where the body was larger than is read. */
  readonly bytes: number | null;
}

/** GET /openapi/v3 or /openapi/v2, of the API server or of a backend. */
export interface OpenApiDocument {
  readonly path: string;
  readonly httpStatus: number;
  readonly latencyMs: number;
  /** `<group>/<version>` of every path below /apis; null where the answer is no such document. */
  readonly groupVersions: readonly string[] | null;
}

/**
 * What one ready endpoint answers to anonymous requests through port-forward. A backend that refuses them is in order: the
 * aggregator asks with an identity that nobody else has.
 */
export interface BackendDocuments {
  /** `10.244.0.10:8443` */
  readonly address: string;
  readonly pod: string;
  /** GET /apis, asked for as aggregated discovery. */
  readonly groups: Fact<DiscoveryDocument>;
  /** GET /apis/<group>/<version>, by APIService. */
  readonly lists: FactsByName<DiscoveryDocument>;
  readonly openApiV3: Fact<OpenApiDocument>;
  readonly openApiV2: Fact<OpenApiDocument>;
}

export type AnswerBody =
  | { readonly form: 'empty' }
  | { readonly form: 'json'; readonly value: unknown }
  /** `leftOut` characters follow the text. */
  | { readonly form: 'text'; readonly text: string; readonly leftOut: number }
  /** Larger than the tool reads (`limitBytes`) or more nested or numerous than it parses. */
  | { readonly form: 'tooLarge'; readonly why: string }
  /** The head of the answer came, and no body that fits it. */
  | { readonly form: 'damaged'; readonly why: string };
