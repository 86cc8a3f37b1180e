import type { GoToolchain } from '../aggregation/go-toolchain.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { CertificateItem, CertificateReport, CertificateReportItem, ServedEndpointItem } from '../model/report.ts';
import { type Certificate, fingerprintOf, parseCaBundle, parseCertificate, verifyServingChain } from '../x509/index.ts';
import { whyRefused } from '../checks/why-refused.ts';
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
    subject: null,
    issuer: null,
    serialNumber: null,
    notBefore: null,
    notAfter: null,
    dnsNames: null,
    ipAddresses: null,
    isCA: null,
    keyAlgorithm: null,
    signatureAlgorithm: null,
    subjectKeyId: null,
    authorityKeyId: null,
    sha256: fingerprintOf(der),
    error: parsed.error,
  };
};

const PASSED_UNVERIFIED = { accepted: true, error: '', code: null, because: null } as const;

/** A chain with the name and the bundle that it is held against. */
export interface JudgedChain {
  readonly apiService: string | null;
  /** "" judges everything but the name. */
  readonly serverName: string;
  /** Decoded PEM text, or null for none. */
  readonly caBundle: string | null;
  /** Without verification Go only parses what is served. */
  readonly verifies: boolean;
  /** Why no chain was seen, where none was. */
  readonly unseen: string | null;
  readonly endpoints: readonly {
    readonly address: string | null;
    readonly pod: string | null;
    readonly source: ServedEndpointItem['source'];
    /** DER, as presented. */
    readonly presented: readonly Uint8Array[];
  }[];
}

/** The bundle and the chains of one APIService, each with Go's verdict at an instant. */
export const certificateReportItem = (
  { apiService, serverName, caBundle, verifies, unseen, endpoints }: JudgedChain,
  toolchain: GoToolchain,
  at: Date,
): CertificateReportItem => {
  const bundle = caBundle === null ? null : parseCaBundle(caBundle, toolchain);
  const code: FindingCode = bundle?.certificates.length === 0 ? 'AA306' : 'AA314';
  return {
    apiService,
    serverName,
    unseen: unseen === null ? null : quoteLine(unseen),
    caBundle: {
      certificates: bundle?.certificates.map(certificateItem) ?? [],
      problems:
        bundle?.problems.map(({ kind, line, detail }) => ({
          code,
          detail: quoteLine(`line ${line}: ${kind}${detail === '' ? '' : `: ${detail}`}`),
        })) ?? [],
    },
    endpoints: endpoints.map(({ presented, ...endpoint }) => {
      const judged = verifyServingChain({ presented, caBundle, serverName, at, ...toolchain });
      const {
        accepted,
        error,
        code: verdictCode,
        because,
      } = verifies || judged.code === 'AA319' ? judged : PASSED_UNVERIFIED;
      return {
        ...endpoint,
        chain: presented.map((der) => presentedItem(der, toolchain)),
        verdict: {
          accepted,
          error,
          code: verdictCode,
          goVersion: toolchain.goVersion,
          why: accepted || because === null ? '' : quoteLine(whyRefused(because, serverName, presented)),
        },
      };
    }),
  };
};

export const certificateReport = (
  cluster: CertificateReport['cluster'],
  items: readonly CertificateReportItem[],
  at: Date,
): CertificateReport => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'CertificateReport',
  capturedAt: instant(new Date(Math.floor(at.getTime() / 1000) * 1000)),
  cluster,
  items,
});
