import { expectedServerName } from '../../aggregation/group-version.ts';
import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA303',
  kind: 'serverNameNotCovered',
  title: 'The serving certificate does not cover the name of the Service',
  source: CERTIFICATE_SOURCE,
  explanation:
    'kube-aggregator verifies <service>.<namespace>.svc, whatever address it dials; it never asks for the cluster domain. A certificate for localhost ' +
    '(made by the server itself at start), for another Service, or for …svc.cluster.local alone does not pass.',
  byHand: CERTIFICATE_BY_HAND,
  remedy:
    'Issue the serving certificate with the DNS name <service>.<namespace>.svc among its subject alternative names.',
  sharedCause: backendService,
  message: (failure, { name, service }) => {
    const held = /certificate is valid for (.*), not \S+$/.exec(failure.text)?.[1];
    return (
      `The certificate that Service ${service.namespace}/${service.name} serves for APIService ${name} does not cover ${expectedServerName(service)}` +
      (held === undefined ? '.' : `, only ${held}.`)
    );
  },
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Issue the serving certificate again with the DNS name ${expectedServerName(apiService.service)} among its subject alternative names, and let the server load it.`,
    ),
});
