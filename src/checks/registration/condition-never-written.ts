import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';

/** The first verdict follows within about a second; a busy control plane gets a minute. */
const PATIENCE_MS = 60_000;

export default defineCheck({
  code: 'AA111',
  title: 'kube-apiserver has never judged the APIService',
  source:
    'kube-aggregator pkg/controllers/status/remote/remote_available_controller.go (returns before writing status when no transport can be built, 1.36)',
  explanation:
    'The availability controller writes its first verdict about a second after creation. Without one kube-aggregator refuses every request. ' +
    'From 1.36 on an unusable caBundle has this effect; on every version an unusable front-proxy client certificate, or controllers that do not run.',
  byHand: ['kubectl get apiservice <name> -o jsonpath={.status}', 'kubectl get --raw /readyz?verbose'],
  remedy:
    'Mend spec.caBundle if it is unusable; otherwise look at the availability controllers in /readyz?verbose and at the kube-apiserver log.',
  explainedBy: ['AA306'],
  needs: [],
  run({ apiService }, capturedAt) {
    const { name, availability, createdAt } = apiService;
    if (availability !== null || createdAt === null || capturedAt.getTime() - Date.parse(createdAt) < PATIENCE_MS)
      return null;
    return {
      message: `APIService ${name} has no Available condition, though it was created at ${createdAt}.`,
      evidence: [
        conditionEvidence(apiService),
        { from: `APIService ${name} metadata.creationTimestamp`, value: createdAt },
      ],
      remedy: {
        text: `See whether the availability controllers run, and what the kube-apiserver log says of ${name}.`,
        commands: [
          'kubectl get --raw /readyz?verbose',
          `kubectl -n kube-system logs -l component=kube-apiserver --tail=-1 | grep ${name}`,
        ],
      },
    };
  },
});
