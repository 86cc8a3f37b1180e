import { endpointFacts, withEndpoints } from '../bisection.ts';
import { backendService, defineStatedFailure, dialledText } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA207',
  kind: 'connectionRefused',
  title: 'The connection to the extension API server is refused',
  source:
    'Go net (ECONNREFUSED) in the FailedDiscoveryCheck message or the 503 body of kube-aggregator handler_proxy.go',
  explanation:
    'The dial reached a host that answered with a refusal: nothing listens on that address and port. The server is down or listens elsewhere ' +
    '(another port, loopback only), or service routing refuses because no endpoint is ready.',
  byHand: [
    'kubectl get --raw /apis/<group>/<version>',
    'kubectl -n <namespace> logs <pod>',
    'kubectl -n <namespace> port-forward pod/<pod> <port>',
  ],
  remedy: 'Make the server listen on the targetPort of its Service, on all addresses of the Pod.',
  explainedBy: ['AA105', 'AA114', 'AA204', 'AA205', 'AA206', 'AA203', 'AA221'],
  sharedCause: backendService,
  uses: endpointFacts,
  further: withEndpoints,
  message: (failure, apiService) =>
    `The connection to ${dialledText(failure, apiService)} for APIService ${apiService.name} is refused.`,
  mend: (_, { service }) => ({
    text: `See whether the server behind Service ${service.namespace}/${service.name} runs and on which port and address it listens; it must be the Service's targetPort, on all addresses of the Pod.`,
    commands: [
      `kubectl -n ${service.namespace} get service ${service.name} -o yaml`,
      `kubectl -n ${service.namespace} get endpointslices -l kubernetes.io/service-name=${service.name} -o yaml`,
    ],
  }),
});
