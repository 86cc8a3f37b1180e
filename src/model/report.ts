import type { FindingCode } from './catalogue.ts';
import type { MissingState } from './facts.ts';
import type { Finding, Subject } from './finding.ts';

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

export interface VersionReport extends Document<'VersionReport'> {
  readonly client: { readonly version: string };
  /** Null with --client, or where the server did not answer. */
  readonly server: { readonly version: string; readonly goVersion: string | null } | null;
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
  /** As presented, in order. */
  readonly chain: readonly CertificateItem[];
  readonly verdict: {
    readonly accepted: boolean;
    /** What the control plane's Go prints, or "". */
    readonly error: string;
    readonly code: FindingCode | null;
    /** `1.26` */
    readonly goVersion: string;
    /** Why, in one sentence; empty where accepted. */
    readonly why: string;
  };
}

export interface CertificateReportItem {
  /** Null for `cert verify`. */
  readonly apiService: string | null;
  readonly serverName: string;
  /** Why no chain was seen; null where one was. */
  readonly unseen: string | null;
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
