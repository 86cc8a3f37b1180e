import type { FindingCode, Severity } from './catalogue.ts';
import type { MissingState } from './facts.ts';
import type { Confidence, Finding, Subject } from './finding.ts';

export type Verdict = 'ok' | 'degraded' | 'broken' | 'unknown';

/** Something that could not be checked: which finding could be neither made nor excluded, and why. */
export interface Undetermined {
  readonly code: FindingCode;
  readonly subject: Subject;
  /** The fact that is missing. */
  readonly needs: string;
  readonly state: MissingState | 'crashed';
  readonly detail: string;
}

export interface PassedCheck {
  readonly code: FindingCode;
  readonly name: string;
  /** For how many APIServices it passed; 1 for a check of the whole cluster. */
  readonly count: number;
}

interface Document<Kind extends string> {
  readonly apiVersion: 'kubectl-aa/v1';
  readonly kind: Kind;
  readonly capturedAt: string;
}

export interface ClusterSummary {
  readonly context: string | null;
  readonly server: string | null;
  readonly version: string | null;
}

export interface DoctorReport extends Document<'DoctorReport'> {
  readonly cluster: ClusterSummary;
  readonly summary: {
    /** Local ones included. */
    readonly apiServices: number;
    readonly remote: number;
    readonly errors: number;
    readonly warnings: number;
    readonly infos: number;
    readonly undetermined: number;
    /** Verdicts that are not failures: one for each check and APIService. */
    readonly passed: number;
    readonly notApplicable: number;
    /** Findings left out by --skip. */
    readonly skipped: number;
  };
  /** Failures only; root causes before their consequences. */
  readonly findings: readonly Finding[];
  readonly undetermined: readonly Undetermined[];
  /** With --show-passed only. */
  readonly passed?: readonly PassedCheck[];
  /** With --before-delete only. */
  readonly deletion?: Deletion;
}

/** Whether an APIService may be deleted. */
export interface Deletion {
  readonly apiService: string;
  /** safe: proven to be left behind; harmful: something needs it; pointless: it is made again at once. */
  readonly verdict: 'safe' | 'harmful' | 'pointless' | 'unknown';
  readonly why: string;
  /** What the deletion breaks, one sentence part each. */
  readonly breaks: readonly string[];
  /** What would name the group or call it and find nothing there, one sentence part each; also what of it could not be read. */
  readonly leaves: readonly string[];
  /** What goes on by itself afterwards. */
  readonly recovers: readonly string[];
  /** Who makes it again, as a sentence. */
  readonly comesBack: string | null;
  /** In this order. */
  readonly steps: readonly { readonly text: string; readonly commands: readonly string[] }[];
}

/** Places among all groups of a document, or among the versions of a group there, from 1; null where it is not in the document or that is not known. */
export interface Ranks {
  /** As the APIServices alone ask for it. */
  readonly expectedLegacy: number | null;
  readonly legacy: number | null;
  readonly expectedAggregated: number | null;
  readonly aggregated: number | null;
}

export interface PreferredVersion {
  /** By the priorities of the APIServices. */
  readonly expected: string | null;
  /** Of the legacy document: what clients take that read no other. */
  readonly legacy: string | null;
  /** The first of the aggregated document. */
  readonly aggregated: string | null;
  /** What kubectl and client-go take: the first that is not Stale. */
  readonly clients: string | null;
}

export interface PriorityVersion {
  readonly version: string;
  readonly apiService: string | null;
  /** Null where kube-apiserver serves it, or a CRD. */
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | null;
  /** What the APIService asks for; null without one. */
  readonly priority: { readonly group: number; readonly version: number } | null;
  readonly rank: Ranks;
  readonly freshness: string | null;
}

export interface PriorityGroup {
  readonly group: string;
  /** The highest that its APIServices ask for; null without any. */
  readonly priority: number | null;
  readonly rank: Ranks;
  /** Other groups that ask for the same priority. */
  readonly tiedWith: readonly string[];
  readonly preferredVersion: PreferredVersion;
  readonly versions: readonly PriorityVersion[];
  /** What put it there, a sentence each. */
  readonly why: readonly string[];
}

interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** What applying a manifest would change. */
export interface WhatIf {
  readonly applied: readonly { readonly apiService: string; readonly effect: 'created' | 'configured' | 'unchanged' }[];
  /** Groups that get another place relative to some other group, or another preferred version. */
  readonly groups: readonly {
    readonly group: string;
    readonly legacy: Change<number | null>;
    readonly aggregated: Change<number | null>;
    readonly preferredVersion: Change<string | null>;
    /** The groups that it passes: they come after it then and before it now. */
    readonly overtakes: readonly string[];
    /** The groups that come before it then and after it now. */
    readonly fallsBehind: readonly string[];
  }[];
  /** Names that mean another resource then. */
  readonly names: readonly ({ readonly name: string } & Change<string>)[];
  /** A sentence each. */
  readonly notes: readonly string[];
}

