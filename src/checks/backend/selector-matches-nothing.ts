import { selectedPods, selectorText } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA204',
  title: "The Service's selector matches no Pod",
  source:
    'Kubernetes Service API, spec.selector; kube-aggregator remote_available_controller.go, reason MissingEndpoints',
  explanation:
    'The Service selects Pods by labels that no Pod of its namespace carries: the Deployment was scaled to zero or removed, its labels were changed, ' +
    'or the selector has a typing error.',
  byHand: [
    'kubectl -n <namespace> get service <service> -o jsonpath={.spec.selector}',
    'kubectl -n <namespace> get pods --show-labels',
  ],
  remedy: 'Start the Pods again, or make the labels and the selector agree.',
  explainedBy: ['AA105', 'AA114'],
  needs: ['service', 'pods'],
  run({ apiService, service, pods }) {
    if (
      service === null ||
      service.type === 'ExternalName' ||
      Object.keys(service.selector).length === 0 ||
      selectedPods(service, pods).length > 0
    )
      return null;
    const { namespace, name } = service;
    const selector = selectorText(service);
    return {
      message: `The selector of Service ${namespace}/${name} matches no Pod.`,
      evidence: [
        { from: `Service ${namespace}/${name} spec.selector`, value: selector },
        {
          from: `Pods of namespace ${namespace}`,
          value:
            pods.length === 0
              ? 'none'
              : pods
                  .slice(0, 5)
                  .map(
                    (pod) =>
                      `${pod.name} (${
                        Object.entries(pod.labels)
                          .map(([key, value]) => `${key}=${value}`)
                          .join(',') || 'no labels'
                      })`,
                  )
                  .join('; ') + (pods.length > 5 ? `; ${pods.length - 5} more` : ''),
        },
        conditionEvidence(apiService),
      ],
      sharedCause: { kind: 'Service', namespace, name },
      remedy: {
        text: `Start the workload whose Pods carry ${selector}, or make its labels and the Service's selector agree.`,
        commands: [
          `kubectl -n ${namespace} get pods --show-labels`,
          `kubectl -n ${namespace} get deployments,statefulsets,daemonsets --show-labels`,
        ],
      },
    };
  },
});
