import type { GoToolchain } from '../aggregation/go-toolchain.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { CertificateItem, CertificateReport, CertificateReportItem, ServedEndpointItem } from '../model/report.ts';
import { type Because, type Certificate, fingerprintOf, parseCaBundle, parseCertificate, verifyServingChain } from '../x509/index.ts';
import { quoteLine } from './received-text.ts';

const instant = (date: Date): string => date.toISOString().replace('.000Z', 'Z');

const certificateItem = (certificate: Certificate): CertificateItem => ({
  subject: quoteLine(certificate.subject),
  issuer: quoteLine(certificate.issuer),
  serialNumber: certificate.serialNumber,
  notBefore: instant(certificate.notBefore),
  notAfter: instant(certificate.notAfter),
  dnsNames: certificate.dnsNames.map(quoteLine),
  ipAddresses: certificate.ipAddresses,
  isCA: certificate.isCA,
  keyAlgorithm: certificate.keyAlgorithm,
  signatureAlgorithm: certificate.signatureAlgorithm,
  subjectKeyId: certificate.subjectKeyId,
  authorityKeyId: certificate.authorityKeyId,
  sha256: certificate.sha256,
  error: null,
});

const presentedItem = (der: Uint8Array, toolchain: GoToolchain): CertificateItem => {
  const parsed = parseCertificate(der, toolchain);
  if (parsed.ok) return certificateItem(parsed.certificate);
  return {
    subject: null, issuer: null, serialNumber: null, notBefore: null, notAfter: null, dnsNames: null, ipAddresses: null, isCA: null,
    keyAlgorithm: null, signatureAlgorithm: null, subjectKeyId: null, authorityKeyId: null,
    sha256: fingerprintOf(der),
    error: parsed.error,
  };
};

/** Why Go refuses, in a sentence that a person can act on. */
export const whyRefused = ({ fault, certificate, candidates, missingIssuer, detail, caBundleError }: Because, serverName: string): string => {
  if (caBundleError !== null) return `The CA bundle is unusable: ${caBundleError}.`;
  const place = certificate === null ? 'A certificate' : `Certificate ${certificate.subject === '' ? '(no subject)' : certificate.subject} (${certificate.from} ${certificate.index + 1})`;
  const known = certificate?.certificate;
  switch (fault) {
    case null:
      return '';
    case 'expired':
      return `${place} has expired${known ? `, at ${instant(known.notAfter)}` : ''}.`;
    case 'not-yet-valid':
      return `${place} is not yet valid${known ? ` before ${instant(known.notBefore)}` : ''}.`;
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
      const keys = `key id ${refused.certificate?.subjectKeyId ?? 'unknown'} where the chain asks for ${known?.authorityKeyId ?? 'none'}`;
      return `The authority ${refused.subject} (${refused.from} ${refused.index + 1}) bears the right name but did not sign: ${refused.why} (${keys}).`;
    }
    default:
      return `${place}: ${detail}.`;
  }
};

/** A chain with the name and the bundle that it is held against. */
export interface JudgedChain {
  readonly apiService: string | null;
  /** "" judges everything but the name. */
  readonly serverName: string;
  /** Decoded PEM text, or null for none. */
  readonly caBundle: string | null;
  readonly endpoints: readonly {
    readonly address: string | null;
    readonly pod: string | null;
    readonly source: ServedEndpointItem['source'];
    /** DER, as presented. */
    readonly presented: readonly Uint8Array[];
  }[];
}

/** The bundle and the chains of one APIService, each with Go's verdict at an instant. */
export const certificateReportItem = ({ apiService, serverName, caBundle, endpoints }: JudgedChain, toolchain: GoToolchain, at: Date): CertificateReportItem => {
  const bundle = caBundle === null ? null : parseCaBundle(caBundle, toolchain);
  const code: FindingCode = bundle?.certificates.length === 0 ? 'AA306' : 'AA314';
  return {
    apiService,
    serverName,
    caBundle: {
      certificates: bundle?.certificates.map(certificateItem) ?? [],
      problems: bundle?.problems.map(({ kind, line, detail }) => ({ code, detail: quoteLine(`line ${line}: ${kind}${detail === '' ? '' : `: ${detail}`}`) })) ?? [],
    },
    endpoints: endpoints.map(({ presented, ...endpoint }) => {
      const { accepted, error, code: verdictCode, because } = verifyServingChain({ presented, caBundle, serverName, at, ...toolchain });
      return {
        ...endpoint,
        chain: presented.map((der) => presentedItem(der, toolchain)),
        verdict: { accepted, error, code: verdictCode, goVersion: toolchain.goVersion, why: accepted ? '' : quoteLine(whyRefused(because, serverName)) },
      };
    }),
  };
};

export const certificateReport = (cluster: CertificateReport['cluster'], items: readonly CertificateReportItem[], at: Date): CertificateReport => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'CertificateReport',
  capturedAt: instant(new Date(Math.floor(at.getTime() / 1000) * 1000)),
  cluster,
  items,
});
