import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA312',
  kind: 'keyUsageUnsuitable',
  title: 'A certificate on the path may not be used for this purpose',
  source: CERTIFICATE_SOURCE,
  explanation:
    'The serving certificate has an extended key usage without server authentication, or a certificate above it may not sign others (no CA flag, key usage, path length).',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Issue the certificate again with extended key usage serverAuth, from an authority that may sign it.',
  sharedCause: backendService,
  message: (_, apiService) =>
    `A certificate on the path of Service ${apiService.service.namespace}/${apiService.service.name} for APIService ${apiService.name} may not be used for this purpose.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Issue the serving certificate again with extended key usage serverAuth, from an authority with basicConstraints CA:TRUE and key usage keyCertSign.`,
    ),
});
