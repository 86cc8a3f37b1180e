import type { ApiService } from '../model/facts.ts';
import { compareText } from '../model/wording.ts';
import type { DiscoveredGroup } from './discovery-document.ts';
import { compareVersions } from './version-order.ts';

/** A group in its place among the others, with what put it there. */
export interface OrderedGroup {
  readonly group: string;
  /** The highest group priority of its versions; the highest comes first. */
  readonly priority: number;
  /** Where two groups have one priority, the lesser of these texts comes first. */
  readonly tieBreaker: string;
  /** In their order: the first is the preferred one. */
  readonly versions: readonly OrderedVersion[];
}

export interface OrderedVersion {
  readonly version: string;
  /** Null for the versions of apiregistration.k8s.io, which kube-aggregator serves without an APIService. */
  readonly apiService: string | null;
  /** The highest comes first; among equals compareVersions decides. */
  readonly priority: number;
}

/** Why the APIServices do not tell where something stands in the aggregated document. */
export interface NotPlaced {
  readonly group: string;
  readonly apiService: string;
  /** `edited`: kube-apiserver goes on with its built-in priority. `handMade`: in the document only if it is served after all. */
  readonly why: 'edited' | 'handMade';
}

export const AUTOMANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged';

/** The group of kube-aggregator itself: first in every document, and there without an APIService. */
export const AGGREGATOR_GROUP = 'apiregistration.k8s.io';

/** What the aggregated document gives to AGGREGATOR_GROUP: just above the highest that an APIService may ask for. */
const AGGREGATOR_GROUP_PRIORITY = 20_001;

/** What the aggregated document gives to every version of a CRD (apiextensions-apiserver customresource_discovery_controller.go). */
const CUSTOM_RESOURCE_PRIORITIES = { groupPriorityMinimum: 1000, versionPriority: 100 } as const;

const aggregatorGroup: OrderedGroup = {
  group: AGGREGATOR_GROUP,
  priority: AGGREGATOR_GROUP_PRIORITY,
  tieBreaker: AGGREGATOR_GROUP,
  versions: [{ version: 'v1', apiService: null, priority: 0 }],
};

/** kube-aggregator's own group first; the legacy API group "" has no place, since it is served elsewhere. */
const ordered = (
  apiServices: readonly ApiService[],
  tieBreakerOf: (highest: readonly ApiService[]) => string,
): readonly OrderedGroup[] => {
  const members = Map.groupBy(
    apiServices.filter(({ group }) => group !== '' && group !== AGGREGATOR_GROUP),
    ({ group }) => group,
  );
  const groups = [...members].map(([group, versions]): OrderedGroup => {
    const priority = versions.reduce(
      (most, { groupPriorityMinimum }) => Math.max(most, groupPriorityMinimum),
      -Infinity,
    );
    return {
      group,
      priority,
      tieBreaker: tieBreakerOf(versions.filter(({ groupPriorityMinimum }) => groupPriorityMinimum === priority)),
      versions: versions
        .toSorted((a, b) => b.versionPriority - a.versionPriority || compareVersions(a.version, b.version))
        .map(({ version, name, versionPriority }) => ({ version, apiService: name, priority: versionPriority })),
    };
  });
  return [
    aggregatorGroup,
    ...groups.toSorted((a, b) => b.priority - a.priority || compareText(a.tieBreaker, b.tieBreaker)),
  ];
};

const leastName = (apiServices: readonly ApiService[]): string =>
  apiServices.map(({ name }) => name).reduce((least, name) => (name < least ? name : least));

/**
 * The groups of GET /apis: by the highest group priority of their APIServices, among equals by the name of the APIService
 * that has it; availability does not count (kube-aggregator handler_apis.go, pkg/apis/apiregistration/v1/helper/helpers.go).
 */
export const legacyOrder = (apiServices: readonly ApiService[]): readonly OrderedGroup[] =>
  ordered(apiServices, leastName);

/** By which name kube-apiserver writes its own APIServices: `kube-apiserver`, `k3s`, … */
const builtInWriter = (apiServices: readonly ApiService[]): string | null => {
  const written = Map.groupBy(apiServices.filter(isBuiltIn), ({ fieldManager }) => fieldManager);
  written.delete(null);
  return (
    [...written].toSorted(([a, as], [b, bs]) => bs.length - as.length || compareText(a ?? '', b ?? ''))[0]?.[0] ?? null
  );
};

const isBuiltIn = ({ service, labels }: ApiService): boolean =>
  service === null && labels[AUTOMANAGED_LABEL] === 'onstart';

/** What the aggregated document takes each APIService for; it never reads a local one, whose server registers itself. */
const placed = (
  apiServices: readonly ApiService[],
): readonly { readonly apiService: ApiService; readonly why: NotPlaced['why'] | null }[] => {
  const writer = builtInWriter(apiServices);
  return apiServices.map((apiService) => {
    const { service, labels, fieldManager } = apiService;
    if (service !== null) return { apiService, why: null };
    if (labels[AUTOMANAGED_LABEL] === 'true')
      return { apiService: { ...apiService, ...CUSTOM_RESOURCE_PRIORITIES }, why: null };
    if (!isBuiltIn(apiService)) return { apiService, why: 'handMade' };
    return { apiService, why: fieldManager === null || fieldManager === writer ? null : 'edited' };
  });
};

/**
 * The groups of the aggregated document: by the highest group priority, among equals by the group's name (apiserver
 * pkg/endpoints/discovery/aggregated/handler.go). What a local APIService asks for does not count there: a CRD's has fixed
 * priorities, a built-in one those it was made with. What `notPlacedInAggregated` names is left out: of a hand-made
 * APIService the version, of an edited built-in one the whole group.
 */
export const aggregatedOrder = (apiServices: readonly ApiService[]): readonly OrderedGroup[] => {
  const known = placed(apiServices);
  const edited = new Set(known.filter(({ why }) => why === 'edited').map(({ apiService }) => apiService.group));
  return ordered(
    known.flatMap(({ apiService, why }) => (why === null && !edited.has(apiService.group) ? [apiService] : [])),
    ([apiService]) => apiService?.group ?? '',
  );
};

/** The APIServices that do not tell where their version, or their whole group, stands in the aggregated document. */
export const notPlacedInAggregated = (apiServices: readonly ApiService[]): readonly NotPlaced[] =>
  placed(apiServices).flatMap(({ apiService: { group, name }, why }) =>
    why === null || group === '' || group === AGGREGATOR_GROUP ? [] : [{ group, apiService: name, why }],
  );

/**
 * The version that a client takes where it is not told one: of the aggregated document the first that is not Stale, of the
 * legacy one what the document says; null where there is none (client-go discovery/aggregated_discovery.go convertAPIGroup).
 */
export const clientPreferredVersion = ({ preferredVersion, versions }: DiscoveredGroup): string | null =>
  versions.every(({ freshness }) => freshness === null)
    ? preferredVersion
    : (versions.find(({ freshness }) => freshness !== 'Stale')?.version ?? null);
