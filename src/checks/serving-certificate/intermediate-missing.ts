import { backendService, defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA309',
  kind: 'unknownAuthority',
  title: 'The backend does not send an intermediate that the path needs',
  source: `${CERTIFICATE_SOURCE}; RFC 8446, 4.4.2`,
  explanation:
    'Go builds a path from what the server sends and from the CA bundle alone; it fetches nothing. A certificate that an intermediate issued needs that ' +
    'intermediate sent behind it, or in the bundle. Usually the server was given the first certificate of a chain instead of the whole file.',
  byHand: CERTIFICATE_BY_HAND,
  remedy:
    'Let the server send the intermediate behind its own certificate: both belong in the file that it is given as certificate, its own first.',
  sharedCause: backendService,
  // The same words as for any unknown authority: only the certificates themselves tell.
  accepts: () => false,
  message: () => '',
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Let the server behind Service ${apiService.service.namespace}/${apiService.service.name} send the intermediate behind its own certificate (tls.crt holds both, its own first), or put the intermediate into spec.caBundle of APIService ${apiService.name}.` +
        (apiService.owner ? ` ${apiService.owner} keeps the APIService.` : ''),
    ),
});
