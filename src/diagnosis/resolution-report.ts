import { type Match, resolveName, type ServedResource } from '../aggregation/name-resolution.ts';
import type { ServedResources } from '../aggregation/served-resources.ts';
import type { ClusterSnapshot } from '../model/facts.ts';
import type { NamedResource, ResolutionReport } from '../model/report.ts';
import { quoteLine } from './received-text.ts';
import { clusterSummary, knownApiServices } from './cluster-summary.ts';

const forms = { plural: 'plural', singular: 'singular', shortName: 'short name', kind: 'kind' } as const;

const groupText = ({ group }: ServedResource): string => (group === '' ? 'the core group' : `group ${group}`);

const why = (
  { served, by }: Match,
  {
    others,
    explicit,
    from,
  }: { readonly others: readonly Match[]; readonly explicit: boolean } & Pick<ServedResources, 'from'>,
): string => {
  const is = `It is the ${forms[by]} of a resource of ${groupText(served)}`;
  const [next] = others;
  if (explicit) return `${is}, which is named.`;
  if (!next) return `${is}, and no other group has that name.`;
  if (served.group === '') return `${is}, which clients ask first whatever the priorities.`;
  return by !== 'shortName' && next.by === 'shortName'
    ? `${is}; a full name goes before the short name of ${groupText(next.served)} whatever the priorities.`
    : `${is}, which comes before ${groupText(next.served)} in the ${from} document.`;
};

/** What kubectl takes a name for, and why; null where nothing has that name. */
export const resolutionReport = (
  snapshot: ClusterSnapshot,
  { from, resources, namesakes, stale }: ServedResources,
  name: string,
): ResolutionReport | null => {
  const match = resolveName(resources, name);
  if (!match) return null;
  const { group } = match.served;
  const apiServices = knownApiServices(snapshot.facts);
  const named = ({ served, by }: Match): NamedResource => {
    const apiService = apiServices.find((each) => each.group === served.group && each.version === served.version);
    return {
      group: served.group,
      version: served.version,
      resource: quoteLine(served.resource),
      kind: quoteLine(served.kind),
      namespaced: served.namespaced,
      by,
      apiService: apiService?.name ?? null,
      service: apiService?.service ?? null,
    };
  };
  const [bare = ''] = name.split('.');
  const sharing = namesakes.get(bare) ?? namesakes.get(bare.toLowerCase()) ?? [];
  // One for each group: its other versions come with it.
  const others = sharing.filter(
    ({ served }, index) =>
      served.group !== group && sharing.findIndex((each) => each.served.group === served.group) === index,
  );
  const without = resolveName(
    resources.filter((served) => served.group !== group),
    name,
  );
  return {
    apiVersion: 'kubectl-aa/v1',
    kind: 'ResolutionReport',
    capturedAt: snapshot.capturedAt,
    cluster: clusterSummary(snapshot),
    name: quoteLine(name),
    resolution: named(match),
    why: quoteLine(why(match, { others, explicit: name.includes('.'), from })),
    others: others.map(named),
    withoutGroup: without ? named(without) : null,
    notSeen: stale,
  };
};
