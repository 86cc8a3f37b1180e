import type { Fact, Facts } from '../model/facts.ts';
import { type DiscoveredGroup, readDiscovery } from './discovery-document.ts';
import { factAt } from './fact-at.ts';
import { type Match, namesakes, type ServedResource } from './name-resolution.ts';

/** What a client takes from the aggregated documents. */
export interface ServedResources {
  /** Core first, then the groups in the document's order; of each the versions likewise, of each the resources. */
  readonly groups: readonly DiscoveredGroup[];
  /** All of them in that order: of those with one name a client takes the first. */
  readonly resources: readonly ServedResource[];
  /** Every name that resources have without their group, with all that have it, in the order in which clients take them. */
  readonly namesakes: ReadonlyMap<string, readonly Match[]>;
  /** Group versions that are Stale: what they would offer, nobody sees. */
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
  name: 'legacy' | 'aggregatedCore' | 'aggregated',
): Fact<readonly DiscoveredGroup[]> => {
  const document = factAt(facts.discoveryDocuments, name);
  if (document.state !== 'known') return document;
  const { path } = document.value;
  const reading = readDiscovery(document.value);
  if (!reading.valid) return { state: 'unreadable', detail: `GET ${path}: the answer ${reading.problem}` };
  if (name !== 'legacy' && reading.form === 'legacy')
    return { state: 'unreadable', detail: `GET ${path}: the API server offers no aggregated discovery` };
  return { state: 'known', value: reading.groups };
};

/** What the aggregated documents of /api and /apis offer, or why that is not known. */
export const servedResources = (facts: Facts): Fact<ServedResources> => {
  const core = documentGroups(facts, 'aggregatedCore');
  if (core.state !== 'known') return core;
  const others = documentGroups(facts, 'aggregated');
  if (others.state !== 'known') return others;
  const groups = [...core.value, ...others.value];
  const resources = groups.flatMap(resourcesOf);
  return {
    state: 'known',
    value: {
      groups,
      resources,
      namesakes: namesakes(resources),
      stale: groups.flatMap(({ group, versions }) =>
        versions.filter(({ freshness }) => freshness === 'Stale').map(({ version }) => ({ group, version })),
      ),
    },
  };
};
