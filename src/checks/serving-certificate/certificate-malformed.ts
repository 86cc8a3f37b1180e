import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA319',
  kind: 'certificateMalformed',
  title: 'The serving certificate cannot be parsed by Go',
  source: 'Go crypto/x509 parser.go',
  explanation:
    'Go is stricter than OpenSSL: negative or missing serial numbers, bad encodings and duplicate or unknown critical extensions make it refuse a certificate that other tools show without complaint.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Issue the certificate again with a tool that encodes it correctly.',
  sharedCause: backendService,
  message: (_, apiService) =>
    `Go cannot parse the certificate that Service ${apiService.service.namespace}/${apiService.service.name} serves for APIService ${apiService.name}.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Issue the serving certificate again with another tool; the words of the error name the field.`,
    ),
});
