import type { DiscoveredGroup } from '../aggregation/discovery-document.ts';
import { aggregatedOrder, AUTOMANAGED_LABEL, legacyOrder, type OrderedGroup } from '../aggregation/group-order.ts';
import { namesakes, type ServedResource } from '../aggregation/name-resolution.ts';
import { resourcesOf, servedResources } from '../aggregation/served-resources.ts';
import type { ApiService, ClusterSnapshot } from '../model/facts.ts';
import type { WhatIf } from '../model/report.ts';
import { placeIn } from './places.ts';
import { quoteLine } from './received-text.ts';
import { knownApiServices } from './cluster-summary.ts';

const namesOf = (order: readonly OrderedGroup[]): readonly string[] => order.map(({ group }) => group);

/** Those of `others` that are on the other side of the group. */
const passed = (before: readonly string[], after: readonly string[], group: string): readonly string[] => {
  if (!before.includes(group)) return [];
  const behind = new Set(before.slice(before.indexOf(group) + 1));
  return after.slice(0, Math.max(0, after.indexOf(group))).filter((other) => behind.has(other));
};

const preferred = (order: readonly OrderedGroup[], group: string): string | null =>
  order.find((each) => each.group === group)?.versions[0]?.version ?? null;

/** The document with each of the groups where the computed order has it: before the first one that follows it there. */
const reordered = (
  document: readonly DiscoveredGroup[],
  order: readonly OrderedGroup[],
  groups: readonly string[],
): readonly DiscoveredGroup[] =>
  groups.reduce((all, name) => {
    const moved = all.find(({ group }) => group === name);
    const place = order.findIndex(({ group }) => group === name);
    const versions = order[place]?.versions.map(({ version }) => version);
    if (!moved || !versions) return all;
    const rest = all.filter((each) => each !== moved);
    const followers = new Set(order.slice(place + 1).map(({ group }) => group));
    const at = rest.findIndex(({ group }) => followers.has(group));
    const sorted = {
      ...moved,
      versions: moved.versions.toSorted((a, b) => versions.indexOf(a.version) - versions.indexOf(b.version)),
    };
    return at === -1 ? [...rest, sorted] : rest.toSpliced(at, 0, sorted);
  }, document);

const text = ({ resource, version, group }: ServedResource): string =>
  group === '' ? resource : `${resource}.${version}.${group}`;

/** Names whose resource changes, of what is served now; what a new group version will offer is not known. */
const changedNames = (
  before: ClusterSnapshot,
  orders: Readonly<Record<'legacy' | 'aggregated', readonly OrderedGroup[]>>,
  groups: readonly string[],
): { readonly names: WhatIf['names']; readonly notes: readonly string[] } => {
  const served = servedResources(before.facts);
  if (served.state !== 'known')
    return { names: [], notes: [`Which names change their meaning is not known: ${served.detail}.`] };
  const then = namesakes(reordered(served.value.groups, orders[served.value.from], groups).flatMap(resourcesOf));
  const names = [...served.value.namesakes].flatMap(([name, [now]]) => {
    const [later] = then.get(name) ?? [];
    return now && later && text(now.served) !== text(later.served)
      ? [{ name: quoteLine(name), before: quoteLine(text(now.served)), after: quoteLine(text(later.served)) }]
      : [];
  });
  return { names, notes: [] };
};

/** What kube-apiserver does to an APIService of its own, or to one that claims to be (autoregister_controller.go). */
const notesOn = (now: ApiService | undefined, then: ApiService): readonly string[] => {
  const label = then.labels[AUTOMANAGED_LABEL];
  if (label === 'true')
    return [
      now
        ? `kube-apiserver undoes the change of APIService ${then.name} within a second: it keeps it for a CustomResourceDefinition.`
        : `kube-apiserver deletes APIService ${then.name} within a second unless a CustomResourceDefinition serves it: it carries the label ${AUTOMANAGED_LABEL}.`,
    ];
  if (label === 'onstart')
    return [
      `kube-apiserver writes APIService ${then.name} anew when it starts again; until then only the legacy document follows it.`,
    ];
  return then.service === null && !now
    ? [
        `APIService ${then.name} names no Service: only the legacy document lists it, and requests are answered 404 unless kube-apiserver serves the group version.`,
      ]
    : [];
};

const isSame = (now: ApiService, then: ApiService): boolean =>
  (
    ['groupPriorityMinimum', 'versionPriority', 'service', 'insecureSkipTlsVerify', 'caBundle', 'labels'] as const
  ).every((field) => JSON.stringify(now[field]) === JSON.stringify(then[field]));

/** What is different once `applied` are as in `after`. Needs `apiServices` to be known in both. */
export const whatIf = (before: ClusterSnapshot, after: ClusterSnapshot, applied: readonly string[]): WhatIf => {
  const now = new Map(knownApiServices(before.facts).map((apiService) => [apiService.name, apiService]));
  const then = knownApiServices(after.facts).filter(({ name }) => applied.includes(name));
  const later = (withoutEffect: (earlier: ApiService, apiService: ApiService) => boolean): readonly ApiService[] =>
    knownApiServices(after.facts).map((apiService) => {
      const earlier = now.get(apiService.name);
      return earlier && applied.includes(apiService.name) && withoutEffect(earlier, apiService) ? earlier : apiService;
    });
  const isUndone = ({ labels }: ApiService): boolean => labels[AUTOMANAGED_LABEL] === 'true';
  const orders = {
    legacy: { before: legacyOrder([...now.values()]), after: legacyOrder(later(isUndone)) },
    aggregated: {
      before: aggregatedOrder([...now.values()]),
      // The aggregated document never looks at a local one.
      after: aggregatedOrder(
        later((earlier, { service }) => isUndone(earlier) || (earlier.service ?? service) === null),
      ),
    },
  };
  const concerned = [...new Set(then.map(({ group }) => group))].filter((group) => group !== '');
  const groups = concerned.map((group) => {
    const [earlier, following] = [namesOf(orders.aggregated.before), namesOf(orders.aggregated.after)];
    return {
      group,
      legacy: {
        before: placeIn(namesOf(orders.legacy.before), group),
        after: placeIn(namesOf(orders.legacy.after), group),
      },
      aggregated: {
        before: placeIn(namesOf(orders.aggregated.before), group),
        after: placeIn(namesOf(orders.aggregated.after), group),
      },
      preferredVersion: {
        before: preferred(orders.legacy.before, group),
        after: preferred(orders.legacy.after, group),
      },
      overtakes: passed(following, earlier, group),
      fallsBehind: passed(earlier, following, group),
    };
  });
  const changed = changedNames(before, { legacy: orders.legacy.after, aggregated: orders.aggregated.after }, concerned);
  return {
    applied: then.map((apiService) => {
      const earlier = now.get(apiService.name);
      return {
        apiService: apiService.name,
        effect: earlier ? (isSame(earlier, apiService) ? 'unchanged' : 'configured') : 'created',
      };
    }),
    groups: groups.filter(
      ({ legacy, aggregated, preferredVersion }) =>
        legacy.before !== legacy.after ||
        aggregated.before !== aggregated.after ||
        preferredVersion.before !== preferredVersion.after,
    ),
    names: changed.names,
    notes: [...then.flatMap((each) => notesOn(now.get(each.name), each)), ...changed.notes].map(quoteLine),
  };
};
