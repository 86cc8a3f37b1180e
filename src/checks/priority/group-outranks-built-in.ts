import { aggregatedOrder } from '../../aggregation/group-order.ts';
import { defineClusterCheck } from '../define-check.ts';
import { isBuiltInGroup, remotesOf } from '../group-members.ts';
import { patchedSpec, remedyFor } from '../remedy-for.ts';

export default defineClusterCheck({
  code: 'AA514',
  title: 'A remote group is ordered before a built-in one',
  source:
    'apiserver pkg/endpoints/discovery/aggregated/handler.go; client-go restmapper/discovery.go; kube-aggregator pkg/apis/apiregistration/v1/types.go groupPriorityMinimum',
  explanation:
    'Of resources with one name clients take the one of the group that comes first. A remote group before a built-in one takes every name that both have, now or in a later release: ' +
    'kubectl get <name> then goes to the extension API server. Only the core group stays first whatever the priorities.',
  byHand: ['kubectl get apiservices --sort-by=.spec.groupPriorityMinimum', 'kubectl aa priority'],
  remedy: 'Give the remote group a priority below those of the built-in groups, such as 1000 to 2000.',
  needs: ['apiServices'],
  run({ apiServices }) {
    if (apiServices.state !== 'known') return [];
    const all = apiServices.value;
    const order = aggregatedOrder(all);
    const lastBuiltIn = order.findLastIndex(({ group }) => isBuiltInGroup(all, group));
    return order.slice(0, lastBuiltIn + 1).flatMap(({ group, priority }, place) => {
      const highest = remotesOf(all, group).find((each) => each.groupPriorityMinimum === priority);
      if (!highest || isBuiltInGroup(all, group)) return [];
      const outranked = order.slice(place).filter((each) => isBuiltInGroup(all, each.group));
      const [first] = outranked;
      if (!first) return [];
      return [
        {
          subject: { kind: 'APIService', name: highest.name },
          message: `Group ${group} is ordered before ${outranked.length === 1 ? '' : `${outranked.length} built-in groups, the first of them `}${first.group}.`,
          evidence: [
            { from: `APIService ${highest.name} spec.groupPriorityMinimum`, value: String(priority) },
            {
              from: `APIService ${first.versions[0]?.apiService} spec.groupPriorityMinimum`,
              value: String(first.priority),
            },
          ],
          remedy: remedyFor(
            `Lower groupPriorityMinimum of the APIServices of group ${group}; nothing but the order depends on it.`,
            remotesOf(all, group).map((each) => patchedSpec(each, { groupPriorityMinimum: 1000 })),
          ),
        },
      ];
    });
  },
});
