import { groupVersionPath } from '../../aggregation/group-version.ts';
import { defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA220',
  kind: 'redirect',
  title: 'The backend answers with a redirect',
  source:
    'kube-aggregator handler_proxy.go (--aggregator-reject-forwarding-redirect); remote_available_controller.go (3xx is a bad status from 1.26 on)',
  explanation:
    "kube-aggregator refuses to pass redirects on, since they would send the caller, with the request, to a place of the backend's choice. Usual causes: " +
    'a web front end behind the Service, a login page, or a server that adds or removes a trailing slash.',
  byHand: ['kubectl get --raw /apis/<group>/<version>'],
  remedy:
    'Let the backend answer the path itself, and let the Service lead to the API server and not to a web front end.',
  message: (failure, apiService) =>
    `The backend of APIService ${apiService.name} answers ${groupVersionPath(apiService)} with a redirect, which kube-aggregator refuses.`,
  mend: (_, apiService) => ({
    text: `Let the server behind Service ${apiService.service.namespace}/${apiService.service.name} answer ${groupVersionPath(apiService)} itself, without redirect.`,
    commands: [`kubectl -n ${apiService.service.namespace} get service ${apiService.service.name} -o yaml`],
  }),
});
