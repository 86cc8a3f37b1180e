import type { DiscoveredGroup } from '../aggregation/discovery-document.ts';
import {
  aggregatedOrder,
  AUTOMANAGED_LABEL,
  legacyOrder,
  notPlacedInAggregated,
  type OrderedGroup,
} from '../aggregation/group-order.ts';
import type { ApiService } from '../model/facts.ts';
import type { DiscoveryDifference } from '../model/report.ts';

/** The groups of both documents of the whole cluster, in their order. */
export interface BothDocuments {
  readonly legacy: readonly DiscoveredGroup[];
  readonly aggregated: readonly DiscoveredGroup[];
}

interface Registered {
  readonly apiServices: readonly ApiService[];
  readonly expectedLegacy: readonly OrderedGroup[];
  /** The edited built-in APIService of a group, by the group. */
  readonly edited: ReadonlyMap<string, string>;
}

/** Places among the names that both lists have. */
const commonPlaces = (
  one: readonly string[],
  other: readonly string[],
): ReadonlyMap<string, readonly [one: number, other: number]> => {
  const others = new Set(other);
  const common = one.filter((name) => others.has(name));
  const ones = new Set(one);
  const places = new Map(other.filter((name) => ones.has(name)).map((name, index) => [name, index + 1]));
  return new Map(common.map((name, index) => [name, [index + 1, places.get(name) ?? 0] as const]));
};

const namesOf = (groups: readonly { readonly group: string }[]): readonly string[] => groups.map(({ group }) => group);

/** Whether the document is in the order that the APIServices ask for, as far as they tell. */
const isAsExpected = (expected: readonly OrderedGroup[], document: readonly DiscoveredGroup[]): boolean =>
  [...commonPlaces(namesOf(expected), namesOf(document)).values()].every(([one, other]) => one === other);

/** The rule that moves a group in one document and not in the other. */
const groupRule = (group: string, { apiServices, expectedLegacy, edited }: Registered): string => {
  const own = apiServices.filter((each) => each.group === group);
  const apiService = edited.get(group);
  if (apiService !== undefined)
    return `APIService ${apiService} was edited: the legacy document follows its priority, the aggregated one keeps the built-in priority`;
  const custom = own.find(
    ({ labels, service, groupPriorityMinimum, versionPriority }) =>
      service === null &&
      labels[AUTOMANAGED_LABEL] === 'true' &&
      (groupPriorityMinimum !== 1000 || versionPriority !== 100),
  );
  if (custom)
    return `APIService ${custom.name} of a CRD asks for another priority: the legacy document follows it, the aggregated one has 1000 and 100 for every CRD`;
  const priority = expectedLegacy.find((each) => each.group === group)?.priority;
  const tied = expectedLegacy.some((each) => each.group !== group && each.priority === priority);
  return tied
    ? `groups of one priority (${priority}): the legacy document puts them in the order of their APIServices' names, the aggregated one in that of their own`
    : 'other groups moved past it';
};

const absenceRule = (group: string, apiServices: readonly ApiService[]): string => {
  const own = apiServices.filter((each) => each.group === group);
  if (own.length === 0)
    return 'no APIService registers it: the aggregated document has what kube-apiserver serves all the same, the legacy one what is registered';
  return own.every(({ service }) => service === null)
    ? 'its local APIService was made by hand: the legacy document lists every APIService, the aggregated one what is really served'
    : 'it was registered a moment ago';
};

/** The differences in order and membership between the documents of the whole cluster, each with the rule that makes it. */
export const orderDifferences = (
  { legacy, aggregated }: BothDocuments,
  apiServices: readonly ApiService[],
): readonly DiscoveryDifference[] => {
  const registered: Registered = {
    apiServices,
    expectedLegacy: legacyOrder(apiServices),
    edited: new Map(
      notPlacedInAggregated(apiServices)
        .filter(({ why }) => why === 'edited')
        .map(({ group, apiService }) => [group, apiService]),
    ),
  };
  const followsRules =
    isAsExpected(registered.expectedLegacy, legacy) && isAsExpected(aggregatedOrder(apiServices), aggregated);
  const places = commonPlaces(namesOf(legacy), namesOf(aggregated));
  const moved = [...places]
    .filter(([, [one, other]]) => one !== other)
    .map(([group, [one, other]]): DiscoveryDifference => ({
      path: `/apis/${group}`,
      legacy: `place ${one}`,
      aggregated: `place ${other}`,
      backend: null,
      code: followsRules ? null : 'AA415',
      severity: followsRules ? null : 'warning',
      why: followsRules
        ? groupRule(group, registered)
        : 'the order is not the one that the APIServices ask for; another kube-apiserver may have answered, or they changed just now',
    }));
  const absent = (document: 'legacy' | 'aggregated', group: string): DiscoveryDifference => ({
    path: `/apis/${group}`,
    legacy: document === 'legacy' ? 'absent' : 'listed',
    aggregated: document === 'legacy' ? 'listed' : 'absent',
    backend: null,
    code: null,
    severity: null,
    why: absenceRule(group, apiServices),
  });
  return [
    ...legacy.filter(({ group }) => !places.has(group)).map(({ group }) => absent('aggregated', group)),
    ...aggregated.filter(({ group }) => !places.has(group)).map(({ group }) => absent('legacy', group)),
    ...moved,
    ...legacy.flatMap((group) => versionDifferences(group, aggregated, registered)),
  ];
};

/** Within one group. */
const versionDifferences = (
  { group, versions }: DiscoveredGroup,
  aggregated: readonly DiscoveredGroup[],
  registered: Registered,
): readonly DiscoveryDifference[] => {
  const others = aggregated.find((each) => each.group === group)?.versions;
  if (!others) return [];
  const places = commonPlaces(
    versions.map(({ version }) => version),
    others.map(({ version }) => version),
  );
  return [...places]
    .filter(([, [one, other]]) => one !== other)
    .map(([version, [one, other]]) => ({
      path: `/apis/${group}/${version}`,
      legacy: `place ${one}`,
      aggregated: `place ${other}`,
      backend: null,
      code: null,
      severity: null,
      why: groupRule(group, registered),
    }));
};
