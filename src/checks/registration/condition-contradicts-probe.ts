import { readAnswer } from '../../aggregation/answer.ts';
import { answerEvidence, conditionEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath } from '../../aggregation/group-version.ts';
import { defineCheck } from '../define-check.ts';
import { outageCauses } from '../outage-causes.ts';

export default defineCheck({
  code: 'AA112',
  title: 'The Available condition and a request made now contradict each other',
  source:
    'kube-aggregator pkg/controllers/status/remote/remote_available_controller.go (up to 1.35 the check does not verify TLS, and no version reads the body); pkg/apiserver/handler_proxy.go',
  explanation:
    'The condition is the result of a check that runs every 30 seconds, as system:masters, up to 1.35 without verifying TLS, and content with any ' +
    '2xx answer whatever its body. So it can say True while every request fails. It can also lag behind, or come from another kube-apiserver replica.',
  byHand: [
    'kubectl get apiservice <name> -o jsonpath={.status.conditions}',
    'kubectl get --raw /apis/<group>/<version>',
  ],
  remedy: 'Trust the request and mend what it shows; if nothing else is found, ask again after two minutes.',
  explainedBy: [...outageCauses, 'AA113'],
  needs: ['answer'],
  run({ apiService, answer }) {
    const { name, availability } = apiService;
    if (availability === null) return null;
    const { outcome } = readAnswer(answer, apiService);
    const path = groupVersionPath(apiService);
    const says = availability.status;
    if (outcome === 'starting' || (says === 'True') === (outcome === 'works')) return null;
    return {
      message:
        says === 'True'
          ? `APIService ${name} is Available=True, yet a request for ${path} made now fails.`
          : `APIService ${name} is Available=${says}, yet a request for ${path} made now succeeds.`,
      evidence: [conditionEvidence(apiService), answerEvidence(apiService, answer)],
      remedy: {
        text: 'Go by the request, not by the condition; if no other finding explains it, ask again in two minutes, and ask each kube-apiserver replica.',
        commands: [`kubectl get --raw ${path}`, `kubectl get apiservice ${name} -o yaml`],
      },
    };
  },
});
