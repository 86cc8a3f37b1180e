import { selectedPods } from '../../aggregation/endpoints.ts';
import type { Evidence } from '../../model/finding.ts';
import { defineCheck } from '../define-check.ts';
import { logEvidence, saidInLog } from '../log-finding.ts';

const KUBELET_PORT = 10_250;
const clash = /address already in use|didn't have free ports|node\(s\) had no free ports/;

/** A container that never ran has taken no port. */
const hasEnded = ({ from, value }: Evidence): boolean =>
  from.endsWith('.terminated') || value.startsWith('CrashLoopBackOff');

export default defineCheck({
  code: 'AA223',
  title: "A Pod of the host's network wants a port that its node already uses",
  source: 'Kubernetes Pod spec.hostNetwork; kubelet --port (10250)',
  explanation:
    "A Pod with hostNetwork listens on the node's own address. metrics-server and others listen on 10250 by default, where the kubelet already listens: the container ends with " +
    '"address already in use", or the Pod is never scheduled.',
  byHand: ['kubectl -n <namespace> get pods -o wide', 'kubectl -n <namespace> logs <pod> --previous'],
  remedy:
    'Let the server listen on another port (--secure-port), and change the container port and the targetPort of the Service with it.',
  explainedBy: ['AA105'],
  needs: ['service', 'pods'],
  uses: ['logFindings'],
  run({ apiService, service, pods, used: { logFindings } }) {
    const selected = service ? selectedPods(service, pods) : [];
    if (!service || selected.some(({ ready }) => ready)) return null;
    const logged = saidInLog(logFindings, 'AA223');
    const found = selected.flatMap((pod) => {
      if (!pod.hostNetwork) return [];
      const inLog = logged?.from.startsWith(`Log of Pod ${pod.namespace}/${pod.name},`)
        ? logEvidence(logged)
        : undefined;
      const state = pod.states.find(({ value }) => clash.test(value));
      const said = state ? { from: `Pod ${pod.namespace}/${pod.name} ${state.from}`, value: state.value } : inLog;
      const port = pod.containerPorts.find((one) => one.port === KUBELET_PORT)?.port;
      const clashes = said !== undefined || (port !== undefined && pod.states.some(hasEnded));
      return clashes ? [{ pod, said, port }] : [];
    });
    const hit = found.find(({ said }) => said !== undefined) ?? found[0];
    if (!hit) return null;
    const { pod, said, port } = hit;
    const { namespace, name } = service;
    return {
      message: `Pod ${namespace}/${pod.name}, which serves APIService ${apiService.name} on the network of its node, wants a port that is taken${port === undefined ? '' : `: ${port} is the kubelet's`}.`,
      evidence: [
        { from: `Pod ${namespace}/${pod.name} spec.hostNetwork`, value: 'true' },
        ...(port === undefined
          ? []
          : [{ from: `Pod ${namespace}/${pod.name} spec.containers[].ports`, value: String(port) }]),
        ...(said ? [said] : []),
      ],
      confidence: said ? 'certain' : 'likely',
      sharedCause: { kind: 'Service', namespace, name },
      remedy: {
        text: "Let the server listen on another port, and change the container port and the Service's targetPort with it.",
        commands: [
          `kubectl -n ${namespace} get pod ${pod.name} -o jsonpath='{.spec.containers[*].args}'`,
          `kubectl -n ${namespace} logs ${pod.name} --previous --tail=20`,
        ],
      },
    };
  },
});
