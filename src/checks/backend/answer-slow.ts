import { readAnswer } from '../../aggregation/answer.ts';
import { groupVersionPath } from '../../aggregation/group-version.ts';
import { SLOW_ANSWER_MS } from '../../aggregation/health.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA214',
  title: 'The answer takes more than half of the five seconds that kube-aggregator waits',
  source: 'kube-aggregator remote_available_controller.go and handler_proxy.go (5 s for a discovery request)',
  explanation:
    'Discovery requests and the availability check are given five seconds. A backend that needs more than half of them fails as soon as it or the ' +
    'control plane is busy, and then takes the whole group version with it.',
  byHand: ['time kubectl get --raw /apis/<group>/<version>'],
  remedy: 'Give the server more CPU, or find what it waits for when it answers discovery.',
  needs: ['answer'],
  run({ apiService, answer }) {
    if (readAnswer(answer, apiService).outcome !== 'works' || answer.latencyMs <= SLOW_ANSWER_MS) return null;
    const path = groupVersionPath(apiService);
    const { namespace, name } = apiService.service;
    return {
      message: `The backend of APIService ${apiService.name} took ${(answer.latencyMs / 1000).toFixed(1)} s to answer ${path}.`,
      evidence: [{ from: `GET ${path}`, value: `${answer.httpStatus} after ${Math.round(answer.latencyMs)} ms` }],
      remedy: {
        text: `Find what the server behind Service ${namespace}/${name} waits for when it answers discovery; five seconds is the limit.`,
        commands: [`time kubectl get --raw ${path}`, `kubectl -n ${namespace} top pods`],
      },
    };
  },
});
