import type { Answer } from '../model/facts.ts';
import { aggregatedResources, type DiscoveredResource } from './discovered-resource.ts';
import { type EntryProblem, InvalidDocument, Place } from './document-place.ts';

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

export type DiscoveryForm = 'legacy' | 'v2' | 'v2beta1';

/** A document of the whole cluster, or why it cannot be believed: the field, and a sentence part that follows "the answer". */
export type DiscoveryReading =
  | {
      readonly valid: true;
      readonly form: DiscoveryForm;
      readonly groups: readonly DiscoveredGroup[];
      /** Entries that clients stumble over, by `<group>/<version>`; the rest of the document holds. */
      readonly problems: ReadonlyMap<string, readonly EntryProblem[]>;
    }
  | { readonly valid: false; readonly field: string; readonly problem: string };

type EntryProblems = Map<string, readonly EntryProblem[]>;

const aggregatedGroup = (place: Place, found: EntryProblems): DiscoveredGroup => {
  const group = place.at('metadata').text('name');
  const versions = place
    .at('versions')
    .items()
    .map((versionPlace) => {
      const version = required(versionPlace, 'version');
      const { resources, problems } = aggregatedResources(versionPlace.at('resources'));
      if (problems.length > 0) found.set(`${group}/${version}`, problems);
      // An absent freshness counts as current (client-go discovery/aggregated_discovery.go).
      const freshness = versionPlace.text('freshness');
      return { version, freshness: freshness === '' ? 'Current' : freshness, resources };
    });
  return { group, preferredVersion: null, versions };
};

const unlisted = (version: string): DiscoveredVersion => ({ version, freshness: null, resources: null });

/** Of an APIGroupList, or an APIGroup by itself. */
const legacyGroup = (group: Place): DiscoveredGroup => {
  const preferred = group.at('preferredVersion').text('version');
  return {
    group: required(group, 'name'),
    preferredVersion: preferred === '' ? null : preferred,
    versions: group
      .at('versions')
      .items()
      .map((version) => unlisted(required(version, 'version'))),
  };
};

const required = (place: Place, name: string): string => {
  const text = place.text(name);
  const { field } = place.at(name);
  if (text === '') throw new InvalidDocument(field, `lacks the field ${field}`);
  return text;
};

const list = (document: Place, name: string): readonly Place[] => {
  const place = document.at(name);
  if (place.isAbsent) throw new InvalidDocument(name, `lacks the field ${name}`);
  return place.items();
};

/** What tells a client that the answer is an aggregated document (client-go discovery/discovery_client.go, ContentTypeIsGVK). */
const isAggregatedType = (contentType: string | null): boolean =>
  /;\s*as=APIGroupDiscoveryList\s*(?:;|$)/.test(contentType ?? '');

const readGroups = (
  document: Place,
  contentType: string | null,
  problems: EntryProblems,
): { readonly form: DiscoveryForm; readonly groups: readonly DiscoveredGroup[] } => {
  const [kind, apiVersion] = [document.text('kind'), document.text('apiVersion')];
  const isAggregated = kind === 'APIGroupDiscoveryList';
  if (isAggregated !== isAggregatedType(contentType))
    throw new InvalidDocument(
      'Content-Type',
      `is of kind ${JSON.stringify(kind)}, but its content type ${JSON.stringify(contentType ?? '')} says ${isAggregated ? 'that it is not' : 'APIGroupDiscoveryList'}`,
    );
  switch (kind) {
    case 'APIGroupDiscoveryList': {
      // Clients go by the content type, so that an absent apiVersion is no harm.
      if (!/^(?:apidiscovery\.k8s\.io\/v2(?:beta1)?)?$/.test(apiVersion))
        throw new InvalidDocument(
          'apiVersion',
          `has apiVersion ${JSON.stringify(apiVersion)}, which is none of apidiscovery.k8s.io`,
        );
      const form = /;\s*v=v2beta1\b/.test(contentType ?? '') || apiVersion.endsWith('v2beta1') ? 'v2beta1' : 'v2';
      return { form, groups: list(document, 'items').map((group) => aggregatedGroup(group, problems)) };
    }
    case 'APIGroupList':
      return { form: 'legacy', groups: list(document, 'groups').map(legacyGroup) };
    case 'APIGroup':
      return { form: 'legacy', groups: [legacyGroup(document)] };
    case 'APIVersions': {
      const versions = document.texts('versions');
      const group = { group: '', preferredVersion: versions[0] ?? null, versions: versions.map(unlisted) };
      return { form: 'legacy', groups: [group] };
    }
    default:
      throw new InvalidDocument('kind', `is of kind ${JSON.stringify(kind)}, no discovery document`);
  }
};

const invalid = (field: string, problem: string): DiscoveryReading => ({ valid: false, field, problem });

const read = ({ httpStatus, contentType, body }: Answer): DiscoveryReading => {
  if (httpStatus !== 200) return invalid('', `has the HTTP status ${httpStatus}`);
  if (body.form === 'tooLarge') return invalid('', `is ${body.why}`);
  if (body.form === 'damaged') return invalid('', `cannot be read: ${body.why}`);
  if (body.form !== 'json') return invalid('', body.form === 'empty' ? 'is empty' : 'is not JSON');
  try {
    const problems: EntryProblems = new Map();
    return { valid: true, ...readGroups(new Place(body.value), contentType, problems), problems };
  } catch (error) {
    if (error instanceof InvalidDocument) return invalid(error.field, error.message);
    throw error;
  }
};

/** Documents are large, and asked about once for each APIService. */
const readings = new WeakMap<Answer, DiscoveryReading>();

/**
 * Reads GET /apis, /api or /apis/<group>, in whichever form it came: an APIGroupDiscoveryList (k8s.io/api apidiscovery v2,
 * v2beta1), an APIGroupList, APIGroup or APIVersions (apimachinery pkg/apis/meta/v1/types.go).
 */
export const readDiscovery = (answer: Answer): DiscoveryReading => {
  const reading = readings.get(answer) ?? read(answer);
  readings.set(answer, reading);
  return reading;
};
