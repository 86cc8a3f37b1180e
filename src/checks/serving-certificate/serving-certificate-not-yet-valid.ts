import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA302',
  kind: 'certificateNotYetValid',
  title: 'The serving certificate is not yet valid',
  source: CERTIFICATE_SOURCE,
  explanation:
    'The clock of the control plane is before the notBefore of a certificate on the path: the certificate was issued by a machine whose clock is ahead, ' +
    'or the clock of the control plane is behind.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Compare the clocks of issuer and control plane; issue the certificate again once they agree.',
  sharedCause: backendService,
  message: ({ boundary }, apiService) =>
    `The certificate that Service ${apiService.service.namespace}/${apiService.service.name} serves for APIService ${apiService.name} is not yet valid${boundary ? ` before ${boundary}` : ''}.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      'Compare the clock of the control plane with the clock of what issued the certificate, and issue it again once they agree.',
    ),
});
