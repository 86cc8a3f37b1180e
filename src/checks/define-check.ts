import type { DiscoveredVersion } from '../aggregation/discovery-document.ts';
import type { CurrentFailure } from '../aggregation/health.ts';
import type { ApiServiceSample } from '../aggregation/samples.ts';
import type { ServedResources } from '../aggregation/served-resources.ts';
import type { FindingCode, Severity } from '../model/catalogue.ts';
import type {
  AdmissionWebhook,
  Answer,
  ApiServerPod,
  ApiService,
  BackendDocuments,
  ClusterFactName,
  DiscoveryDocument,
  DiscoveryDocumentName,
  CustomResourceConversion,
  CustomResourceDefinition,
  AuthenticationConfiguration,
  Autoscaler,
  Caller,
  DisruptionBudget,
  Fact,
  Facts,
  FactsByName,
  GroupRole,
  Namespace,
  OpenApiDocument,
  NetworkPolicy,
  Node,
  Pod,
  ResourceProbe,
  RoleBinding,
  RoleRule,
  ServedChains,
  ServerClock,
  ServerVersion,
  Service,
  ServiceReference,
  TerminatingNamespace,
  WarningEvent,
  Workload,
} from '../model/facts.ts';
import type { Confidence, Evidence, Remedy, Subject } from '../model/finding.ts';
import type { JudgedChain, MountedChain } from './judged-chain.ts';

/** An APIService whose group version a Service serves. */
export type RemoteApiService = ApiService & { readonly service: ServiceReference };

export const isRemote = (apiService: ApiService): apiService is RemoteApiService => apiService.service !== null;

/** What can be known of the backend of one APIService; each known or missing for itself. */
export interface BackendFacts {
  readonly serverVersion: ServerVersion;
  /** Every APIService of the cluster. */
  readonly apiServices: readonly ApiService[];
  /** The Service's namespace; null where it does not exist. */
  readonly namespace: Namespace | null;
  /** Null where it does not exist. */
  readonly service: Service | null;
  /** Ready addresses for the port asked for, counted as this server's availability check counts them. */
  readonly readyAddresses: readonly string[];
  /** Every Pod of the Service's namespace. */
  readonly pods: readonly Pod[];
  readonly answer: Answer;
  readonly servedChains: ServedChains;
  readonly aggregated: AggregatedVersion;
  /** The API server's own; a server without OpenAPI version 3 has a status and no group versions. */
  readonly openApi: OpenApiDocument;
  /** Its document of version 2, beside one of version 3. */
  readonly openApiV2: OpenApiDocument;
  /** GET /apis of a ready endpoint; null without one. */
  readonly backendGroups: FromPod<DiscoveryDocument> | null;
  /** GET /apis/<group>/<version> of it. */
  readonly backendList: FromPod<DiscoveryDocument> | null;
  /** Of every backend of the cluster, by `backendKey`. */
  readonly backends: FactsByName<BackendDocuments | null>;
  /** The CustomResourceDefinitions of the same group. */
  readonly customResources: readonly CustomResourceDefinition[];
  /** What the aggregated documents offer of all groups. */
  readonly servedResources: ServedResources;
  /** What the endpoints present, or else what their Secrets hold, judged at the API server's clock. */
  readonly judgedChains: readonly JudgedChain[];
  /** What the Secrets hold that the ready Pods mount. */
  readonly mountedChains: readonly MountedChain[];
  readonly serverClock: ServerClock;
  readonly injectionSource: InjectionSource;
  /** The Pods of what fills CA bundles; null where nothing is asked to. */
  readonly injectorPods: readonly Pod[] | null;
  readonly terminatingNamespaces: readonly TerminatingNamespace[];
  readonly autoscalers: readonly Autoscaler[];
  readonly caller: Caller;
  readonly authenticationConfiguration: AuthenticationConfiguration | null;
  readonly roleBindings: readonly RoleBinding[];
  /** The rules of each role that those bindings name; null where the role is not there. */
  readonly roles: Readonly<Record<string, readonly RoleRule[] | null>>;
  /** Of every group of a remote APIService, as the two that follow. */
  readonly groupRoles: readonly GroupRole[];
  readonly admissionWebhooks: readonly AdmissionWebhook[];
  readonly customResourceConversions: readonly CustomResourceConversion[];
  /** Of the Service's namespace. */
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly disruptionBudgets: readonly DisruptionBudget[];
  /** Of the Service's namespace; read where the backend fails. */
  readonly workloads: readonly Workload[];
  /** Of the Service's namespace; read where no Pod of the backend is Ready. */
  readonly events: readonly WarningEvent[];
  /** What the logs of its Pods say, where they were read; the newest line of each kind. */
  readonly logFindings: readonly LogFinding[];
  /** Of kube-system; read, as nodes and kube-apiservers, where the way to a backend fails. */
  readonly systemWorkloads: readonly Workload[];
  readonly nodes: readonly Node[];
  readonly apiServerPods: readonly ApiServerPod[];
  /** Null where nothing of the group version can be listed. */
  readonly resourceProbe: ResourceProbe | null;
  /** In the order in which they were begun. */
  readonly samples: readonly ApiServiceSample[];
  /** Known where no sample lacks anything, and every kube-apiserver is among those that answered. */
  readonly completeSamples: true;
}

