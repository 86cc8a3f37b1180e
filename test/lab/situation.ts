import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from './api-client.ts';
import { type KubeVersion, kubeVersions } from './build.ts';
import type { CertificateSpec } from './certificates.ts';
import type { ApiServerSpec } from './kube-apiserver.ts';

/** What an APIService is registered with; what is left out has the value of a well-made registration. */
export interface ApiServiceSpec {
  readonly name: string;
  /** `[namespace/]name`. */
  readonly service?: string;
  readonly port?: number;
  /** Names of certificates whose PEM is joined, or what stands there instead of them. */
  readonly caBundle?: string | readonly string[] | { readonly text: string } | { readonly base64Of: string };
  readonly insecureSkipTLSVerify?: boolean;
  readonly groupPriorityMinimum?: number;
  readonly versionPriority?: number;
  /** Created once the others are Available. */
  readonly afterOthers?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ServiceSpec {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly externalName?: string;
  readonly clusterIP?: string;
  /** Default: Pods labelled app=<name of the Service>; null for none. */
  readonly selector?: Readonly<Record<string, string>> | null;
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly targetPort?: number | string }[];
}

export type PodState = 'ready' | 'starting' | 'crashing' | 'image-missing' | 'unscheduled' | 'probe-failing';

export type RealServer = 'sample-apiserver' | 'metrics-server' | 'custom-metrics-adapter';

export interface PodSpec {
  readonly state?: PodState;
  readonly labels?: Readonly<Record<string, string>>;
  /** Ports the container declares. */
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  /** Ports a process really listens on; default: the declared ones of a Pod that is ready. */
  readonly listens?: readonly number[];
  /** A released extension API server instead of the misbehaving one. */
  readonly server?: RealServer;
  /** Behind its usual ones. */
  readonly flags?: readonly string[];
  /** Bindings that its ServiceAccount lacks. */
  readonly withoutBindings?: readonly ('auth-reader' | 'auth-delegator')[];
  readonly backend?: BackendSpec;
  /** On the network of its node. */
  readonly hostNetwork?: boolean;
  /** Name of a second container. */
  readonly sidecar?: string;
  /** The Secret that the Pod mounts as its serving certificate, whatever the backend really presents. */
  readonly secret?: SecretSpec;
}

