import { backendService, defineStatedFailure, dialledText } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA218',
  kind: 'plainHttp',
  title: 'The backend does not speak TLS on the port of the APIService',
  source:
    'Go net/http (server gave HTTP response to HTTPS client) and crypto/tls (first record does not look like a TLS handshake)',
  explanation:
    'kube-aggregator speaks HTTPS only, and there is no setting for plain HTTP. The answer to its TLS hello was clear text: the server serves plain HTTP ' +
    'on that port, or the Service sends the port to a metrics or health port, or to another protocol.',
  byHand: [
    'kubectl get --raw /apis/<group>/<version>',
    'kubectl -n <namespace> get service <service> -o jsonpath={.spec.ports}',
  ],
  remedy:
    'Serve TLS on that port with a certificate for <service>.<namespace>.svc, or send the Service port to the TLS port of the server.',
  sharedCause: backendService,
  message: (failure, apiService) =>
    `What answers at ${dialledText(failure, apiService)} for APIService ${apiService.name} does not speak TLS.`,
  mend: (_, { service }) => ({
    text:
      `Serve TLS on the targetPort of Service ${service.namespace}/${service.name} (port ${service.port}), with a certificate for ` +
      `${service.name}.${service.namespace}.svc, or send that port to the TLS port of the server. Then serve the group's discovery paths there.`,
    commands: [`kubectl -n ${service.namespace} get service ${service.name} -o yaml`],
  }),
});
