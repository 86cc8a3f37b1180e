import type { DiscoveredGroup } from '../aggregation/discovery-document.ts';
import {
  AGGREGATOR_GROUP,
  aggregatedOrder,
  clientPreferredVersion,
  legacyOrder,
  type NotPlaced,
  notPlacedInAggregated,
  type OrderedGroup,
} from '../aggregation/group-order.ts';
import { documentGroups } from '../aggregation/served-resources.ts';
import type { ApiService, ClusterSnapshot, Fact } from '../model/facts.ts';
import type { PriorityGroup, PriorityReport, PriorityVersion, WhatIf } from '../model/report.ts';
import { listed } from '../model/wording.ts';
import { placeIn, ranks } from './places.ts';
import { quoteLine } from './received-text.ts';
import { clusterSummary, knownApiServices } from './cluster-summary.ts';

/** One of the four orders: computed from the APIServices, or as a document has it. */
type Order = readonly { readonly group: string; readonly versions: readonly { readonly version: string }[] }[];

interface Orders {
  readonly expectedLegacy: readonly OrderedGroup[];
  readonly legacy: readonly DiscoveredGroup[] | null;
  readonly expectedAggregated: readonly OrderedGroup[];
  readonly aggregated: readonly DiscoveredGroup[] | null;
}

const orderNames = ['expectedLegacy', 'legacy', 'expectedAggregated', 'aggregated'] as const;

const valueOf = <T>(fact: Fact<T>): T | null => (fact.state === 'known' ? fact.value : null);

const placeReason = (group: string, tiedWith: readonly string[], registered: OrderedGroup | undefined): string => {
  if (group === AGGREGATOR_GROUP) return "It is kube-aggregator's own group, which every document has first.";
  if (!registered) return 'No APIService registers it: kube-apiserver serves it all the same.';
  if (tiedWith.length === 0) return `No other group has the priority ${registered.priority}.`;
  return `It shares the priority ${registered.priority} with ${listed(tiedWith)}: the aggregated document goes by the names of the groups, the legacy one by those of the APIServices, here ${registered.tieBreaker}.`;
};

const versionReasons = ({ versions }: OrderedGroup): readonly string[] => {
  const tied = versions.filter(
    ({ priority }, index) => versions[index - 1]?.priority === priority || versions[index + 1]?.priority === priority,
  );
  return tied.length === 0
    ? []
    : [
        `Versions ${listed(tied.map(({ version }) => version))} share a version priority with another: among equals stable comes before beta before alpha, then the higher number.`,
      ];
};

const clientReasons = ({
  expected,
  legacy,
  clients,
  aggregated,
}: PriorityGroup['preferredVersion']): readonly string[] => [
  ...(clients !== null && aggregated !== null && clients !== aggregated
    ? [`Version ${aggregated} is Stale: kubectl and newer clients take ${clients}.`]
    : []),
  ...(clients === null && aggregated !== null ? ['All versions are Stale: kubectl does not know the group.'] : []),
  ...(legacy !== null && clients !== null && legacy !== clients
    ? [`Clients that read the legacy document take ${legacy}, whether or not it is available.`]
    : []),
  ...(expected !== null && aggregated !== null && expected !== aggregated
    ? [`By the APIServices ${expected} would come first; the aggregated document has ${aggregated} first.`]
    : []),
];

const notPlacedReason = ({ why, apiService }: NotPlaced): string =>
  why === 'edited'
    ? `APIService ${apiService} was edited: the legacy document follows it, the aggregated one goes on with the priority that kube-apiserver was built with.`
    : `APIService ${apiService} was not made by kube-apiserver and has no Service: the legacy document lists it, the aggregated one only if something serves it.`;

