import { legacyOrder } from '../../aggregation/group-order.ts';
import { currentFailure } from '../../aggregation/health.ts';
import { readKubeVersion } from '../../aggregation/version-order.ts';
import type { Answer, ApiService, FactsByName } from '../../model/facts.ts';
import { defineClusterCheck } from '../define-check.ts';
import { remotesOf } from '../group-members.ts';
import { patchedSpec, remedyFor } from '../remedy-for.ts';

const isServed = (apiService: ApiService, answers: FactsByName<Answer>): boolean =>
  apiService.availability?.status === 'True' && currentFailure(apiService, answers[apiService.name]) === null;

export default defineClusterCheck({
  code: 'AA512',
  title: 'An alpha or beta version is preferred to a stable version of the group',
  source: 'kube-aggregator pkg/apis/apiregistration/v1/types.go versionPriority; apimachinery pkg/version/helpers.go',
  explanation:
    'Inside a group the highest versionPriority comes first; the names of the versions count only among equals. Clients that name no version, kubectl first of all, ' +
    'take the first one: here one that may change or vanish, although a stable one is served.',
  byHand: ['kubectl get --raw /apis/<group>', 'kubectl aa priority <group>'],
  remedy: 'Give the stable version the highest versionPriority of the group.',
  needs: ['apiServices'],
  run: ({ apiServices, answers }) =>
    apiServices.state !== 'known'
      ? []
      : legacyOrder(apiServices.value).flatMap(({ group, versions }) => {
          const [preferred] = versions;
          const stability = readKubeVersion(preferred?.version ?? '')?.stability ?? 'stable';
          const stable = versions.find(
            ({ version, apiService }) =>
              readKubeVersion(version)?.stability === 'stable' &&
              // One that is only registered so far is better not preferred.
              apiServices.value.some((each) => each.name === apiService && isServed(each, answers)),
          );
          const remote = remotesOf(apiServices.value, group).find(({ name }) => name === preferred?.apiService);
          if (!preferred?.apiService || !stable?.apiService || !remote || stability === 'stable') return [];
          return [
            {
              subject: { kind: 'APIService', name: preferred.apiService },
              message: `Version ${preferred.version} of group ${group} is preferred to the stable version ${stable.version}.`,
              evidence: [preferred, stable].map((each) => ({
                from: `APIService ${each.apiService} spec.versionPriority`,
                value: String(each.priority),
              })),
              remedy: remedyFor(
                `Give APIService ${stable.apiService} the higher versionPriority, or ${preferred.apiService} a lower one.`,
                [patchedSpec(remote, { versionPriority: Math.max(1, stable.priority - 1) })],
              ),
              affects: [{ kind: 'APIService', name: stable.apiService }],
            },
          ];
        }),
});
