import { isExpiredAuthority } from '../../aggregation/health.ts';
import { defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

export default defineCertificateFailure({
  code: 'AA307',
  kind: 'certificateExpired',
  title: 'An authority on the path of the serving certificate has expired',
  source: CERTIFICATE_SOURCE,
  explanation:
    'The dates of every certificate on the path count, the authority in the bundle included. Go names only the instant at which a certificate ended; ' +
    'here it is the end of a certificate in spec.caBundle.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Renew the authority, put the new one into spec.caBundle and issue the serving certificate again.',
  accepts: isExpiredAuthority,
  message: ({ boundary }, { name, caBundle }) => {
    const authority = caBundle?.certificates.find(({ notAfter }) => notAfter === boundary);
    return `The authority ${authority?.subject ?? ''} in the caBundle of APIService ${name} has expired, at ${boundary ?? ''}.`;
  },
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Renew the authority, put it into spec.caBundle of APIService ${apiService.name} and issue the serving certificate again.`,
    ),
});
