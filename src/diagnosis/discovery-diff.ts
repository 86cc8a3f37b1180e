import { factAt } from '../aggregation/fact-at.ts';
import type { DiscoveredGroup, DiscoveredVersion } from '../aggregation/discovery-document.ts';
import { readDiscovery } from '../aggregation/discovery-document.ts';
import { clientPreferredVersion } from '../aggregation/group-order.ts';
import { resourceDifferences } from '../aggregation/resource-differences.ts';
import type { ClusterSnapshot, DiscoveryDocumentName } from '../model/facts.ts';
import type { DiscoveryChange, DiscoveryDiff } from '../model/report.ts';
import { oneLine, quoteLine } from './received-text.ts';
import { clusterSummary } from './cluster-summary.ts';

/** Which documents are compared: both snapshots have to have the same. */
export interface ComparedDocuments {
  readonly before: readonly DiscoveredGroup[];
  readonly after: readonly DiscoveredGroup[];
}

const pairs: readonly (readonly DiscoveryDocumentName[])[] = [
  ['aggregatedCore', 'aggregated'],
  ['legacyCore', 'legacy'],
];

/** The groups of these documents; null where one is missing, cannot be believed or is not of the form asked for. */
const groupsIn = (
  { facts }: ClusterSnapshot,
  names: readonly DiscoveryDocumentName[],
): readonly DiscoveredGroup[] | null => {
  const groups: DiscoveredGroup[] = [];
  for (const name of names) {
    const fact = factAt(facts.discoveryDocuments, name);
    const reading = fact.state === 'known' ? readDiscovery(fact.value) : null;
    if (!reading?.valid || (reading.form === 'legacy') !== name.startsWith('legacy')) return null;
    groups.push(...reading.groups);
  }
  return groups;
};

const comparedDocuments = (before: ClusterSnapshot, after: ClusterSnapshot): ComparedDocuments | null => {
  for (const names of pairs) {
    const [one, other] = [groupsIn(before, names), groupsIn(after, names)];
    if (one && other) return { before: one, after: other };
  }
  return null;
};

const versionChanges = (
  path: string,
  before: DiscoveredVersion,
  after: DiscoveredVersion,
): readonly DiscoveryChange[] => [
  ...(before.freshness === after.freshness
    ? []
    : [{ path, what: 'freshness', before: before.freshness, after: after.freshness }]),
  // A Stale version has lost its resources, and that is said.
  ...(before.freshness === 'Stale' || after.freshness === 'Stale'
    ? []
    : resourceDifferences(before.resources ?? [], after.resources ?? []).map(({ resource, aspect, one, other }) =>
        aspect === 'presence'
          ? {
              path,
              what: `resource ${quoteLine(resource)}`,
              before: one === 'listed' ? 'served' : null,
              after: other === 'listed' ? 'served' : null,
            }
          : { path, what: `${quoteLine(resource)}, ${aspect}`, before: quoteLine(one), after: quoteLine(other) },
      )),
];

const groupChanges = (before: DiscoveredGroup, after: DiscoveredGroup): readonly DiscoveryChange[] => {
  const path = before.group === '' ? '/api' : `/apis/${oneLine(before.group)}`;
  const [preferredBefore, preferredAfter] = [clientPreferredVersion(before), clientPreferredVersion(after)];
  const later = new Map(after.versions.map((version) => [version.version, version]));
  const earlier = new Set(before.versions.map(({ version }) => version));
  return [
    ...(preferredBefore === preferredAfter
      ? []
      : [{ path, what: 'preferred version', before: preferredBefore, after: preferredAfter }]),
    ...before.versions.flatMap((version) => {
      const counterpart = later.get(version.version);
      const versionPath = `${path}/${oneLine(version.version)}`;
      return counterpart
        ? versionChanges(versionPath, version, counterpart)
        : [{ path: versionPath, what: 'version', before: 'served', after: null }];
    }),
    ...after.versions
      .filter(({ version }) => !earlier.has(version))
      .map(({ version }) => ({ path: `${path}/${oneLine(version)}`, what: 'version', before: null, after: 'served' })),
  ];
};

const changesBetween = ({ before, after }: ComparedDocuments): readonly DiscoveryChange[] => {
  const later = new Map(after.map((group) => [group.group, group]));
  const earlier = new Set(before.map(({ group }) => group));
  const versionsOf = ({ versions }: DiscoveredGroup): string =>
    versions.map(({ version }) => quoteLine(version)).join(', ');
  return [
    ...before.flatMap((group) => {
      const counterpart = later.get(group.group);
      return counterpart
        ? groupChanges(group, counterpart)
        : [{ path: `/apis/${oneLine(group.group)}`, what: 'group', before: versionsOf(group), after: null }];
    }),
    ...after
      .filter(({ group }) => !earlier.has(group))
      .map((group) => ({
        path: `/apis/${oneLine(group.group)}`,
        what: 'group',
        before: null,
        after: versionsOf(group),
      })),
  ];
};

/** What changed from one snapshot to another; null where they have no discovery document of one form in common. */
export const discoveryDiff = (before: ClusterSnapshot, after: ClusterSnapshot): DiscoveryDiff | null => {
  const documents = comparedDocuments(before, after);
  return (
    documents && {
      apiVersion: 'kubectl-aa/v1',
      kind: 'DiscoveryDiff',
      capturedAt: after.capturedAt,
      before: { capturedAt: before.capturedAt, cluster: clusterSummary(before) },
      after: { capturedAt: after.capturedAt, cluster: clusterSummary(after) },
      changes: changesBetween(documents),
    }
  );
};
