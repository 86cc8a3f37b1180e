import { defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA318',
  kind: 'nameConstraintViolated',
  title: 'An authority on the path may not sign for this name',
  source: CERTIFICATE_SOURCE,
  explanation:
    'An authority of the chain carries name constraints that do not permit <service>.<namespace>.svc, or exclude it.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Issue the certificate from an authority whose name constraints permit the name of the Service.',
  message: (_, apiService) =>
    `An authority on the path of Service ${apiService.service.namespace}/${apiService.service.name} for APIService ${apiService.name} may not sign for this name.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Issue the serving certificate from an authority whose name constraints permit ${apiService.service.name}.${apiService.service.namespace}.svc.`,
    ),
});
