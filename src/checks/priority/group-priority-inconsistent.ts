import { legacyOrder } from '../../aggregation/group-order.ts';
import { defineClusterCheck } from '../define-check.ts';
import { remotesOf } from '../group-members.ts';
import { patchedSpec, remedyFor } from '../remedy-for.ts';

export default defineClusterCheck({
  code: 'AA515',
  title: 'Versions of one group ask for different group priorities',
  source: 'kube-aggregator pkg/apis/apiregistration/v1/types.go groupPriorityMinimum; v1/helper/helpers.go',
  explanation:
    'The place of a group is that of its highest groupPriorityMinimum; what the other versions ask for has no effect. ' +
    'When the version with the highest one is removed, the whole group moves.',
  byHand: ['kubectl get apiservices -o custom-columns=NAME:.metadata.name,PRIORITY:.spec.groupPriorityMinimum'],
  remedy: 'Give all versions of the group the same groupPriorityMinimum.',
  needs: ['apiServices'],
  run: ({ apiServices }) =>
    apiServices.state !== 'known'
      ? []
      : legacyOrder(apiServices.value).flatMap(({ group }) => {
          const remotes = remotesOf(apiServices.value, group).toSorted(
            (a, b) => b.groupPriorityMinimum - a.groupPriorityMinimum || (a.name < b.name ? -1 : 1),
          );
          const [highest, ...others] = remotes;
          const lower = others.filter((each) => each.groupPriorityMinimum !== highest?.groupPriorityMinimum);
          if (!highest || lower.length === 0) return [];
          return [
            {
              subject: { kind: 'APIService', name: highest.name },
              message: `Versions of group ${group} ask for different group priorities; ${highest.groupPriorityMinimum}, which APIService ${highest.name} asks for, decides.`,
              evidence: remotes.map(({ name, groupPriorityMinimum }) => ({
                from: `APIService ${name} spec.groupPriorityMinimum`,
                value: String(groupPriorityMinimum),
              })),
              remedy: remedyFor(
                `Give every APIService of group ${group} the same groupPriorityMinimum.`,
                lower.map((each) => patchedSpec(each, { groupPriorityMinimum: highest.groupPriorityMinimum })),
              ),
              affects: lower.map(({ name }) => ({ kind: 'APIService', name })),
            },
          ];
        }),
});
