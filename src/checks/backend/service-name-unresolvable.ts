import { backendService, defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA217',
  kind: 'nameUnresolvable',
  title: 'The name of the extension API server cannot be resolved',
  source:
    'Go net.DNSError in the FailedDiscoveryCheck message; apiserver pkg/util/proxy/proxy.go (only an ExternalName Service is dialled by name)',
  explanation:
    'kube-aggregator dials a ClusterIP, so DNS plays a part only for a Service of type ExternalName. Its name is resolved by the resolver of the ' +
    'control plane host, which knows nothing of cluster DNS.',
  byHand: ['kubectl -n <namespace> get service <service> -o jsonpath={.spec.externalName}'],
  remedy:
    'Set spec.externalName to a name that the control plane hosts can resolve, or use a Service with a ClusterIP.',
  sharedCause: backendService,
  message: (failure, { name, service }) =>
    `The control plane cannot resolve ${/lookup (\S+?)[: ]/.exec(failure.text)?.[1] ?? 'the host'}, to which Service ${service.namespace}/${service.name} sends APIService ${name}.`,
  mend: (_, { service }) => ({
    text: `Set spec.externalName of Service ${service.namespace}/${service.name} to a name that the control plane's own resolver knows, or use a Service with a ClusterIP.`,
    commands: [`kubectl -n ${service.namespace} get service ${service.name} -o yaml`],
  }),
});
