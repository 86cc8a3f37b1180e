import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA316',
  kind: 'tlsHandshakeFails',
  title: 'The TLS handshake with the backend fails',
  source: 'Go crypto/tls (alert.go, handshake_client.go); client-go transport/transport.go (TLS 1.2 at least)',
  explanation:
    'Backend and control plane do not agree on protocol version or cipher suite, or the backend aborts with an alert: it has no certificate, rejects the name sent, or demands a client certificate of an authority it trusts.',
  byHand: CERTIFICATE_BY_HAND,
  remedy:
    'Let the backend offer TLS 1.2 or 1.3 and request, not require, client certificates of the request-header authority.',
  explainedBy: ['AA212'],
  sharedCause: backendService,
  message: (failure, apiService) =>
    `The TLS handshake with Service ${apiService.service.namespace}/${apiService.service.name} for APIService ${apiService.name} fails: ${failure.text}.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `See in the log of the server why it aborts the handshake: protocol version (1.2 at least), missing certificate, refused server name, or client certificates of another authority demanded.`,
    ),
});
