import { hasEnded, labelledPods } from '../../aggregation/endpoints.ts';
import { meets } from '../../aggregation/label-requirements.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA216',
  title: 'One Pod serves the group version, and nothing keeps it from being evicted',
  source: 'policy/v1 PodDisruptionBudget; Kubernetes, Disruptions',
  explanation:
    'When the node is drained or the Pod is moved, the group version is gone until another Pod is ready, and with it complete discovery: namespaces cannot be deleted, ' +
    'autoscalers stand still. A disruption budget makes a drain wait, a second replica makes it harmless.',
  byHand: ['kubectl -n <namespace> get pods -l <selector>', 'kubectl -n <namespace> get poddisruptionbudgets'],
  remedy: 'Run two replicas with a disruption budget of maxUnavailable 1.',
  explainedBy: ['AA105'],
  needs: ['service', 'pods', 'disruptionBudgets'],
  run({ apiService, service, pods, disruptionBudgets }) {
    // While one goes another may be on its way.
    const selected = service ? labelledPods(service, pods).filter(({ phase }) => !hasEnded(phase)) : [];
    const [pod] = selected;
    if (!service || !pod || selected.length > 1 || pod.deletedAt !== null) return null;
    if (disruptionBudgets.some(({ selector }) => selector !== null && meets(pod.labels, selector))) return null;
    const { namespace, name } = service;
    return {
      message: `One Pod, ${namespace}/${pod.name}, serves APIService ${apiService.name}, and no PodDisruptionBudget covers it.`,
      evidence: [
        { from: `Pods behind Service ${namespace}/${name}`, value: pod.name },
        {
          from: `PodDisruptionBudgets of namespace ${namespace}`,
          value: disruptionBudgets.length === 0 ? 'none' : `${disruptionBudgets.length}, none selects it`,
        },
      ],
      sharedCause: { kind: 'Service', namespace, name },
      remedy: {
        text: 'Run two replicas and give them a disruption budget that lets one go at a time; minAvailable 1 with one replica would keep its node from being drained.',
        commands: [
          `kubectl -n ${namespace} get deployments,replicasets`,
          `kubectl -n ${namespace} create poddisruptionbudget ${name} --max-unavailable=1 --selector=${Object.entries(
            service.selector,
          )
            .map(([key, value]) => `${key}=${value}`)
            .join(',')}`,
        ],
      },
    };
  },
});
