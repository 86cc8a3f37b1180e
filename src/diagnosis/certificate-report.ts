import type { GoToolchain } from '../aggregation/go-toolchain.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { CertificateItem, CertificateReport, CertificateReportItem, ServedEndpointItem } from '../model/report.ts';
import { checks } from '../checks/index.ts';
import { whyRefused } from '../checks/why-refused.ts';
import { timestamp } from '../model/wording.ts';
import {
  type Certificate,
  fingerprintOf,
  parseCaBundle,
  parseCertificate,
  type ServingVerdict,
  verifyServingChain,
} from '../x509/index.ts';
import { quoteLine } from './received-text.ts';

const certificateItem = (certificate: Certificate): CertificateItem => ({
  subject: quoteLine(certificate.subject),
  issuer: quoteLine(certificate.issuer),
  serialNumber: certificate.serialNumber,
  notBefore: timestamp(certificate.notBefore),
  notAfter: timestamp(certificate.notAfter),
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

/** Chains with the name and the bundle that they are held against. */
export interface JudgedChains {
  readonly apiService: string | null;
  /** "" judges everything but the name. */
  readonly serverName: string;
  /** Decoded PEM text, or null for none. */
  readonly caBundle: string | null;
  /** Why no chain was seen, where none was. */
  readonly unseen: string | null;
  readonly conditionNote: string | null;
  readonly endpoints: readonly JudgedEndpoint[];
}

export interface JudgedEndpoint {
  readonly address: string | null;
  readonly pod: string | null;
  readonly source: ServedEndpointItem['source'];
  readonly secret: string | null;
  readonly tlsVersion: string | null;
  /** DER, as presented. */
  readonly chain: readonly Uint8Array[];
  /** Null where nothing is verified. */
  readonly verdict: ServingVerdict | null;
  readonly code: FindingCode | null;
  readonly why: string;
}

/** A chain out of a file, judged against a bundle out of another. */
export const judgedFile = (
  chain: readonly Uint8Array[],
  caBundle: string,
  serverName: string,
  at: Date,
  toolchain: GoToolchain,
): JudgedEndpoint => {
  const verdict = verifyServingChain({ presented: chain, caBundle, serverName, at, ...toolchain });
  return {
    address: null,
    pod: null,
    source: 'file',
    secret: null,
    tlsVersion: null,
    chain,
    verdict,
    code: verdict.code,
    why: verdict.accepted ? '' : whyRefused(verdict.because, serverName, chain),
  };
};

const remedyOf = (code: FindingCode | null): string =>
  code === null ? '' : (checks.find((check) => check.code === code)?.remedy ?? '');

/** What the API server itself says, where no chain could be seen. */
export const statedItem = (error: string, code: FindingCode, goVersion: string, why: string): ServedEndpointItem => ({
  address: null,
  pod: null,
  source: 'condition',
  secret: null,
  tlsVersion: null,
  chain: [],
  verdict: { accepted: false, error: quoteLine(error), code, goVersion, why, remedy: remedyOf(code), path: [] },
});

/** The bundle and the chains of one APIService, each with Go's verdict. */
export const certificateReportItem = (
  { apiService, serverName, caBundle, unseen, conditionNote, endpoints }: JudgedChains,
  toolchain: GoToolchain,
): CertificateReportItem => {
  const bundle = caBundle === null ? null : parseCaBundle(caBundle, toolchain);
  const bundleCode: FindingCode = bundle?.certificates.length === 0 ? 'AA306' : 'AA314';
  return {
    apiService,
    serverName,
    unseen: unseen === null ? null : quoteLine(unseen),
    conditionNote,
    caBundle: {
      certificates: bundle?.certificates.map(certificateItem) ?? [],
      problems:
        bundle?.problems.map(({ kind, line, detail }) => ({
          code: bundleCode,
          detail: quoteLine(`line ${line}: ${kind}${detail === '' ? '' : `: ${detail}`}`),
        })) ?? [],
    },
    endpoints: endpoints.map(({ address, pod, source, secret, tlsVersion, chain, verdict, code, why }) => ({
      address,
      pod,
      source,
      secret,
      tlsVersion,
      chain: chain.map((der) => presentedItem(der, toolchain)),
      verdict: {
        accepted: verdict?.accepted ?? true,
        error: verdict?.error ?? '',
        code,
        goVersion: toolchain.goVersion,
        why: quoteLine(why),
        remedy: remedyOf(code),
        path: verdict?.because.chain.flatMap(({ sha256 }) => sha256 ?? []) ?? [],
      },
    })),
  };
};

export const certificateReport = (
  cluster: CertificateReport['cluster'],
  items: readonly CertificateReportItem[],
  at: Date,
): CertificateReport => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'CertificateReport',
  capturedAt: timestamp(at),
  cluster,
  items,
});
