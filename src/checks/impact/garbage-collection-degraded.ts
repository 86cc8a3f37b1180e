import { isMetricsGroup } from '../metrics-groups.ts';
import { defineOutageImpact } from '../outage-impact.ts';

export default defineOutageImpact({
  code: 'AA703',
  title: 'The garbage collector and the quota controller work without the group',
  source: 'kubernetes pkg/controller/garbagecollector (GetDeletableResources), pkg/controller/resourcequota',
  explanation:
    'Both controllers learn from discovery what there is. What a group version holds that discovery does not show is neither collected nor counted, and an object ' +
    'whose owner is of such a kind waits. Metrics groups hold nothing that is collected.',
  byHand: [
    'kubectl get --raw /apis/<group>/<version>',
    'kubectl -n kube-system logs -l component=kube-controller-manager | grep "failed to discover some groups"',
  ],
  remedy: 'Mend the group version; both controllers take it up again by themselves.',
  appliesTo: (apiService) => !isMetricsGroup(apiService),
  message: (service) =>
    `The garbage collector and the quota controller work without what ${service} serves: its objects are neither collected nor counted.`,
  affects: [
    { kind: 'Controller', name: 'garbage-collector-controller' },
    { kind: 'Controller', name: 'resourcequota-controller' },
  ],
});