/** The version in the aggregated discovery document; `notOffered` where the server has no such document. */
export type AggregatedVersion = DiscoveredVersion | 'absent' | 'notOffered';

/** What an endpoint answered through port-forward to nobody in particular. */
export interface FromPod<T> {
  /** `Pod kube-system/metrics-server-0 (10.244.0.10:8443)` */
  readonly endpoint: string;
  readonly document: T;
}

/** A line of a log that is known, read as `explain` reads it. */
export interface LogFinding {
  readonly code: FindingCode;
  readonly confidence: Confidence;
  /** Why the line points there. */
  readonly why: string;
  /** `Log of Pod kube-system/metrics-server-0, container server` */
  readonly from: string;
  readonly line: string;
}

/** What a CA bundle is to be filled with. */
export interface InjectionSource {
  /** The object and key that hold it; null where that cannot be known. */
  readonly from: string | null;
  /** DER; null where it is not known. */
  readonly expected: readonly Uint8Array[] | null;
  /** What stands in the way, half a sentence. */
  readonly obstacle: string | null;
}

export type BackendFactName = keyof BackendFacts;

/** A failure as a check states it; the report adds code, name and what follows from what. */
export interface Draft {
  /** One sentence, present tense, names objects as `kind namespace/name`, ends with a full stop, no advice. */
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly remedy: Remedy;
  /** Default: certain. */
  readonly confidence?: Confidence;
  /** Where the catalogue allows two; default: its first. */
  readonly severity?: Severity;
  /** It is no less severe where discovery answers: what it is about fails all the same. */
  readonly failsDespiteAnswer?: boolean;
  /** The object to mend, where several APIServices can suffer from it: their findings become one, about this object. */
  readonly sharedCause?: Subject;
  /** What else is hit; for a shared cause the report names the APIServices itself. */
  readonly affects?: readonly Subject[];
}

/** What is known of every APIService that is judged. */
interface Known {
  readonly apiService: RemoteApiService;
  /** What fails now by the word of condition or answer; null where neither says so. */
  readonly current: CurrentFailure | null;
}

/** What the condition or the API server's own answer states, whatever else could be read. */
export interface Statements extends Known {
  readonly answer: Fact<Answer>;
}

interface Documented {
  readonly code: FindingCode;
  /** The failing state as a sentence without a full stop. */
  readonly title: string;
  /** Where the rule stands: a kube-aggregator file, an API document or an RFC. */
  readonly source: string;
  /** Why it happens and what breaks. */
  readonly explanation: string;
  /** How to see it by hand, as commands with <placeholders>. */
  readonly byHand: readonly string[];
  /** What to change, in general; a finding's own remedy holds the real names. */
  readonly remedy: string;
  /** Findings that, made for the same APIService, turn this one into their consequence; closest cause first. */
  readonly explainedBy?: readonly FindingCode[];
}

/** A check of one APIService. It sees only the facts it declares, and no clock but `capturedAt`, as the API server's had it. */
export interface Check<
  Needs extends BackendFactName = BackendFactName,
  Uses extends BackendFactName = BackendFactName,
> extends Documented {
  readonly scope: 'APIService';
  /** Without these the check is undetermined. */
  readonly needs: readonly Needs[];
  /** These sharpen it. */
  readonly uses?: readonly Uses[];
  /** Remote APIServices only unless said otherwise; elsewhere the check is not applicable. */
  readonly appliesTo?: (apiService: RemoteApiService) => boolean;
  /** One of `needs` that is read only where it is asked for: where nobody did, the check is not applicable. */
  readonly onRequest?: Needs;
  /** A finding on the condition's or the answer's word alone, where a needed fact is missing. */
  readonly stated?: (statements: Statements) => Draft | null;
  readonly run: (
    facts: Known & Pick<BackendFacts, Needs> & UsedFacts<Uses>,
    capturedAt: Date,
  ) => Draft | CannotTell<Uses> | null;
}

/** For a check that one of several facts would satisfy: none of them was there. */
export interface CannotTell<Uses extends BackendFactName = BackendFactName> {
  readonly undeterminedFor: Uses;
}

/** Facts that arrive with their state: `used.pods`. */
export interface UsedFacts<Uses extends BackendFactName> {
  readonly used: { readonly [Name in Uses]: Fact<BackendFacts[Name]> };
}

/** A check of the whole cluster. It may find several things. */
export interface ClusterCheck extends Documented {
  readonly scope: 'Cluster';
  /** Facts of the whole cluster without which the check is undetermined. */
  readonly needs: readonly ClusterFactName[];
  /** Documents without which it is. */
  readonly needsDocuments?: readonly DiscoveryDocumentName[];
  readonly run: (facts: Facts, capturedAt: Date) => readonly (Draft & { readonly subject: Subject })[];
}

/** An identity function whose only job is inference. */
export const defineCheck = <const Needs extends BackendFactName, const Uses extends BackendFactName = never>(
  check: Omit<Check<Needs, Uses>, 'scope'>,
): Check => ({ ...check, scope: 'APIService' }) as unknown as Check;

export const defineClusterCheck = (check: Omit<ClusterCheck, 'scope'>): ClusterCheck => ({
  ...check,
  scope: 'Cluster',
});

export type AnyCheck = Check | ClusterCheck;
