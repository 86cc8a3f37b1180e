import type { ExplanationSubject } from '../model/report.ts';
import { builtInGroup } from './built-in-groups.ts';

const version = String.raw`v[1-9]\d{0,3}(?:(?:alpha|beta)\d{1,4})?`;
const label = String.raw`[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?`;
/** A group with a dot: what has none is built in, and never behind an APIService with a Service. */
const group = String.raw`${label}(?:\.${label}){0,11}\.[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?`;

const wholeName = String.raw`(?![\w-]|\.[a-z0-9])`;

/** A wording that names a group version, and which of its two parts comes first. */
type Wording = readonly [pattern: RegExp, order: 'group first' | 'version first'];

const apiServiceName: Wording = [
  new RegExp(String.raw`(?<![\w.-])(${version})\.(${group})${wholeName}`, 'g'),
  'version first',
];

/** The most telling first. */
const wordings: readonly Wording[] = [
  // The one that a client could not discover, among others that its output lists.
  [
    new RegExp(
      String.raw`(?:list of server APIs: |resource list for |for groups:? map\[|some groups:? (?:map\[)?)(${label}(?:\.${label}){0,12})/(${version})(?![\w-])`,
      'g',
    ),
    'group first',
  ],
  apiServiceName,
  [new RegExp(String.raw`/apis/(${label}(?:\.${label}){0,12})/(${version})(?![\w-])`, 'g'), 'group first'],
  [new RegExp(String.raw`(?<![\w./@-])(${group})/(${version})(?![\w-]|\.\w)`, 'g'), 'group first'],
  [new RegExp(String.raw`\bversion "(${version})" in group "(${group})"`, 'g'), 'version first'],
  [new RegExp(String.raw`\bGroup[=:] ?"?(${group})"?,? Version[=:] ?"?(${version})`, 'g'), 'group first'],
  // kubectl describe.
  [new RegExp(String.raw`\bGroup: ?(${group})\b[^]{0,600}?\bVersion: ?(${version})\b`, 'gi'), 'group first'],
  // OpenShift's operators.
  [new RegExp(String.raw`(?<![\w./-])(${group})\.(${version})${wholeName}`, 'g'), 'group first'],
];

/** The group behind a resource, as client-go and RBAC name it. */
const ofResource = new RegExp(
  String.raw`\((?:get|list|watch|create|update|patch|delete|post|put) [a-z0-9*-]+\.(${group})|\b[a-z]{2,40}\.(${group}) is forbidden|in API group "(${group})"`,
);

/** Built-in groups, and code paths that look like a group version. */
const noGroup = new RegExp(
  String.raw`^(?:${builtInGroup}$|(?:github|golang|gopkg|google\.golang|registry|docker|quay)\.)`,
);

interface Named {
  readonly group: string;
  readonly version: string;
}

const firstNamed = (text: string, [pattern, order]: Wording, builtIn = false): Named | null => {
  for (const [, one = '', other = ''] of text.matchAll(pattern)) {
    const found = order === 'group first' ? { group: one, version: other } : { group: other, version: one };
    if (builtIn || !noGroup.test(found.group)) return found;
  }
  return null;
};

const groupVersionIn = (text: string): Named | null => {
  for (const wording of wordings) {
    const found = firstNamed(text, wording);
    if (found) return found;
  }
  // An APIService can name a version of a built-in group that the server no longer has.
  const [undiscovered] = wordings;
  return undiscovered === undefined ? null : firstNamed(text, undiscovered, true);
};

const inCondition = /\bservice\/([a-z0-9-]{1,63}) in "([a-z0-9-]{1,63})"/;
/** A server name anywhere, but kube-apiserver's own. */
const serverName = /\b(?!kubernetes\.default\.)([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc\b/;
const namespaceFirst: readonly RegExp[] = [
  new RegExp(String.raw`(?<![\w./-])${version}\.${group}\s+([a-z0-9-]{1,63})/([a-z0-9-]{1,63})\s`),
  /\b(?:discovery for|error resolving|service) ([a-z0-9-]{1,63})\/([a-z0-9-]{1,63})(?=:\d|:? )/i,
];
/** The name that a certificate should have had (crypto/x509 HostnameError). */
const wantedName = /(?:, not|but wanted to match|none matched|not) ([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc\b/;
const described =
  /\bService:\s(?:[^]{0,200}?)\bName: ([a-z0-9-]{1,63})\s(?:[^]{0,100}?)\bNamespace: ([a-z0-9-]{1,63})\b/i;

const serviceOf = (text: string): string | null => {
  for (const pattern of namespaceFirst) {
    const [, namespace, name] = pattern.exec(text) ?? [];
    if (name !== undefined && namespace !== undefined) return `${namespace}/${name}`;
  }
  for (const pattern of [wantedName, inCondition, described, serverName]) {
    const [, name, namespace] = pattern.exec(text) ?? [];
    if (name !== undefined && namespace !== undefined) return `${namespace}/${name}`;
  }
  return null;
};

const host = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]{2,45}\])`;
const addressPatterns: readonly RegExp[] = [
  new RegExp(String.raw`\bdial tcp (${host}:\d{1,5})\b`),
  new RegExp(String.raw`\btcp \S{1,60}->(${host}:\d{1,5})\b`),
  new RegExp(String.raw`\bresponse from https?://(${host}:\d{1,5})\b`),
  new RegExp(String.raw`https?://(${host}:\d{1,5})/apis/`),
  new RegExp(String.raw`\b(?:while dialing|connection to|connect to|CONNECT to|dialing|dial) "?(${host}:\d{1,5})\b`),
  new RegExp(String.raw`(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH) (${host}:\d{1,5})\b`),
];

const addressOf = (text: string): string | null => {
  for (const pattern of addressPatterns) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return null;
};

/** What the words name; the command to run next needs it. */
export interface NamedSubject extends ExplanationSubject {
  /** The group of a resource, where no version of it is named. */
  readonly group: string | null;
}

// Kubernetes pkg/apis/metrics, custom_metrics and external_metrics.
const metricsGroups: Readonly<Record<string, string>> = {
  resource: 'metrics.k8s.io',
  custom: 'custom.metrics.k8s.io',
  external: 'external.metrics.k8s.io',
};

/** The group version, APIService, Service and dialled address that a message names; nothing is guessed. */
export const subjectOf = (text: string): NamedSubject => {
  const found = groupVersionIn(text);
  const registered = firstNamed(text, apiServiceName);
  const resource = ofResource.exec(text);
  const metrics = /\b(resource|custom|external) metrics API\b/.exec(text)?.[1];
  return {
    groupVersion: found ? `${found.group}/${found.version}` : null,
    apiService: registered ? `${registered.version}.${registered.group}` : null,
    service: serviceOf(text),
    address: addressOf(text),
    group: found?.group ?? resource?.[1] ?? resource?.[2] ?? resource?.[3] ?? metricsGroups[metrics ?? ''] ?? null,
  };
};