const versionsOf = (group: string, orders: Orders, apiServices: readonly ApiService[]): readonly PriorityVersion[] => {
  const inOrder = (name: (typeof orderNames)[number]) => orders[name]?.find((each) => each.group === group);
  const names = new Map(
    orderNames.map((name) => [name, inOrder(name)?.versions.map(({ version }) => version)] as const),
  );
  const all = new Set(
    (['aggregated', 'legacy', 'expectedLegacy', 'expectedAggregated'] as const).flatMap(
      (name) => names.get(name) ?? [],
    ),
  );
  return [...all].map((version) => {
    const apiService = apiServices.find((each) => each.group === group && each.version === version);
    return {
      version,
      apiService: apiService?.name ?? null,
      service: apiService?.service ?? null,
      priority: apiService ? { group: apiService.groupPriorityMinimum, version: apiService.versionPriority } : null,
      rank: ranks((name) => placeIn(names.get(name), version)),
      freshness:
        orders.aggregated?.find((each) => each.group === group)?.versions.find((each) => each.version === version)
          ?.freshness ?? null,
    };
  });
};

/** The ranking of all groups but core, which clients always take first. Needs `apiServices` to be known. */
export const priorityReport = (snapshot: ClusterSnapshot, whatIf: WhatIf | null): PriorityReport => {
  const { facts, capturedAt } = snapshot;
  const apiServices = knownApiServices(facts);
  const documents = { legacy: documentGroups(facts, 'legacy'), aggregated: documentGroups(facts, 'aggregated') };
  const orders: Orders = {
    expectedLegacy: legacyOrder(apiServices),
    legacy: valueOf(documents.legacy),
    expectedAggregated: aggregatedOrder(apiServices),
    aggregated: valueOf(documents.aggregated),
  };
  const places = new Map(orderNames.map((name) => [name, orders[name]?.map(({ group }) => group)] as const));
  const notPlaced = notPlacedInAggregated(apiServices);
  const groupsIn = (order: Order | null): readonly string[] => (order ?? []).map(({ group }) => group);
  const names = new Set([
    ...groupsIn(orders.aggregated ?? orders.expectedAggregated),
    ...groupsIn(orders.legacy ?? []),
    ...groupsIn(orders.expectedLegacy),
  ]);
  const byPriority = Map.groupBy(orders.expectedLegacy, ({ priority }) => priority);
  const served = (order: readonly DiscoveredGroup[] | null, group: string): DiscoveredGroup | null =>
    order?.find((each) => each.group === group) ?? null;
  const why = (document: Fact<unknown>): string | null =>
    document.state === 'known' ? null : quoteLine(document.detail);
  return {
    apiVersion: 'kubectl-aa/v1',
    kind: 'PriorityReport',
    capturedAt,
    cluster: clusterSummary(snapshot),
    documents: { legacy: why(documents.legacy), aggregated: why(documents.aggregated) },
    groups: [...names].map((group): PriorityGroup => {
      const registered = orders.expectedLegacy.find((each) => each.group === group);
      const legacy = served(orders.legacy, group);
      const aggregated = served(orders.aggregated, group);
      const tiedWith = groupsIn(registered ? (byPriority.get(registered.priority) ?? []) : []).filter(
        (other) => other !== group,
      );
      const preferredVersion = {
        expected: registered?.versions[0]?.version ?? null,
        legacy: legacy ? clientPreferredVersion(legacy) : null,
        aggregated: aggregated?.versions[0]?.version ?? null,
        clients: aggregated
          ? clientPreferredVersion(aggregated)
          : orders.aggregated === null && legacy
            ? clientPreferredVersion(legacy)
            : null,
      };
      return {
        group,
        priority: registered?.priority ?? null,
        rank: ranks((name) => placeIn(places.get(name), group)),
        tiedWith,
        preferredVersion,
        versions: versionsOf(group, orders, apiServices),
        why: [
          placeReason(group, tiedWith, registered),
          ...(registered ? versionReasons(registered) : []),
          ...notPlaced.filter((each) => each.group === group).map(notPlacedReason),
          ...clientReasons(preferredVersion),
        ].map(quoteLine),
      };
    }),
    whatIf,
  };
};
