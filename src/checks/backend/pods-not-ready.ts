import { selectedPods, selectorText } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';
import { logEvidence } from '../log-finding.ts';
import { adviceFor, warningEvidence, warningsOf } from '../pod-warnings.ts';

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
  explainedBy: ['AA105', 'AA605', 'AA223', 'AA801', 'AA212', 'AA117'],
  needs: ['service', 'pods'],
  uses: ['events', 'logFindings'],
  run({ apiService, service, pods, used: { events, logFindings } }) {
    if (service === null) return null;
    const selected = selectedPods(service, pods);
    if (selected.length === 0 || selected.some(({ ready, deletedAt }) => ready && deletedAt === null)) return null;
    const { namespace, name } = service;
    const [first] = selected;
    // A condition's words begin with its status, which says nothing here.
    const states = (first?.states ?? []).map(({ from, value }) => ({
      reason: value.replace(/^False(?:: |$)/, '').split(': ')[0] ?? '',
      isEnd: from.endsWith('.terminated'),
    }));
    const reasons = states.map(({ reason }) => reason);
    // Why a container ended is closer than that it is started again, where it says more than `Error`.
    const end = states.find(({ reason, isEnd }) => isEnd && adviceFor([reason]) !== null)?.reason;
    const warnings = selected
      .slice(0, SHOWN)
      .flatMap((pod) => warningsOf(events, 'Pod', (podName) => podName === pod.name).slice(0, SHOWN));
    const own = warnings.filter((warning) => warning.name === first?.name);
    // That it runs and is not ready tells less than what its probe says.
    const why =
      end ?? (reasons[0]?.startsWith('running,') && own[0] ? `${own[0].reason}: ${own[0].message}` : reasons[0]);
    // What takes its place is another Pod, which a StatefulSet makes only once this one is gone.
    const areLeaving = selected.every(({ deletedAt }) => deletedAt !== null);
    const advised = adviceFor([...(end === undefined ? [] : [end]), ...reasons, ...own.map(({ reason }) => reason)]);
    return {
      message:
        `${selected.length === 1 ? 'The only Pod' : `${areLeaving ? 'Each' : 'None'} of the ${selected.length} Pods`} behind Service ${namespace}/${name} is ${areLeaving ? 'being deleted' : selected.length === 1 ? 'not Ready' : 'Ready'}` +
        (first && why ? `; Pod ${namespace}/${first.name} says ${why.replace(/\.$/, '')}.` : '.'),
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
        ...warnings.map((warning) => warningEvidence(namespace, warning)),
        ...(logFindings.state === 'known' ? logFindings.value : [])
          .filter(({ confidence }) => confidence !== 'possible')
          .slice(0, SHOWN)
          .map(logEvidence),
        conditionEvidence(apiService),
      ],
      sharedCause: { kind: 'Service', namespace, name },
      remedy: {
        text: areLeaving
          ? 'Wait for the Pod that takes its place. Where none comes, a Pod that stays Terminating on a node that is lost may hold it up, since a StatefulSet waits until it is gone: bring the node back, or remove it from the cluster.'
          : advised
            ? `${advised}.`
            : 'Mend what keeps the Pods from becoming Ready: the events and the last log lines of a Pod name it.',
        commands: [
          `kubectl -n ${namespace} get pods -l ${selectorText(service)}${areLeaving ? ' -o wide' : ''}`,
          ...(areLeaving ? ['kubectl get nodes'] : []),
          ...(first && !areLeaving
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
