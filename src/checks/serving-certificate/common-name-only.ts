import { expectedServerName } from '../../aggregation/group-version.ts';
import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA308',
  kind: 'commonNameOnly',
  title: 'The serving certificate has no subject alternative name',
  source: 'Go crypto/x509 verify.go (since Go 1.17 the Common Name is never consulted); RFC 2818, 3.1; RFC 6125, 6.4.4',
  explanation:
    'The certificate names its server in the Common Name only. Go has not looked at that field for host names since 1.17 (Kubernetes 1.23), so the ' +
    'certificate passed in older clusters and fails after an upgrade.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Issue the certificate again with a subject alternative name <service>.<namespace>.svc.',
  sharedCause: backendService,
  message: (_, { name, service }) =>
    `The certificate that Service ${service.namespace}/${service.name} serves for APIService ${name} names its server in the Common Name only.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Issue the serving certificate again with the subject alternative name DNS:${expectedServerName(apiService.service)}.`,
    ),
});
