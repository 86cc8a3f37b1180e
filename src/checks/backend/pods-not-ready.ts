import { selectedPods, selectorText } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';

const SHOWN = 3;

export default defineCheck({
  code: 'AA205',
  title: 'The Pods behind the Service are not Ready',
  source:
    'Kubernetes Pod lifecycle, condition Ready; kube-aggregator remote_available_controller.go, reason MissingEndpoints',
  explanation:
    'Pods are selected, but none is Ready, so none is an endpoint: not scheduled, image not pulled, crashing, or failing its readiness probe. ' +
    'The state of the Pod tells which.',
  byHand: [
    'kubectl -n <namespace> get pods -l <selector>',
    'kubectl -n <namespace> describe pod <pod>',
    'kubectl -n <namespace> logs <pod> --previous',
  ],
  remedy: 'Mend what keeps the Pods from becoming Ready.',
  explainedBy: ['AA105', 'AA605', 'AA223', 'AA212', 'AA117'],
  needs: ['service', 'pods'],
  run({ apiService, service, pods }) {
    if (service === null) return null;
    const selected = selectedPods(service, pods);
    if (selected.length === 0 || selected.some(({ ready, deletedAt }) => ready && deletedAt === null)) return null;
    const { namespace, name } = service;
    const [first] = selected;
    // A condition's words begin with its status, which says nothing here.
    const why = first?.states[0]?.value.replace(/^False(?:: |$)/, '').split(': ')[0];
    return {
      message:
        `${selected.length === 1 ? 'The only Pod' : `None of the ${selected.length} Pods`} behind Service ${namespace}/${name} is ${selected.length === 1 ? 'not ' : ''}Ready` +
        (first && why ? `; Pod ${namespace}/${first.name} says ${why}.` : '.'),
      evidence: [
        ...selected
          .slice(0, SHOWN)
          .flatMap((pod) =>
            pod.deletedAt !== null
              ? [{ from: `Pod ${namespace}/${pod.name} metadata.deletionTimestamp`, value: pod.deletedAt }]
              : pod.states.length === 0
                ? [{ from: `Pod ${namespace}/${pod.name} status.phase`, value: pod.phase }]
                : pod.states
                    .slice(0, SHOWN)
                    .map(({ from, value }) => ({ from: `Pod ${namespace}/${pod.name} ${from}`, value })),
          ),
        ...(selected.length > SHOWN
          ? [{ from: `Pods of namespace ${namespace}`, value: `${selected.length - SHOWN} more, none Ready` }]
          : []),
        conditionEvidence(apiService),
      ],
      sharedCause: { kind: 'Service', namespace, name },
      remedy: {
        text: 'Mend what keeps the Pods from becoming Ready: the events and the last log lines of a Pod name it.',
        commands: [
          `kubectl -n ${namespace} get pods -l ${selectorText(service)}`,
          ...(first
            ? [
                `kubectl -n ${namespace} describe pod ${first.name}`,
                `kubectl -n ${namespace} logs ${first.name} --all-containers --tail=50`,
              ]
            : []),
        ],
      },
    };
  },
});
