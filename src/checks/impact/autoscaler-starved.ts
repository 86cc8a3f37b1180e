import { groupVersionText } from '../../aggregation/group-version.ts';
import { havePodsSettled } from '../../aggregation/health.ts';
import type { ApiService, Autoscaler } from '../../model/facts.ts';
import { defineCheck } from '../define-check.ts';
import { isMetricsGroup } from '../metrics-groups.ts';
import { impactCauses } from '../outage-causes.ts';

const SHOWN = 5;

/** Reasons of ScalingActive=False, and the group that did not give what was asked (podautoscaler/horizontal.go). */
const reasons: Readonly<Record<string, string>> = {
  FailedGetResourceMetric: 'metrics.k8s.io',
  FailedGetContainerResourceMetric: 'metrics.k8s.io',
  FailedGetPodsMetric: 'custom.metrics.k8s.io',
  FailedGetObjectMetric: 'custom.metrics.k8s.io',
  FailedGetExternalMetric: 'external.metrics.k8s.io',
};

/** The group answers and has no such metric (k8s.io/metrics clients, custom-metrics-apiserver provider errors). */
const lacksMetric = ({ scalingActive }: Autoscaler, { group }: ApiService): boolean =>
  scalingActive?.status === 'False' &&
  group !== 'metrics.k8s.io' &&
  reasons[scalingActive.reason] === group &&
  /could not find the (?:requested resource|metric)|no metrics returned from (?:custom|external) metrics API| not found|not registered/i.test(
    scalingActive.message,
  );

/** Its target has no replicas, so that it asks for nothing. */
const isOff = ({ scalingActive }: Autoscaler): boolean => scalingActive?.reason === 'ScalingDisabled';

/** Its only metric was there when it last looked, every 15 seconds: another version of the group may serve it. */
const hasItsMetric = ({ metrics, scalingActive }: Autoscaler): boolean =>
  metrics.length === 1 && scalingActive?.status === 'True';

const seen = ({ namespace, name, metrics, scalingActive }: Autoscaler, { group }: ApiService) => ({
  from: `HorizontalPodAutoscaler ${namespace}/${name} status.conditions[ScalingActive]`,
  value: scalingActive
    ? `${scalingActive.status}, ${scalingActive.reason}: ${scalingActive.message}`
    : `absent; it asks for ${metrics
        .filter((metric) => metric.group === group)
        .map(({ name: metric }) => metric)
        .join(', ')}`,
});

export default defineCheck({
  code: 'AA702',
  title: 'HorizontalPodAutoscalers do not get the metrics that they scale by',
  source: 'kubernetes pkg/controller/podautoscaler (condition ScalingActive); k8s.io/metrics clients',
  explanation:
    'An autoscaler that gets none of its metrics leaves the number of replicas as it is, whatever the load; one that gets some of them only scales up. Either its group ' +
    'does not answer, or it answers and does not hold the metric (rules of the adapter, labels, a query without result).',
  byHand: [
    'kubectl get hpa --all-namespaces',
    'kubectl -n <namespace> describe hpa <name>',
    'kubectl get --raw /apis/<group>/<version>',
  ],
  remedy: 'Mend the group version; where it answers, make the adapter serve the metric or ask for one that it has.',
  explainedBy: impactCauses,
  appliesTo: isMetricsGroup,
  needs: [],
  uses: ['autoscalers', 'service', 'pods'],
  run({ apiService, current, used }, capturedAt) {
    const { autoscalers } = used;
    if (autoscalers.state !== 'known') return { undeterminedFor: 'autoscalers' };
    // An adapter that came up just now has yet to learn what it holds, and the autoscalers to ask it.
    if (current === null && !havePodsSettled(used, capturedAt)) return null;
    const asking = autoscalers.value.filter(
      (autoscaler) => !isOff(autoscaler) && autoscaler.metrics.some(({ group }) => group === apiService.group),
    );
    const starved =
      current === null
        ? asking.filter((autoscaler) => lacksMetric(autoscaler, apiService))
        : asking.filter((autoscaler) => !hasItsMetric(autoscaler));
    const [first] = starved;
    if (!first) return null;
    const who =
      starved.length === 1
        ? `HorizontalPodAutoscaler ${first.namespace}/${first.name} gets`
        : `${starved.length} HorizontalPodAutoscalers get`;
    return {
      message: `${who} no metrics from ${groupVersionText(apiService)}, ${current === null ? 'which answers but does not hold them' : 'which does not answer'}.`,
      evidence: starved.slice(0, SHOWN).map((autoscaler) => seen(autoscaler, apiService)),
      confidence: starved.some(
        ({ scalingActive }) => scalingActive?.status === 'False' && reasons[scalingActive.reason] === apiService.group,
      )
        ? 'certain'
        : 'likely',
      remedy: {
        text:
          current === null
            ? `Make the server behind ${apiService.name} serve the metric, or let the autoscaler ask for one that it has.`
            : `Mend ${apiService.name}; until then set the number of replicas by hand where the load needs it.`,
        commands: [
          `kubectl -n ${first.namespace} describe hpa ${first.name}`,
          `kubectl get --raw /apis/${groupVersionText(apiService)}`,
        ],
      },
      affects: starved.map(({ namespace, name }) => ({ kind: 'HorizontalPodAutoscaler', namespace, name })),
    };
  },
});
