import { readAnswer } from '../../aggregation/answer.ts';
import { answerEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath } from '../../aggregation/group-version.ts';
import { mayBeEmpty } from '../../aggregation/health.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA412',
  title: 'The discovery document of the group version lists no resources',
  source:
    'apimachinery pkg/apis/meta/v1/types.go, APIResourceList; client-go discovery (an empty list is not an error)',
  explanation:
    'The group version is there, but nothing in it: clients find no resource to ask for. The server has its resources switched off, waits for its ' +
    'configuration, or registers them later. An external metrics adapter may have an empty list and serve every metric.',
  byHand: ['kubectl get --raw /apis/<group>/<version>'],
  remedy:
    'See in the log and configuration of the server why it offers no resource, or remove the APIService if nothing uses it.',
  needs: ['answer'],
  run({ apiService, answer }) {
    const path = groupVersionPath(apiService);
    const reading = readAnswer(answer, apiService);
    if (reading.outcome !== 'works' || reading.resources > 0 || mayBeEmpty(apiService)) return null;
    return {
      message: `The backend of APIService ${apiService.name} answers ${path} with a valid list that holds no resource.`,
      evidence: [answerEvidence(apiService, answer)],
      remedy: {
        text: `See in the log and configuration of the server behind Service ${apiService.service.namespace}/${apiService.service.name} why it offers no resource.`,
        commands: [
          `kubectl get --raw ${path}`,
          `kubectl -n ${apiService.service.namespace} logs service/${apiService.service.name} --all-containers --tail=50`,
        ],
      },
    };
  },
});
