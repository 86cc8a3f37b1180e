import { selectedPods, servicePort } from '../../aggregation/endpoints.ts';
import { failureEvidence } from '../../aggregation/evidence.ts';
import type { Failure } from '../../aggregation/failure.ts';
import type { Pod } from '../../model/facts.ts';
import { defineCheck } from '../define-check.ts';

/** Containers that take a Pod's connections, and the annotation that leaves a port to the server itself. */
const sidecars: Readonly<Record<string, string>> = {
  'istio-proxy': 'traffic.sidecar.istio.io/excludeInboundPorts',
  'linkerd-proxy': 'config.linkerd.io/skip-inbound-ports',
  'consul-dataplane': 'consul.hashicorp.com/transparent-proxy-exclude-inbound-ports',
  'kuma-sidecar': 'traffic.kuma.io/exclude-inbound-ports',
};

const sidecarOf = ({ containers }: Pod): string | undefined => containers.find((name) => Object.hasOwn(sidecars, name));

/** Only the sidecar keeps the Pod from being Ready. */
const isHeldUp = ({ ready, states }: Pod, sidecar: string): boolean => {
  const named = states.flatMap(
    ({ from }) => /^status\.(?:containerStatuses|initContainerStatuses)\[([^\]]+)\]/.exec(from)?.[1] ?? [],
  );
  return !ready && named.length > 0 && named.every((name) => name === sidecar);
};

/** What the proxy of a mesh does to a connection without the mesh's own client certificate, or says when it reaches nobody. */
const isProxyFailure = ({ kind, httpStatus, text }: Failure): boolean =>
  kind === 'tlsHandshakeFails' ||
  (kind === 'backendError' &&
    (httpStatus === null || /upstream connect error|no healthy upstream|RBAC: access denied/.test(text)));

export default defineCheck({
  code: 'AA212',
  title: 'The sidecar of a service mesh stands before the backend',
  source:
    'kube-aggregator handler_proxy.go (kube-apiserver is no member of a mesh); documentation of Istio, Linkerd, Consul and Kuma',
  explanation:
    'The sidecar takes the connections to the Pod. kube-apiserver is no member of the mesh: where strict mutual TLS is asked for, the sidecar ends its connection in the handshake; ' +
    'and while the sidecar itself is not ready, the Pod is no endpoint, however well the server is.',
  byHand: [
    'kubectl -n <namespace> get pod <pod> -o jsonpath={.spec.containers[*].name}',
    'kubectl -n <namespace> logs <pod> -c <sidecar>',
  ],
  remedy: 'Take the port of the server out of the mesh with the annotation of the mesh on the Pod template.',
  explainedBy: ['AA105'],
  needs: ['service', 'pods'],
  uses: ['answer'],
  run({ apiService, current, service, pods, used: { answer } }) {
    const port = service && servicePort(service, apiService.service);
    if (!service || !port) return null;
    const selected = selectedPods(service, pods);
    for (const pod of selected) {
      const sidecar = sidecarOf(pod);
      if (sidecar === undefined) continue;
      // Beside one that is Ready it may be starting only, and holds nothing up.
      const heldUp = isHeldUp(pod, sidecar) && !selected.some(({ ready }) => ready);
      if (!heldUp && !(current && isProxyFailure(current.failure))) continue;
      const { namespace, name } = pod;
      return {
        message: heldUp
          ? `Sidecar ${sidecar} keeps Pod ${namespace}/${name}, which serves APIService ${apiService.name}, from becoming Ready.`
          : `Sidecar ${sidecar} of Pod ${namespace}/${name} takes the connections for APIService ${apiService.name}, and they fail.`,
        evidence: [
          { from: `Pod ${namespace}/${name} spec.containers[].name`, value: pod.containers.join(', ') },
          ...(heldUp
            ? pod.states.slice(0, 1).map(({ from, value }) => ({ from: `Pod ${namespace}/${name} ${from}`, value }))
            : failureEvidence(apiService, answer, current)),
        ],
        confidence: 'likely',
        sharedCause: { kind: 'Service', namespace: service.namespace, name: service.name },
        remedy: {
          text: `Annotate the Pod template with ${sidecars[sidecar]}: "${port.targetPort}", so that the server gets its connections itself; there is no need to relax the mesh for anything else.`,
          commands: [
            `kubectl -n ${namespace} logs ${name} -c ${sidecar} --tail=20`,
            `kubectl -n ${namespace} get pod ${name} -o jsonpath='{.metadata.ownerReferences[0].name}'`,
          ],
        },
      };
    }
    return null;
  },
});
