import { conditionEvidence } from '../../aggregation/evidence.ts';
import { factAt } from '../../aggregation/fact-at.ts';
import { answerReading, currentFailure } from '../../aggregation/health.ts';
import { groupVersionPath } from '../../aggregation/group-version.ts';
import { compareVersions } from '../../aggregation/version-order.ts';
import { defineClusterCheck } from '../define-check.ts';
import { asObject, remedyFor } from '../remedy-for.ts';

export default defineClusterCheck({
  code: 'AA116',
  title: 'The product behind the Service no longer serves this version of its group',
  source: 'kube-aggregator remote_available_controller.go (bad status 404); Kubernetes deprecation policy',
  explanation:
    'The backend answers for another version of the same group and says 404 for this one: it was upgraded past it, and the old APIService stayed behind. Requests for the old ' +
    'version fail, and discovery is incomplete for every client, though the product is well.',
  byHand: ['kubectl get apiservices | grep <group>', 'kubectl get --raw /apis/<group>/<version>'],
  remedy: 'Move what still asks for the old version to the new one, then delete the APIService of the old version.',
  needs: ['apiServices'],
  run({ apiServices, answers }) {
    const remote = apiServices.state === 'known' ? apiServices.value.filter(({ service }) => service !== null) : [];
    return remote.flatMap((apiService) => {
      const { name, group, version, service } = apiService;
      const answer = factAt(answers, name);
      if (!service || currentFailure(apiService, answer)?.failure.kind !== 'pathMissing') return [];
      const sibling = remote.find(
        (other) =>
          other.name !== name &&
          other.group === group &&
          // A newer version that is missing is not yet served: its Pods are still to come.
          compareVersions(other.version, version) < 0 &&
          other.service?.namespace === service.namespace &&
          other.service.name === service.name &&
          answerReading(other, answers[other.name])?.outcome === 'works',
      );
      if (!sibling) return [];
      return [
        {
          subject: { kind: 'APIService', name },
          message: `Service ${service.namespace}/${service.name} serves ${sibling.version} of ${group} and no longer ${version}.`,
          evidence: [
            conditionEvidence(apiService),
            { from: `GET ${groupVersionPath(sibling)}`, value: '200, a valid list' },
          ],
          confidence: 'likely' as const,
          remedy: remedyFor(
            `Find who still asks for ${version}, move it to ${sibling.version}, then delete APIService ${name}.`,
            [{ of: asObject(apiService), commands: [`kubectl delete apiservice ${name}`], removes: true }],
            [`kubectl get --raw ${groupVersionPath(sibling)}`],
          ),
        },
      ];
    });
  },
});
