import type { Answer } from '../model/facts.ts';

/** A group as a discovery document of the whole cluster lists it; groups and versions in the document's own order. */
export interface DiscoveredGroup {
  /** Empty for the legacy API group of `/api`. */
  readonly group: string;
  /** As the document says; the aggregated one has none: clients take the first version that is not Stale. */
  readonly preferredVersion: string | null;
  readonly versions: readonly DiscoveredVersion[];
}

export interface DiscoveredVersion {
  readonly version: string;
  /** `Current` or `Stale`; null in a legacy document, which does not say. */
  readonly freshness: string | null;
  /** Null in a legacy document, which does not list them. */
  readonly resources: readonly DiscoveredResource[] | null;
}

export interface DiscoveredResource {
  /** The plural. */
  readonly resource: string;
  readonly singular: string;
  /** Null without responseKind: clients drop such a resource. */
  readonly kind: string | null;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

export type DiscoveryForm = 'legacy' | 'v2' | 'v2beta1';

/** A document of the whole cluster, or why it cannot be believed: the field, and a sentence part that follows "the answer". */
export type DiscoveryReading =
  | { readonly valid: true; readonly form: DiscoveryForm; readonly groups: readonly DiscoveredGroup[] }
  | { readonly valid: false; readonly field: string; readonly problem: string };

type Members = Readonly<Record<string, unknown>>;

const members = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): readonly string[] => items(value).filter((item) => typeof item === 'string');

const resource = (value: unknown): DiscoveredResource => {
  const held = members(value);
  const kind = text(members(held['responseKind'])['kind']);
  return {
    resource: text(held['resource']),
    singular: text(held['singularResource']),
    kind: kind === '' ? null : kind,
    namespaced: held['scope'] === 'Namespaced',
    shortNames: texts(held['shortNames']),
    categories: texts(held['categories']),
    verbs: texts(held['verbs']),
    subresources: items(held['subresources']).map((subresource) => text(members(subresource)['subresource'])),
  };
};

const aggregatedGroup = (value: unknown): DiscoveredGroup => {
  const { metadata, versions } = members(value);
  return {
    group: text(members(metadata)['name']),
    preferredVersion: null,
    versions: items(versions).map((version) => {
      const held = members(version);
      // An absent freshness counts as current (client-go discovery/aggregated_discovery.go).
      const freshness = text(held['freshness']);
      return {
        version: text(held['version']),
        freshness: freshness === '' ? 'Current' : freshness,
        resources: items(held['resources']).map(resource),
      };
    }),
  };
};

const legacyGroup = (value: unknown): DiscoveredGroup => {
  const { name, versions, preferredVersion } = members(value);
  const preferred = text(members(preferredVersion)['version']);
  return {
    group: text(name),
    preferredVersion: preferred === '' ? null : preferred,
    versions: items(versions).map((version) => ({
      version: text(members(version)['version']),
      freshness: null,
      resources: null,
    })),
  };
};

/**
 * Reads GET /apis or /api, in whichever form it came: an APIGroupDiscoveryList (k8s.io/api apidiscovery v2, v2beta1), an
 * APIGroupList or APIVersions (apimachinery pkg/apis/meta/v1/types.go).
 */
export const readDiscovery = ({ httpStatus, body }: Answer): DiscoveryReading => {
  if (httpStatus !== 200) return { valid: false, field: '', problem: `has the HTTP status ${httpStatus}` };
  if (body.form !== 'json')
    return { valid: false, field: '', problem: body.form === 'tooLarge' ? `is ${body.why}` : 'is not JSON' };
  const document = members(body.value);
  const { kind, apiVersion } = document;
  if (kind === 'APIGroupDiscoveryList') {
    const form = apiVersion === 'apidiscovery.k8s.io/v2' ? 'v2' : 'v2beta1';
    return { valid: true, form, groups: items(document['items']).map(aggregatedGroup) };
  }
  if (kind === 'APIGroupList')
    return { valid: true, form: 'legacy', groups: items(document['groups']).map(legacyGroup) };
  if (kind === 'APIVersions') {
    const versions = texts(document['versions']);
    const group = {
      group: '',
      preferredVersion: versions[0] ?? null,
      versions: versions.map((version) => ({ version, freshness: null, resources: null })),
    };
    return { valid: true, form: 'legacy', groups: [group] };
  }
  return { valid: false, field: 'kind', problem: `is of kind ${JSON.stringify(kind)}, no discovery document` };
};
