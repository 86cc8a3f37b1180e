import { readAnswer } from '../../aggregation/answer.ts';
import { readDiscovery } from '../../aggregation/discovery-document.ts';
import { entryEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath, groupVersionText } from '../../aggregation/group-version.ts';
import { resourceDifferences } from '../../aggregation/resource-differences.ts';
import { defineClusterCheck } from '../define-check.ts';

export default defineClusterCheck({
  code: 'AA422',
  title: 'The aggregated document keeps resources of a Service that no longer serves the group version',
  source:
    'kube-aggregator pkg/apiserver/apiserver.go (a change from remote to local does not remove the entry of the discovery manager); autoregister_controller.go (reverts the APIService of a CRD)',
  explanation:
    'Where somebody applies a Service onto the APIService of a CRD, kube-apiserver takes it back within a second and without an error. The aggregated document keeps the resources ' +
    'of that Service all the same, until kube-apiserver restarts: clients see a kind that is not there, and miss the one that is.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'kubectl api-resources --api-group=<group>'],
  remedy: 'Restart kube-apiserver, and find out who applies a Service to the APIService of a CRD.',
  needs: ['apiServices'],
  needsDocuments: ['aggregated'],
  run({ apiServices, localLists, discoveryDocuments }) {
    const document = discoveryDocuments['aggregated'];
    const reading = document?.state === 'known' ? readDiscovery(document.value) : null;
    if (!reading?.valid || reading.form === 'legacy' || apiServices.state !== 'known') return [];
    return apiServices.value.flatMap((apiService) => {
      const list = localLists[apiService.name];
      const answer = list?.state === 'known' ? readAnswer(list.value, apiService) : null;
      const entry = reading.groups
        .find(({ group }) => group === apiService.group)
        ?.versions.find(({ version }) => version === apiService.version);
      if (apiService.service !== null || answer?.outcome !== 'works' || !entry?.resources) return [];
      const differences = resourceDifferences(answer.list, entry.resources);
      const absent = differences.filter(({ aspect }) => aspect === 'presence' || aspect === 'kind');
      if (absent.length === 0) return [];
      const path = groupVersionPath(apiService);
      return [
        {
          subject: { kind: 'APIService', name: apiService.name },
          message: `The aggregated discovery document shows other resources of ${groupVersionText(apiService)} than ${path} serves: they are left over from a Service that the APIService named for a moment.`,
          evidence: [
            entryEvidence(apiService, entry),
            {
              from: `GET ${path}`,
              value: `resources ${answer.list.map(({ resource }) => resource).join(', ') || 'none'}`,
            },
          ],
          // The Service itself is gone, and two kube-apiservers may be a change of the CustomResourceDefinition apart.
          confidence: 'likely' as const,
          remedy: {
            text: 'Restart kube-apiserver; then let whoever applies a Service to this APIService apply it to one of another group version.',
            commands: [`kubectl get apiservice ${apiService.name} -o yaml --show-managed-fields`],
          },
        },
      ];
    });
  },
});
