import type { Failure } from '../../aggregation/failure.ts';
import { defineCertificateFailure } from '../stated-failure.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';

/** Go's hint tells a rotated authority (same subject, another key) from a foreign one (crypto/x509 cert_pool.go, verify.go). */
const why = ({ text }: Failure): string => {
  const hint = /possibly because of "(.*)" while trying to verify candidate authority certificate "(.*)"\)$/.exec(text);
  if (hint?.[1] === undefined || hint[2] === undefined)
    return 'no certificate of the bundle bears the name of its issuer, or an intermediate that leads there is not sent';
  return /verification (?:error|failure)/.test(hint[1])
    ? `the bundle holds an authority of the same name, "${hint[2]}", with another key`
    : `the candidate "${hint[2]}" of the bundle does not fit: ${hint[1]}`;
};

export default defineCertificateFailure({
  code: 'AA304',
  kind: 'unknownAuthority',
  title: 'The serving certificate is not signed by an authority of the CA bundle',
  source: CERTIFICATE_SOURCE,
  explanation:
    'spec.caBundle holds the only authorities that count for this APIService. The served chain ends in none of them: the authority was rotated and the bundle ' +
    'kept the old one, the bundle belongs to another server, the server made a new self-signed certificate at start, or it does not send an intermediate.',
  byHand: CERTIFICATE_BY_HAND,
  remedy:
    'Put the authority that signed the serving certificate into spec.caBundle, or issue the certificate from the authority in the bundle.',
  explainedBy: ['AA317'],
  offersBundle: true,
  // Without a hint the chain itself would have to be seen: an intermediate that is not sent gives the same words.
  confidence: ({ text }) => (text.includes('possibly because of') ? 'certain' : 'likely'),
  // An empty bundle is AA305's to report.
  accepts: (_, { caBundle }) => caBundle !== null,
  message: (failure, { name, service }) =>
    `The certificate that Service ${service.namespace}/${service.name} serves is signed by no authority in the caBundle of APIService ${name}: ${why(failure)}.`,
  mend: (_, apiService) =>
    certificateRemedy(
      apiService,
      `Put the authority that signed the served certificate into spec.caBundle of APIService ${apiService.name}, or let the server use a certificate of the authority that stands there.` +
        (apiService.owner ? ` ${apiService.owner} keeps the APIService: change it there.` : ''),
    ),
});
