import { timestamp } from '../model/wording.ts';
import { type Because, parseCertificate } from '../x509/index.ts';

/** Why Go refuses, in a sentence that a person can act on. */
export const whyRefused = (
  { fault, certificate, candidates, missingIssuer, detail, caBundleError }: Because,
  serverName: string,
  presented: readonly Uint8Array[],
): string => {
  if (caBundleError !== null) return `The CA bundle is unusable: ${caBundleError}.`;
  const place =
    certificate === null
      ? 'A certificate'
      : `Certificate ${certificate.subject === '' ? '(no subject)' : certificate.subject} (${certificate.from} ${certificate.index + 1})`;
  const known = certificate?.certificate;
  switch (fault) {
    case null:
      return '';
    case 'expired':
      return `${place} has expired${known ? `, at ${timestamp(known.notAfter)}` : ''}.`;
    case 'not-yet-valid':
      return `${place} is not yet valid${known ? ` before ${timestamp(known.notBefore)}` : ''}.`;
    case 'host-name':
    case 'common-name': {
      const names = [...(known?.dnsNames ?? []), ...(known?.ipAddresses ?? [])];
      return `${place} does not cover ${serverName}; it covers ${names.length === 0 ? 'no name at all: the Common Name does not count' : names.join(', ')}.`;
    }
    case 'unknown-authority': {
      if (missingIssuer !== null) {
        return `No certificate of the CA bundle or of the chain bears the name of the issuer, ${missingIssuer.name}${missingIssuer.keyId === null ? '' : ` (key id ${missingIssuer.keyId})`}.`;
      }
      const refused = candidates.find(({ outcome }) => outcome !== 'trusted' && outcome !== 'followed');
      if (!refused) return 'The chain ends in no certificate of the CA bundle.';
      const asked = presented.flatMap((der) => {
        const parsed = parseCertificate(der);
        return parsed.ok && parsed.certificate.subject === refused.forSubject
          ? [parsed.certificate.authorityKeyId]
          : [];
      })[0];
      const keys = `key id ${refused.certificate?.subjectKeyId ?? 'unknown'}${asked ? `, where ${refused.forSubject} asks for ${asked}` : ''}`;
      return `The authority ${refused.subject} (${refused.from} ${refused.index + 1}) bears the right name but did not sign: ${refused.why} (${keys}).`;
    }
    default:
      return `${place}: ${detail}.`;
  }
};
