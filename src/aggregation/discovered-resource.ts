import type { EntryProblem, Place } from './document-place.ts';

/** A resource as a discovery document lists it, its subresources folded under it. */
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
  /** Of a legacy document only, and not of all; null where absent. */
  readonly storageVersionHash: string | null;
}

/** What a list of resources offers, and which entries clients stumble over. */
export interface ResourceEntries {
  readonly resources: readonly DiscoveredResource[];
  readonly problems: readonly EntryProblem[];
}

// A name is a segment of a path, and custom metrics have names of every kind.
const isSegment = (name: string): boolean => /^[^\s/%\u0000-\u001f\u007f-\u009f]+$/.test(name) && !/^\.\.?$/.test(name);

/** What every entry has to have: a name, a kind and verbs (apimachinery pkg/apis/meta/v1/types.go, APIResource). */
const entryProblems = (
  place: Place,
  entry: { readonly name: string; readonly kind: string; readonly verbs: readonly string[] },
  fields: { readonly name: string; readonly kind: readonly string[] },
): readonly EntryProblem[] => {
  const named = entry.name === '' ? 'a resource' : `resource ${entry.name}`;
  return [
    ...(entry.name.split('/').length <= 2 && entry.name.split('/').every(isSegment)
      ? []
      : [{ field: place.at(fields.name).field, problem: `${JSON.stringify(entry.name)} is no name of a resource` }]),
    ...(entry.kind === ''
      ? [{ field: fields.kind.reduce((at, name) => at.at(name), place).field, problem: `${named} has no kind` }]
      : []),
    ...(entry.verbs.length === 0 ? [{ field: place.at('verbs').field, problem: `${named} has no verbs` }] : []),
  ];
};

const duplicates = (entries: readonly Place[], field: 'name' | 'resource'): readonly EntryProblem[] => {
  const seen = new Set<string>();
  return entries.flatMap((place) => {
    const name = place.text(field);
    if (seen.has(name)) return [{ field: place.at(field).field, problem: `resource ${name} stands there twice` }];
    seen.add(name);
    return [];
  });
};

/**
 * The resources of an APIResourceList (apimachinery pkg/apis/meta/v1/types.go), subresources folded under their parent as
 * apiserver pkg/endpoints/installer.go ConvertGroupVersionIntoToDiscovery does it.
 * @throws InvalidDocument where a field has a type that Go does not decode
 */
export const legacyResources = (list: Place): ResourceEntries => {
  const problems: EntryProblem[] = [];
  const parents = new Map<string, DiscoveredResource & { readonly subresources: string[] }>();
  const entries = list.items().map((place) => ({
    place,
    name: place.text('name'),
    kind: place.text('kind'),
    namespaced: place.flag('namespaced'),
    singular: place.text('singularName'),
    shortNames: place.texts('shortNames'),
    categories: place.texts('categories'),
    verbs: place.texts('verbs'),
    storageVersionHash: place.text('storageVersionHash'),
  }));
  for (const { place, name, kind, storageVersionHash, ...entry } of entries) {
    problems.push(...entryProblems(place, { name, kind, verbs: entry.verbs }, { name: 'name', kind: ['kind'] }));
    if (name.includes('/') || parents.has(name)) continue;
    parents.set(name, {
      resource: name,
      kind: kind === '' ? null : kind,
      ...entry,
      subresources: [],
      storageVersionHash: storageVersionHash === '' ? null : storageVersionHash,
    });
  }
  for (const { place, name, namespaced } of entries) {
    const slash = name.indexOf('/');
    if (slash < 0) continue;
    const parentName = name.slice(0, slash);
    const parent = parents.get(parentName) ?? placeholder(parentName, namespaced);
    parents.set(parentName, parent);
    parent.subresources.push(name.slice(slash + 1));
    if (parent.namespaced !== namespaced)
      problems.push({
        field: place.at('namespaced').field,
        problem: `subresource ${name} has another scope than its resource`,
      });
  }
  return { resources: [...parents.values()], problems: [...problems, ...duplicates(list.items(), 'name')] };
};

const placeholder = (resource: string, namespaced: boolean) => ({
  resource,
  singular: '',
  kind: null,
  namespaced,
  shortNames: [],
  categories: [],
  verbs: [],
  subresources: [] as string[],
  storageVersionHash: null,
});

/** Stands for a parent that is not listed itself, only its subresources are: no entry, and no mistake. */
export const isPlaceholder = ({ kind, verbs, subresources }: DiscoveredResource): boolean =>
  kind === null && verbs.length === 0 && subresources.length > 0;

/**
 * The resources of a version in an APIGroupDiscoveryList (k8s.io/api apidiscovery/v2 types.go).
 * @throws InvalidDocument where a field has a type that Go does not decode
 */
export const aggregatedResources = (list: Place): ResourceEntries => {
  const problems: EntryProblem[] = [];
  const resources = list.items().map((place): DiscoveredResource => {
    const kind = place.at('responseKind').text('kind');
    const scope = place.text('scope');
    const resource: DiscoveredResource = {
      resource: place.text('resource'),
      singular: place.text('singularResource'),
      kind: kind === '' ? null : kind,
      namespaced: scope === 'Namespaced',
      shortNames: place.texts('shortNames'),
      categories: place.texts('categories'),
      verbs: place.texts('verbs'),
      subresources: place
        .at('subresources')
        .items()
        .map((subresource) => subresource.text('subresource')),
      storageVersionHash: null,
    };
    if (!isPlaceholder(resource)) {
      const entry = { name: resource.resource, kind, verbs: resource.verbs };
      problems.push(...entryProblems(place, entry, { name: 'resource', kind: ['responseKind', 'kind'] }));
      if (scope !== 'Namespaced' && scope !== 'Cluster')
        problems.push({
          field: place.at('scope').field,
          problem: `resource ${resource.resource} has ${scope === '' ? 'no scope' : `the scope ${JSON.stringify(scope)}`}`,
        });
    }
    return resource;
  });
  return { resources, problems: [...problems, ...duplicates(list.items(), 'resource')] };
};
