import type { ParsedCertificate } from './certificate.ts';

/** Certificates by subject, each once, in order (cert_pool.go, CertPool). */
export interface CertificatePool {
  readonly holds: (certificate: ParsedCertificate) => boolean;
  /** Those whose subject is the certificate's issuer, the likeliest by key identifier first. */
  readonly parentsOf: (certificate: ParsedCertificate) => readonly ParsedCertificate[];
}

// cert_pool.go, findPotentialParents: the same key identifier, one of the two
// without any, two different ones; inside each group the order of the pool.
const keyIdRank = (candidate: ParsedCertificate, certificate: ParsedCertificate): 0 | 1 | 2 => {
  const { subjectKeyId } = candidate.extensions;
  const { authorityKeyId } = certificate.extensions;
  if (subjectKeyId === authorityKeyId) return 0;
  return subjectKeyId === '' || authorityKeyId === '' ? 1 : 2;
};

/** Builds a pool; a certificate that comes again is left out. */
export const poolOf = (certificates: readonly ParsedCertificate[]): CertificatePool => {
  const held = new Set<string>();
  const bySubject = new Map<string, ParsedCertificate[]>();
  for (const certificate of certificates) {
    if (held.has(certificate.key)) continue;
    held.add(certificate.key);
    const namesakes = bySubject.get(certificate.subjectKey);
    if (namesakes === undefined) bySubject.set(certificate.subjectKey, [certificate]);
    else namesakes.push(certificate);
  }
  return {
    holds: (certificate) => held.has(certificate.key),
    parentsOf: (certificate) => {
      const candidates = bySubject.get(certificate.issuerKey) ?? [];
      const ranks = [0, 1, 2] as const;
      return ranks.flatMap((rank) => candidates.filter((candidate) => keyIdRank(candidate, certificate) === rank));
    },
  };
};
