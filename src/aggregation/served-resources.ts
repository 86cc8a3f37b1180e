import type { Fact, Facts } from '../model/facts.ts';
import { readAnswer } from './answer.ts';
import type { DiscoveredResource } from './discovered-resource.ts';
import { type DiscoveredGroup, type DiscoveredVersion, readDiscovery } from './discovery-document.ts';
import { factAt } from './fact-at.ts';
import { AGGREGATOR_GROUP } from './group-order.ts';
import { type Match, namesakes, type ServedResource } from './name-resolution.ts';

/** What a client takes from the aggregated documents, or else from the legacy ones and the list of each version. */
export interface ServedResources {
  readonly from: 'aggregated' | 'legacy';
  /** Core first, then the groups in the document's order; of each the versions likewise, of each the resources. */
  readonly groups: readonly DiscoveredGroup[];
  /** All of them in that order: of those with one name a client takes the first. */
  readonly resources: readonly ServedResource[];
  /** Every name that resources have without their group, with all that have it, in the order in which clients take them. */
  readonly namesakes: ReadonlyMap<string, readonly Match[]>;
  /** Group versions that are Stale, or whose list is not to be had: what they would offer, nobody sees. */
  readonly stale: readonly { readonly group: string; readonly version: string }[];
}

/** What a client takes of one group: what is Stale or has no kind is dropped. */
export const resourcesOf = ({ group, versions }: DiscoveredGroup): readonly ServedResource[] =>
  versions
    .filter(({ freshness }) => freshness !== 'Stale')
    .flatMap(({ version, resources }) =>
      (resources ?? []).flatMap(({ resource, singular, kind, namespaced, shortNames }) =>
        // A resource without kind is dropped, an absent singular guessed (client-go discovery/aggregated_discovery.go, restmapper/discovery.go).
        kind === null || resource === ''
          ? []
          : [
              {
                group,
                version,
                resource,
                singular: singular === '' ? kind.toLowerCase() : singular,
                kind,
                namespaced,
                shortNames,
              },
            ],
      ),
    );

/** The groups of one document, or why they are not known. */
export const documentGroups = (
  facts: Facts,
  name: 'legacyCore' | 'legacy' | 'aggregatedCore' | 'aggregated',
): Fact<readonly DiscoveredGroup[]> => {
  const document = factAt(facts.discoveryDocuments, name);
  if (document.state !== 'known') return document;
  const { path } = document.value;
  const reading = readDiscovery(document.value);
  if (!reading.valid) return { state: 'unreadable', detail: `GET ${path}: the answer ${reading.problem}` };
  if (name.startsWith('aggregated') && reading.form === 'legacy')
    return { state: 'unreadable', detail: `GET ${path}: the API server offers no aggregated discovery` };
  return { state: 'known', value: reading.groups };
};

/** Whether the server has documents for today's clients; they ask all others version by version. */
export const offersAggregated = ({ discoveryDocuments }: Facts): boolean =>
  (['aggregatedCore', 'aggregated'] as const).every((name) => {
    const document = factAt(discoveryDocuments, name);
    if (document.state !== 'known' || document.value.httpStatus === 406) return document.state !== 'known';
    const reading = readDiscovery(document.value);
    return !reading.valid || reading.form !== 'legacy';
  });

/** What clients take, or why that is not known. */
export const servedResources = (facts: Facts): Fact<ServedResources> => {
  const from = offersAggregated(facts) ? 'aggregated' : 'legacy';
  const core = documentGroups(facts, from === 'legacy' ? 'legacyCore' : 'aggregatedCore');
  if (core.state !== 'known') return core;
  const others = documentGroups(facts, from);
  if (others.state !== 'known') return others;
  const groups = [...core.value, ...others.value];
  return from === 'legacy'
    ? listedResources(facts, groups)
    : { state: 'known', value: offering(from, groups, isStale) };
};

const isStale = ({ freshness }: DiscoveredVersion): boolean => freshness === 'Stale';

const offering = (
  from: ServedResources['from'],
  groups: readonly DiscoveredGroup[],
  isUnseen: (version: DiscoveredVersion) => boolean,
): ServedResources => {
  const resources = groups.flatMap(resourcesOf);
  return {
    from,
    groups,
    resources,
    namesakes: namesakes(resources),
    stale: groups.flatMap(({ group, versions }) =>
      versions.filter(isUnseen).map(({ version }) => ({ group, version })),
    ),
  };
};

/** Of each group the preferred version first (client-go restmapper/discovery.go). */
const preferredFirst = ({ preferredVersion, versions, ...group }: DiscoveredGroup): DiscoveredGroup => ({
  ...group,
  preferredVersion,
  versions: versions.toSorted(
    (a, b) => Number(b.version === preferredVersion) - Number(a.version === preferredVersion),
  ),
});

/** What kube-aggregator serves of its own, without an APIService (kube-aggregator pkg/registry/apiservice/etcd/etcd.go). */
const apiServiceResource: DiscoveredResource = {
  resource: 'apiservices',
  singular: 'apiservice',
  kind: 'APIService',
  namespaced: false,
  shortNames: [],
  categories: ['api-extensions'],
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
  storageVersionHash: null,
};

/** The groups with the list of each version: one that answers with an error offers clients nothing. */
const listedResources = (facts: Facts, groups: readonly DiscoveredGroup[]): Fact<ServedResources> => {
  const listed: DiscoveredGroup[] = [];
  for (const group of groups.map(preferredFirst)) {
    const versions: DiscoveredVersion[] = [];
    for (const { version } of group.versions) {
      if (group.group === AGGREGATOR_GROUP) {
        versions.push({ version, freshness: null, resources: [apiServiceResource] });
        continue;
      }
      const name = `${version}.${group.group}`;
      const list = Object.hasOwn(facts.answers, name) ? factAt(facts.answers, name) : factAt(facts.localLists, name);
      if (list.state !== 'known') return list;
      const reading = readAnswer(list.value, { group: group.group, version });
      versions.push({ version, freshness: null, resources: reading.outcome === 'works' ? reading.list : null });
    }
    listed.push({ ...group, versions });
  }
  return { state: 'known', value: offering('legacy', listed, ({ resources }) => resources === null) };
};
