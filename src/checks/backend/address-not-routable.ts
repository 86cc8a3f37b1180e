import { backendService, defineStatedFailure, dialledText } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA209',
  kind: 'addressNotRoutable',
  title: 'The control plane has no route to the backend',
  source:
    'Go net (EHOSTUNREACH, ENETUNREACH) in the FailedDiscoveryCheck message or the 503 body of kube-aggregator handler_proxy.go',
  explanation:
    'The network of the control plane refuses the address at once: a firewall that rejects, a node that is down, a Pod or Service range that is not routed to the control plane or overlaps another network.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'kubectl get nodes -o wide'],
  remedy:
    'Route the Service and Pod ranges to the control plane, or let kube-apiserver dial endpoints (--enable-aggregator-routing).',
  explainedBy: ['AA105', 'AA203'],
  sharedCause: backendService,
  message: (failure, apiService) =>
    `The control plane has no route to ${dialledText(failure, apiService)} for APIService ${apiService.name}.`,
  mend: (failure, apiService) => ({
    text: `Route the range of ${dialledText(failure, apiService)} from the control plane nodes to the cluster network, and see whether the node of the Pod is up.`,
    commands: [
      `kubectl -n ${apiService.service.namespace} get endpointslices -l kubernetes.io/service-name=${apiService.service.name} -o wide`,
      `kubectl get nodes -o wide`,
    ],
  }),
});
