import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA313',
  kind: 'signatureAlgorithmRefused',
  title: 'A signature algorithm or key on the path is refused',
  source: CERTIFICATE_SOURCE,
  explanation:
    'Go refuses SHA-1 and MD5 signatures since 1.18 and keys that are too small or too large. A certificate of an old authority passed before an upgrade of the control plane and fails after it.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Issue the certificate again with SHA-256 or better and a key of usual size.',
  sharedCause: backendService,
  message: (_, apiService) =>
    `The control plane refuses a signature algorithm or key of the certificate of Service ${apiService.service.namespace}/${apiService.service.name} for APIService ${apiService.name}.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Issue the serving certificate again with a SHA-256 signature (or better) and a key of 2048 to 8192 bits or on a P-256 curve.`,
    ),
});
