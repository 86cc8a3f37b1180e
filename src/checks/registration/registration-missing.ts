import type { Autoscaler } from '../../model/facts.ts';
import { defineClusterCheck } from '../define-check.ts';

const SHOWN = 5;

/** What usually serves each group, and where its absence can be seen. */
const servers: Readonly<Record<string, string>> = {
  'metrics.k8s.io': 'metrics-server',
  'custom.metrics.k8s.io': 'a custom metrics adapter (prometheus-adapter or another)',
  'external.metrics.k8s.io': 'an external metrics adapter (KEDA, prometheus-adapter or another)',
};

const seen = ({ namespace, name, scalingActive }: Autoscaler, group: string) => ({
  from: `HorizontalPodAutoscaler ${namespace}/${name}`,
  value: scalingActive
    ? `${scalingActive.status}, ${scalingActive.reason}: ${scalingActive.message}`
    : `spec.metrics asks ${group}`,
});

export default defineClusterCheck({
  code: 'AA115',
  title: 'Autoscalers ask for a group that nothing registers',
  source: 'kubernetes pkg/controller/podautoscaler/metrics; k8s.io/metrics',
  explanation:
    'Metrics are served by extension API servers that are no part of Kubernetes: without one, or after its removal, no APIService names the group and every request gets 404. ' +
    'The autoscaler leaves the number of replicas as it is.',
  byHand: ['kubectl get apiservices | grep metrics', 'kubectl get hpa --all-namespaces'],
  remedy: 'Install the server that provides the group, or let the autoscalers ask for metrics that the cluster has.',
  needs: ['apiServices', 'autoscalers'],
  run({ apiServices, autoscalers }) {
    if (apiServices.state !== 'known' || autoscalers.state !== 'known') return [];
    const registered = new Set(apiServices.value.map(({ group }) => group));
    return Object.entries(servers).flatMap(([group, server]) => {
      const asking = registered.has(group)
        ? []
        : autoscalers.value.filter(({ metrics }) => metrics.some((metric) => metric.group === group));
      const [first] = asking;
      if (!first) return [];
      return [
        {
          subject: { kind: 'APIGroup', name: group },
          message: `${asking.length === 1 ? `HorizontalPodAutoscaler ${first.namespace}/${first.name} asks` : `${asking.length} HorizontalPodAutoscalers ask`} ${group}, which no APIService registers.`,
          evidence: [
            { from: 'GET /apis/apiregistration.k8s.io/v1/apiservices', value: `none of group ${group}` },
            ...asking.slice(0, SHOWN).map((autoscaler) => seen(autoscaler, group)),
          ],
          affects: asking.map(({ namespace, name }) => ({ kind: 'HorizontalPodAutoscaler', namespace, name })),
          remedy: {
            text: `Install ${server}, or install it again if it was removed; its manifests register the group. An APIService made by hand, with nothing behind it, would break discovery for everybody.`,
            commands: [
              `kubectl get apiservices | grep ${group}`,
              `kubectl -n ${first.namespace} describe hpa ${first.name}`,
            ],
          },
        },
      ];
    });
  },
});
