import { aggregatedOrder, legacyOrder, type OrderedGroup } from '../../aggregation/group-order.ts';
import { listed } from '../../model/wording.ts';
import { isBuiltInGroup, remotesOf } from '../group-members.ts';
import { defineClusterCheck } from '../define-check.ts';

export default defineClusterCheck({
  code: 'AA511',
  title: 'Two groups have the same priority, so a name decides which comes first',
  source:
    'kube-aggregator pkg/apis/apiregistration/v1/helper/helpers.go; apiserver pkg/endpoints/discovery/aggregated/handler.go',
  explanation:
    'Groups are ordered by the highest groupPriorityMinimum of their APIServices. Among equals the legacy document goes by the name of the APIService, ' +
    'which begins with the version, and the aggregated document by the name of the group. Nobody chose that order, the two can differ, and a new version can change it. ' +
    'It matters where both groups offer a resource of one name. Groups of CustomResourceDefinitions, which all have 1000, are not counted.',
  byHand: [
    'kubectl get apiservices -o custom-columns=NAME:.metadata.name,PRIORITY:.spec.groupPriorityMinimum',
    'kubectl aa priority',
  ],
  remedy: 'Give the groups different priorities if they share a resource name; else there is nothing to do.',
  needs: ['apiServices'],
  run({ apiServices }) {
    if (apiServices.state !== 'known') return [];
    const all = apiServices.value;
    const aggregated = aggregatedOrder(all).map(({ group }) => group);
    const counted = legacyOrder(all).filter(
      ({ group, priority }) =>
        isBuiltInGroup(all, group) || remotesOf(all, group).some((each) => each.groupPriorityMinimum === priority),
    );
    return [...Map.groupBy(counted, ({ priority }) => priority)].flatMap(([priority, groups]) => {
      const remote = groups.find(({ group }) => remotesOf(all, group).length > 0);
      if (!remote || groups.length < 2) return [];
      // The legacy order breaks the tie by the name of the APIService that has the priority.
      const apiServiceOf = ({ tieBreaker }: OrderedGroup): string => tieBreaker;
      const names = groups.map(({ group }) => group);
      return [
        {
          subject: { kind: 'APIService', name: apiServiceOf(remote) },
          message: `Groups ${listed(names)} have the same group priority ${priority}, so their names decide which comes first.`,
          evidence: [
            ...groups.slice(0, 5).map((each) => ({
              from: `APIService ${apiServiceOf(each)} spec.groupPriorityMinimum`,
              value: String(priority),
            })),
            { from: 'order in the legacy document', value: listed(names) },
            {
              from: 'order in the aggregated document',
              value: listed(names.toSorted((a, b) => aggregated.indexOf(a) - aggregated.indexOf(b))),
            },
          ],
          remedy: {
            text: 'Leave it if the groups share no resource name; else give the one that should come first a higher groupPriorityMinimum.',
            commands: [`kubectl aa priority ${remote.group}`],
          },
          affects: groups
            .filter((each) => each !== remote)
            .map((each) => ({ kind: 'APIService', name: apiServiceOf(each) })),
        },
      ];
    });
  },
});