export interface SecretSpec {
  readonly name: string;
  /** As tls.crt, leaf first; the key of the first stands in tls.key. */
  readonly certificates: string | readonly string[];
  /** As ca.crt. */
  readonly authority?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How the misbehaving server differs from a healthy one. */
export interface BackendSpec {
  /** Certificates sent, leaf first; `plain` speaks HTTP, `none` has no certificate to show. */
  readonly tls?: string | readonly string[];
  readonly minVersion?: string;
  readonly maxVersion?: string;
  /** The authority whose client certificates it demands. */
  readonly clientAuthority?: string;
  readonly connection?: 'close' | 'reset' | 'silent' | 'reset-after-certificate';
  /** Group versions it serves; default: those registered. */
  readonly serves?: readonly string[];
  /** Paths that answer 404. */
  readonly omit?: readonly string[];
  readonly routes?: readonly {
    readonly path: string;
    readonly status?: number;
    readonly contentType?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Written as JSON. */
    readonly json?: unknown;
    readonly delay?: string;
    readonly healthy?: boolean;
    readonly end?: 'close' | 'reset';
  }[];
}

/** What is awaited for one APIService before the tool is run. */
export interface Awaited {
  readonly condition?:
    | 'none'
    | {
        readonly status: string;
        readonly reason: string;
        /** A part of it, or a regular expression between slashes. */ readonly message?: string;
      };
  /** What GET /apis/<group>/<version> answers. */
  readonly answer?: number | { readonly status: number; /** As for the message. */ readonly body?: string };
  /** In the aggregated discovery document. */
  readonly freshness?: 'Current' | 'Stale';
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface ExpectedFinding {
  readonly code: string;
  readonly subject?: Subject;
  readonly severity?: string;
  readonly confidence?: string;
  /** Code of the finding it follows from. Without it, it is a root cause. */
  readonly consequenceOf?: string;
}

interface Expectation {
  readonly findings: readonly ExpectedFinding[];
  /** Codes that this situation is there to show as not given. */
  readonly absent?: readonly string[];
  /** Codes that may be given or not, with the reason in a comment. */
  readonly optional?: readonly string[];
  /** Texts of which `explain` says this code first: the answer to a GET, or the log of a Pod's server. */
  readonly explained?: readonly {
    readonly code: string;
    readonly path?: string;
    readonly log?: string;
    /** A part of the log, which is awaited. */
    readonly line?: string;
  }[];
  readonly status?: Readonly<
    Record<
      string,
      { readonly verdict: string; readonly live?: { readonly code?: string | null; readonly verdict?: string } }
    >
  >;
}

export interface Situation {
  readonly name: string;
  readonly title: string;
  readonly namespace: string;
  /** False where the namespace itself is what is missing. */
  readonly createNamespace: boolean;
  readonly apiServices: readonly ApiServiceSpec[];
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly pods: Readonly<Record<string, PodSpec>>;
  readonly certificates: Readonly<Record<string, Omit<CertificateSpec, 'name'>>>;
  readonly objects: readonly KubernetesObject[];
  /** Whether each Service's Pods have a PodDisruptionBudget, as they should. */
  readonly disruptionBudget: boolean;
  /** Created once the APIServices exist. */
  readonly createAfterwards: readonly KubernetesObject[];
  /** Deleted after that. */
  readonly deleteAfterwards: readonly KubernetesObject[];
  /** Requests made through the API server once the Pods run, as administrator; a PATCH is a merge patch. */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body?: unknown }[];
  /** Whether it would disturb others in its cluster. */
  readonly alone: boolean;
  /** Whether APIServices and Pods are dated back by a day. */
  readonly established: boolean;
  /** Situations of one cluster need the same. */
  readonly apiServer: ApiServerSpec;
  /** Whether kubectl filled its cache before the registration; the tool is run with that cache on its own for this situation. */
  readonly kubectlUsedBefore: boolean;
  /** A ServiceAccount of the situation's namespace, as whom the tool is run on its own for this situation. */
  readonly caller?: string;
  readonly until: Readonly<Record<string, Awaited>>;
  /** Further objects to await: path of a GET, and a part of its JSON answer. */
  readonly untilAnswers: readonly { readonly path: string; readonly body: string }[];
  readonly expect: Expectation;
}

const situationsFolder = join(import.meta.dirname, 'situations');

/** The names of all situations, in alphabetical order. */
export const situationNames = (): readonly string[] =>
  readdirSync(situationsFolder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();

const knownKeys = new Set([
  'title',
  'namespace',
  'createNamespace',
  'apiServices',
  'services',
  'pods',
  'certificates',
  'objects',
  'createAfterwards',
  'deleteAfterwards',
  'requests',
  'alone',
  'established',
  'apiServer',
  'disruptionBudget',
  'caller',
  'kubectlUsedBefore',
  'until',
  'untilAnswers',
  'expect',
  'kube',
]);

/** `only`, or versions separated by blanks, whose keys replace those above. */
const overridesFor = (name: string, byVersion: Readonly<Record<string, any>>, kube: KubeVersion): object =>
  Object.fromEntries(
    Object.entries(byVersion).flatMap(([key, overrides]) => {
      if (key === 'only') return [];
      const versions = key.split(' ');
      if (!versions.every((version) => (kubeVersions as readonly string[]).includes(version))) {
        throw new Error(`situation ${name}: unknown version in ${key}`);
      }
      return versions.includes(kube) ? Object.entries(overrides as object) : [];
    }),
  );

const rejectUnknown = (name: string, value: object, known: ReadonlySet<string>): void => {
  for (const key of Object.keys(value)) if (!known.has(key)) throw new Error(`situation ${name}: unknown key ${key}`);
};

const healthy: Awaited = { condition: { status: 'True', reason: 'Passed' }, answer: 200, freshness: 'Current' };

/** A situation as it is on one version, or undefined where it cannot be had there. */
export const readSituation = (name: string, kube: KubeVersion): Situation | undefined => {
  const text = readFileSync(join(situationsFolder, `${name}.yaml`), 'utf8');
  const raw: any = parse(text);
  const byVersion = raw.kube ?? {};
  if (byVersion.only !== undefined && !byVersion.only.includes(kube)) return undefined;
  const merged: any = { ...raw, ...overridesFor(name, byVersion, kube) };
  rejectUnknown(name, merged, knownKeys);
  const namespace: string = merged.namespace ?? name;
  const apiServices: readonly ApiServiceSpec[] = merged.apiServices ?? [{ name: `v1.${name}.example.com` }];
  return {
    name,
    title: merged.title,
    namespace,
    createNamespace: merged.createNamespace ?? true,
    apiServices,
    services: merged.services ?? { api: {} },
    pods: merged.pods ?? { 'api-0': {} },
    certificates: merged.certificates ?? {},
    objects: merged.objects ?? [],
    disruptionBudget: merged.disruptionBudget ?? true,
    alone: merged.alone ?? false,
    established: merged.established ?? true,
    apiServer: merged.apiServer ?? {},
    createAfterwards: merged.createAfterwards ?? [],
    deleteAfterwards: merged.deleteAfterwards ?? [],
    requests: merged.requests ?? [],
    kubectlUsedBefore: merged.kubectlUsedBefore ?? false,
    ...(merged.caller === undefined ? {} : { caller: merged.caller }),
    until: merged.until ?? Object.fromEntries(apiServices.map((apiService) => [apiService.name, healthy])),
    untilAnswers: merged.untilAnswers ?? [],
    expect: merged.expect,
  };
};
