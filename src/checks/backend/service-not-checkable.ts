import { backendService, defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA222',
  kind: 'serviceNotCheckable',
  title: 'kube-aggregator could not look at the Service or its endpoints',
  source:
    'kube-aggregator remote_available_controller.go, reasons ServiceAccessError and EndpointsAccessError; apiserver pkg/util/proxy/proxy.go',
  explanation:
    'The Service or its endpoints could not be read or resolved, for another reason than absence: an informer that fails, or a Service type that the routing in use does not support (ExternalName with --enable-aggregator-routing).',
  byHand: [
    'kubectl get apiservice <name> -o jsonpath={.status.conditions}',
    'kubectl -n <namespace> get service <service> -o yaml',
  ],
  remedy: 'Use a Service with a ClusterIP, or mend what keeps kube-apiserver from reading Services and endpoints.',
  sharedCause: backendService,
  message: (_, apiService) =>
    `kube-aggregator cannot resolve Service ${apiService.service.namespace}/${apiService.service.name} for APIService ${apiService.name}.`,
  mend: (_, apiService) => ({
    text: `Read what the condition says; use a Service of type ClusterIP where the type is the reason.`,
    commands: [
      `kubectl -n ${apiService.service.namespace} get service ${apiService.service.name} -o yaml`,
      `kubectl get --raw /readyz?verbose`,
    ],
  }),
});