export interface PriorityReport extends Document<'PriorityReport'> {
  readonly cluster: ClusterSummary;
  /** Why a document is not known; null where it is. */
  readonly documents: { readonly legacy: string | null; readonly aggregated: string | null };
  /** In the order of the aggregated document, then those that only the legacy one has. */
  readonly groups: readonly PriorityGroup[];
  readonly whatIf: WhatIf | null;
}

/** A resource that a name can mean. */
export interface NamedResource {
  readonly group: string;
  readonly version: string;
  /** The plural. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** By which of its names it was meant. */
  readonly by: 'plural' | 'singular' | 'shortName' | 'kind';
  readonly apiService: string | null;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | null;
}

export interface ResolutionReport extends Document<'ResolutionReport'> {
  readonly cluster: ClusterSummary;
  readonly name: string;
  readonly resolution: NamedResource;
  readonly why: string;
  /** Other groups that have the name, in the order in which they would be taken. */
  readonly others: readonly NamedResource[];
  /** What the same name would mean if the group went away; null where nothing. */
  readonly withoutGroup: NamedResource | null;
  /** Group versions that are Stale: they may have the name too. */
  readonly notSeen: readonly { readonly group: string; readonly version: string }[];
}

export interface StatusItem {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | null;
  readonly available: {
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly since: string | null;
  } | null;
  readonly live: {
    readonly verdict: Verdict;
    readonly httpStatus: number;
    readonly code: FindingCode | null;
    readonly detail: string;
    readonly latencyMs: number;
  } | null;
  readonly caBundle: {
    readonly present: boolean;
    readonly certificates: number;
    readonly earliestExpiry: string | null;
    readonly insecureSkipTLSVerify: boolean;
  } | null;
  readonly priority: { readonly group: number; readonly version: number };
  readonly verdict: Verdict;
  /** The reason that is true now, in one line; empty where all is well. */
  readonly reason: string;
  /** Who keeps the object, or else who wrote it last. */
  readonly owner: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface StatusList extends Document<'StatusList'> {
  readonly cluster: ClusterSummary;
  readonly items: readonly StatusItem[];
}

export interface CatalogueEntryItem {
  readonly code: FindingCode;
  readonly name: string;
  readonly severities: readonly string[];
  readonly situation: string;
  /** Null where no check of this version makes the finding. */
  readonly check: {
    readonly title: string;
    readonly explanation: string;
    readonly byHand: readonly string[];
    readonly remedy: string;
    readonly source: string;
    readonly explainedBy: readonly FindingCode[];
  } | null;
}

/** One entry of the catalogue, or all of them. */
export type CatalogueEntryDocument =
  | (Document<'CatalogueEntry'> & CatalogueEntryItem)
  | (Document<'CatalogueEntryList'> & { readonly items: readonly CatalogueEntryItem[] });

/** What a text names, as found there. */
export interface ExplanationSubject {
  /** `metrics.k8s.io/v1beta1` */
  readonly groupVersion: string | null;
  /** `v1beta1.metrics.k8s.io` */
  readonly apiService: string | null;
  /** `namespace/name` */
  readonly service: string | null;
  /** The `ip:port` that was dialled. */
  readonly address: string | null;
}

/** A code that a text points to. */
export interface ExplanationFinding {
  readonly code: FindingCode;
  readonly name: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Why the text points there; for a cause that is only told in the same words, when it is that one. */
  readonly why: string;
  /** The message that states it; null for a cause that is only told in the same words. */
  readonly message: string | null;
  /** How many messages state it. */
  readonly messages: number;
  /** The group versions that those messages name. */
  readonly groupVersions: readonly string[];
  /** The command that tells whether it is this. */
  readonly next: string;
  /** With --live: whether doctor makes this finding now; null where no check makes it. */
  readonly now?: 'shown' | 'notShown' | 'undetermined' | null;
}

/** The answer to one text of `explain --stream`. */
export interface ExplanationAnswer {
  /** Most likely first. */
  readonly findings: readonly ExplanationFinding[];
  readonly subject: ExplanationSubject;
}

export interface Explanation extends Document<'Explanation'>, ExplanationAnswer {
  /** What to make of it, in a sentence or two. */
  readonly summary: string;
  readonly messages: { readonly read: number; readonly recognised: number };
  /** With --live: what doctor says of the APIServices that the text names, or of all where it names none. */
  readonly live?: {
    /** Those that the text names and the cluster does not have. */
    readonly absent: readonly string[];
    /** Null where it has none of them. */
    readonly report: DoctorReport | null;
  };
}

export interface VersionReport extends Document<'VersionReport'> {
  readonly client: { readonly version: string };
  /** Null with --client, or where the server did not answer. */
  readonly server: { readonly version: string; readonly goVersion: string | null } | null;
}

/** A rule of a ClusterRole. */
export interface PermissionRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export interface RequiredPermission {
  /** `list pods` */
  readonly permission: string;
  /** What alone needs it, and no part of the role: `doctor --logs`; null for all others. */
  readonly optional: string | null;
  /** Null where the API server did not say. */
  readonly allowed: boolean | null;
  /** The authorizer's words, or why it could not be asked. */
  readonly reason: string;
}

export interface PermissionReport extends Document<'PermissionReport'> {
  readonly reduced: boolean;
  /** All that is read, to be bound to who runs the tool. */
  readonly role: {
    readonly apiVersion: 'rbac.authorization.k8s.io/v1';
    readonly kind: 'ClusterRole';
    readonly metadata: { readonly name: string };
    readonly rules: readonly PermissionRule[];
  };
  readonly permissions: readonly RequiredPermission[];
}

/** A certificate as reports show it; one that cannot be parsed holds `sha256` and `error`, all else null. */
export interface CertificateItem {
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly serialNumber: string | null;
  /** RFC 3339, UTC. */
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly dnsNames: readonly string[] | null;
  readonly ipAddresses: readonly string[] | null;
  readonly isCA: boolean | null;
  readonly keyAlgorithm: string | null;
  readonly signatureAlgorithm: string | null;
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  readonly sha256: string;
  readonly error: string | null;
}

export interface ServedEndpointItem {
  readonly address: string | null;
  readonly pod: string | null;
  readonly source: 'port-forward' | 'secret' | 'file' | 'condition';
  /** `<namespace>/<name>` where the source is a Secret. */
  readonly secret: string | null;
  /** `1.3`; null where no handshake was made. */
  readonly tlsVersion: string | null;
  /** As presented, in order. */
  readonly chain: readonly CertificateItem[];
  readonly verdict: {
    readonly accepted: boolean;
    /** What the control plane's Go prints, or "". */
    readonly error: string;
    readonly code: FindingCode | null;
    /** `1.26` */
    readonly goVersion: string;
    /** Why, in a few sentences; empty where accepted. */
    readonly why: string;
    /** What to change; empty where accepted. */
    readonly remedy: string;
    /** SHA-256 of the certificates of the accepted path, leaf first; empty where there is none. */
    readonly path: readonly string[];
  };
}

export interface CertificateReportItem {
  /** Null for `cert verify`. */
  readonly apiService: string | null;
  readonly serverName: string;
  /** Why no chain was seen, of all endpoints or of some; null where each presented one. */
  readonly unseen: string | null;
  /** What the Available condition of this server version makes of a refusal; null where nothing is refused. */
  readonly conditionNote: string | null;
  readonly caBundle: {
    readonly certificates: readonly CertificateItem[];
    readonly problems: readonly { readonly code: FindingCode; readonly detail: string }[];
  };
  readonly endpoints: readonly ServedEndpointItem[];
}

export interface CertificateReport extends Document<'CertificateReport'> {
  readonly cluster: ClusterSummary;
  readonly items: readonly CertificateReportItem[];
}

/** What one document says of a version. */
export interface ServedView {
  readonly served: boolean;
  /** Subresources not counted. */
  readonly resources: number;
  readonly error: string | null;
}

export interface DiscoveryVersionItem {
  readonly version: string;
  readonly apiService: string | null;
  /** `Local`, or the Service as `namespace/name:port`; null without APIService. */
  readonly servedBy: string | null;
  readonly rank: Ranks;
  /** Null where that was not asked, or the server has no such document. */
  readonly legacy: ServedView | null;
  readonly aggregated: ServedView | null;
  readonly backend: ServedView | null;
  readonly freshness: string | null;
}

export interface DiscoveryGroupItem {
  /** Empty for the legacy API group. */
  readonly group: string;
  readonly rank: Ranks;
  readonly preferredVersion: PreferredVersion;
  readonly versions: readonly DiscoveryVersionItem[];
}

export interface DiscoveryDifference {
  readonly path: string;
  /** Where only one document is at fault, what it says; null where nothing is to be said of a document. */
  readonly legacy: string | null;
  readonly aggregated: string | null;
  readonly backend: string | null;
  /** Null where a rule explains the difference and nothing is wrong. */
  readonly code: FindingCode | null;
  readonly severity: Severity | null;
  readonly why: string;
}

export interface DiscoveryDocumentItem {
  /** `kube-apiserver`, or the Pod that was asked. */
  readonly from: string;
  readonly path: string;
  readonly accept: string;
  readonly status: number | null;
  readonly contentType: string | null;
  readonly bytes: number | null;
  readonly latencyMs: number | null;
  /** Why it could not be had or cannot be believed. */
  readonly error: string | null;
}

export interface DiscoveryReport extends Document<'DiscoveryReport'> {
  readonly cluster: ClusterSummary;
  readonly groups: readonly DiscoveryGroupItem[];
  readonly differences: readonly DiscoveryDifference[];
  readonly documents: readonly DiscoveryDocumentItem[];
  readonly undetermined: readonly Undetermined[];
}

/** What of discovery changed between two snapshots. */
export interface DiscoveryDiff extends Document<'DiscoveryDiff'> {
  readonly before: { readonly capturedAt: string; readonly cluster: ClusterSummary };
  readonly after: { readonly capturedAt: string; readonly cluster: ClusterSummary };
  readonly changes: readonly DiscoveryChange[];
}

export interface DiscoveryChange {
  readonly path: string;
  /** `group`, `version`, `preferred version`, `freshness`, `place`, `resource <name>`, `<name> verbs` … */
  readonly what: string;
  /** Null where it was not there. */
  readonly before: string | null;
  readonly after: string | null;
}
