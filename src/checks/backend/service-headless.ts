import { backendService, defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA224',
  kind: 'serviceHeadless',
  title: 'The Service has no ClusterIP to dial',
  source: 'apiserver pkg/util/proxy/proxy.go (ResolveCluster)',
  explanation:
    'Without --enable-aggregator-routing kube-aggregator dials the ClusterIP. A headless Service has none, so there is nothing to dial, however healthy its Pods are.',
  byHand: ['kubectl -n <namespace> get service <service> -o jsonpath={.spec.clusterIP}'],
  remedy: 'Use a Service with a ClusterIP for the APIService.',
  explainedBy: ['AA203'],
  sharedCause: backendService,
  message: (_, apiService) =>
    `Service ${apiService.service.namespace}/${apiService.service.name}, to which APIService ${apiService.name} leads, has no ClusterIP that kube-aggregator could dial.`,
  mend: (_, apiService) => ({
    text: `Create a Service with a ClusterIP for the same Pods and name it in spec.service (clusterIP of an existing Service cannot be changed), or start kube-apiserver with --enable-aggregator-routing=true.`,
    commands: [`kubectl -n ${apiService.service.namespace} get service ${apiService.service.name} -o yaml`],
  }),
});
