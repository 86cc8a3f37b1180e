import { isExpiredAuthority } from '../../aggregation/health.ts';
import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA301',
  kind: 'certificateExpired',
  title: 'The serving certificate has expired',
  source: CERTIFICATE_SOURCE,
  explanation:
    'kube-aggregator refuses every request to a server whose certificate is past its notAfter. Up to 1.35 the availability check does not verify TLS, so ' +
    'the condition stays True meanwhile. Often the certificate was renewed in its Secret, but the server still serves the one it loaded at start.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Renew the serving certificate, and restart the server if it does not reload certificates by itself.',
  // An expired authority is AA307's to report.
  accepts: (failure, apiService) => !isExpiredAuthority(failure, apiService),
  sharedCause: backendService,
  message: ({ boundary }, apiService) =>
    `The certificate that Service ${apiService.service.namespace}/${apiService.service.name} serves for APIService ${apiService.name} has expired${boundary ? `, at ${boundary}` : ''}.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Renew the serving certificate of Service ${apiService.service.namespace}/${apiService.service.name}, and restart its Pods if they do not reload certificates by themselves.`,
    ),
});
