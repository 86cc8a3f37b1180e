import { selectedPods, servicePort } from '../../aggregation/endpoints.ts';
import { blockingPolicies } from '../../aggregation/network-policy.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA215',
  title: 'A NetworkPolicy selects the backend and admits no address of the control plane',
  source: 'networking.k8s.io/v1 NetworkPolicySpec (podSelector, ingress, ipBlock)',
  explanation:
    'kube-apiserver is no Pod, so no selector of Pods or namespaces admits it: only an address range or a rule without "from" does. Network plugins differ in what they do ' +
    'with traffic of the nodes, so such a policy may work on one cluster, and on another only from the node on which the Pod runs.',
  byHand: ['kubectl -n <namespace> get networkpolicies', 'kubectl -n <namespace> describe networkpolicy <name>'],
  remedy:
    'Add an ingress rule for the port with an ipBlock that holds the addresses of the control plane, or one without "from".',
  needs: ['service', 'pods', 'networkPolicies'],
  run({ apiService, current, service, pods, networkPolicies }) {
    const port = service && servicePort(service, apiService.service);
    if (!service || !port) return null;
    const hit = selectedPods(service, pods)
      .map((pod) => ({ pod, policies: blockingPolicies(pod, port, networkPolicies) }))
      .find(({ policies }) => policies.length > 0);
    const [policy] = hit?.policies ?? [];
    if (!hit || !policy) return null;
    const { namespace, name } = policy;
    const others = hit.policies.length - 1;
    const admitting = JSON.stringify({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace, name: `${service.name}-from-control-plane` },
      spec: {
        podSelector: { matchLabels: service.selector },
        policyTypes: ['Ingress'],
        ingress: [{ ports: [{ port: port.targetPort, protocol: 'TCP' }] }],
      },
    });
    return {
      message: `NetworkPolicy ${namespace}/${name}${others > 0 ? ` and ${others} more` : ''} lets no address of the control plane reach port ${port.targetPort} of Pod ${hit.pod.namespace}/${hit.pod.name}.`,
      evidence: hit.policies.map((one) => ({
        from: `NetworkPolicy ${one.namespace}/${one.name} spec.ingress`,
        value: one.ingress?.length
          ? 'names Pods or namespaces only for this port, or other ports'
          : 'empty: admits nobody',
      })),
      confidence: current?.failure.kind === 'connectionTimedOut' ? 'likely' : 'possible',
      sharedCause: { kind: 'NetworkPolicy', namespace, name },
      remedy: {
        text: `Admit the control plane to port ${port.targetPort} of these Pods by a policy of its own, since policies add up: with an ipBlock of its addresses, or for that port without "from". Leave ${namespace}/${name} as it is: it protects other ports and may select other Pods.`,
        commands: [
          `kubectl -n ${namespace} describe networkpolicy ${name}`,
          `echo '${admitting}' | kubectl apply -f -`,
        ],
      },
    };
  },
});
