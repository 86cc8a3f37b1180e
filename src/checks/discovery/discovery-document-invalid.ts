import { readAnswer } from '../../aggregation/answer.ts';
import { answerEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath, groupVersionText } from '../../aggregation/group-version.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA411',
  title: 'The discovery document of the group version is not valid',
  source:
    'apimachinery pkg/apis/meta/v1/types.go, APIResourceList; kube-aggregator remote_available_controller.go (never reads the body)',
  explanation:
    'The availability check is content with any 2xx answer and closes the body unread, so an empty body, an HTML page or a document of another kind or group ' +
    'counts as available. Clients cannot use it: the resources of the group version are unknown to them.',
  byHand: ['kubectl get --raw /apis/<group>/<version>'],
  remedy: 'Answer with an APIResourceList: kind, apiVersion v1, groupVersion and resources.',
  needs: ['answer'],
  run({ apiService, answer }) {
    const reading = readAnswer(answer, apiService);
    if (reading.outcome !== 'invalidDocument') return null;
    const path = groupVersionPath(apiService);
    const { namespace, name } = apiService.service;
    return {
      message: `The answer of APIService ${apiService.name} for ${path} ${reading.problem}.`,
      evidence: [answerEvidence(apiService, answer)],
      remedy: {
        text:
          `Let the server behind Service ${namespace}/${name} answer ${path} with content type application/json and an APIResourceList: ` +
          `kind APIResourceList, apiVersion v1, groupVersion ${groupVersionText(apiService)}, and resources as a list.`,
        commands: [`kubectl get --raw ${path}`],
      },
    };
  },
});
