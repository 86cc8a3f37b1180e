import { type Certificate, type ParsedCertificate, describeCertificate } from './certificate.ts';
import type { Candidate, Fault } from './chain-building.ts';
import { fromByteString } from './go-text.ts';
import type { ChainRefusal } from './finished-chains.ts';

/** The findings of the catalogue this verdict can lead to (src/model/catalogue.ts, AA3xx). */
export type ServingCode =
  | 'AA301'
  | 'AA302'
  | 'AA303'
  | 'AA304'
  | 'AA305'
  | 'AA306'
  | 'AA307'
  | 'AA308'
  | 'AA312'
  | 'AA313'
  | 'AA316'
  | 'AA318'
  | 'AA319';

/** An error before it is told: a byte string, what it is, and where. */
export interface ServingFault {
  readonly kind:
    | Fault
    | ChainRefusal['fault']
    | 'handshake'
    | 'malformed'
    | 'key-too-large'
    | 'unsupported-key'
    | 'host-name'
    | 'common-name';
  readonly text: string;
  readonly certificate: ParsedCertificate | null;
  readonly isLeaf?: boolean;
  /** Which of the presented certificates, for one that could not be parsed. */
  readonly index?: number;
  readonly hint?: ServingFault | null;
}

/** Where a certificate of the explanation comes from. */
export interface CertificatePlace {
  readonly from: 'presented' | 'caBundle';
  /** In the Certificate message, or among the certificates of the bundle that count; from 0. */
  readonly index: number;
  /** RFC 2253 form; "" for an empty name, and for a certificate that could not be parsed. */
  readonly subject: string;
  /** Hexadecimal, of the DER; null for a certificate that could not be parsed. */
  readonly sha256: string | null;
  readonly certificate: Certificate | null;
}

/** A possible issuer that was looked at. */
export interface TriedCandidate extends CertificatePlace {
  /** The subject of the certificate whose issuer was looked for. */
  readonly forSubject: string;
  /** `trusted`: a chain ends here; `followed`: its own issuers were looked for. */
  readonly outcome: Candidate['outcome'];
  /** Go's text, or why it was passed over; "" for trusted and followed. */
  readonly why: string;
}

/** Why the verdict is what it is. */
export interface Because {
  readonly fault: ServingFault['kind'] | null;
  /** The certificate concerned. */
  readonly certificate: CertificatePlace | null;
  /** Its field, as RFC 5280 names it. */
  readonly field: string | null;
  /** Go's innermost text: the hint of an unknown authority, else the error without `tls: …: `. */
  readonly detail: string;
  readonly candidates: readonly TriedCandidate[];
  /** The accepted path, leaf first; empty if nothing was accepted. */
  readonly chain: readonly CertificatePlace[];
  /** For an unknown authority that no certificate at hand bears the name of: that name, as the certificate gives it. */
  readonly missingIssuer: { readonly name: string; readonly keyId: string | null } | null;
  /** What client-go says if no certificate of the bundle counts; then kube-apiserver does not even connect. */
  readonly caBundleError: string | null;
}

/** The verdict on a serving chain. */
export interface ServingVerdict {
  readonly accepted: boolean;
  /** Byte for byte what Go reports, "" if accepted. */
  readonly error: string;
  readonly code: ServingCode | null;
  readonly because: Because;
}

/** Everything the verdict is told from. */
export interface VerdictEvidence {
  readonly presented: readonly ParsedCertificate[];
  readonly anchors: readonly ParsedCertificate[];
  readonly hasCaBundle: boolean;
  readonly caBundleError: string | null;
  readonly candidates: readonly Candidate[];
  readonly outcome: readonly ParsedCertificate[] | ServingFault;
}

const FIELDS: Readonly<Record<ServingFault['kind'], string | null>> = {
  'unhandled-critical-extension': 'extensions',
  'not-yet-valid': 'notBefore',
  expired: 'notAfter',
  'name-constraint': 'nameConstraints',
  'not-an-authority': 'basicConstraints',
  'path-too-long': 'pathLenConstraint',
  signature: 'signatureValue',
  'unknown-authority': 'issuer',
  'signature-limit': 'issuer',
  panic: 'subjectPublicKeyInfo',
  'key-usage': 'extKeyUsage',
  policies: 'certificatePolicies',
  distrusted: 'subjectPublicKeyInfo',
  handshake: null,
  malformed: null,
  'key-too-large': 'subjectPublicKeyInfo',
  'unsupported-key': 'subjectPublicKeyInfo',
  'host-name': 'subjectAltName',
  'common-name': 'subjectAltName',
};

const isWeakAlgorithm = (text: string): boolean =>
  /insecure algorithm|algorithm unimplemented|-bit keys are/.test(text);

const signatureCode = ({ text }: ServingFault): ServingCode => {
  if (text.includes('cannot sign this kind of certificate')) return 'AA312';
  return isWeakAlgorithm(text) ? 'AA313' : 'AA304';
};

const codeOfFault = (fault: ServingFault): ServingCode => {
  switch (fault.kind) {
    case 'expired':
      return fault.isLeaf === true ? 'AA301' : 'AA307';
    case 'not-yet-valid':
      return fault.isLeaf === true ? 'AA302' : 'AA307';
    case 'host-name':
      return 'AA303';
    case 'common-name':
      return 'AA308';
    case 'unknown-authority':
      return fault.hint ? codeOfFault(fault.hint) : 'AA304';
    case 'signature':
      return signatureCode(fault);
    case 'signature-limit':
    case 'distrusted':
      return 'AA304';
    case 'not-an-authority':
    case 'path-too-long':
    case 'key-usage':
    case 'policies':
      return 'AA312';
    case 'key-too-large':
    case 'unsupported-key':
      return 'AA313';
    case 'handshake':
      return 'AA316';
    case 'name-constraint':
      return 'AA318';
    case 'unhandled-critical-extension':
    case 'malformed':
    case 'panic':
      return 'AA319';
  }
};

const codeOf = (fault: ServingFault, { caBundleError, hasCaBundle }: VerdictEvidence): ServingCode => {
  if (caBundleError !== null) return 'AA306';
  return fault.kind === 'unknown-authority' && !hasCaBundle ? 'AA305' : codeOfFault(fault);
};

type Place = (certificate: ParsedCertificate) => CertificatePlace;

/** Finds and describes certificates; each is described once. */
const placer = ({ presented, anchors }: VerdictEvidence): Place => {
  const described = new Map<ParsedCertificate, CertificatePlace>();
  const describe = (parsed: ParsedCertificate): CertificatePlace => {
    const index = anchors.indexOf(parsed);
    const certificate = describeCertificate(parsed);
    const { subject, sha256 } = certificate;
    return index < 0
      ? { from: 'presented', index: presented.indexOf(parsed), subject, sha256, certificate }
      : { from: 'caBundle', index, subject, sha256, certificate };
  };
  return (parsed) => {
    const place = described.get(parsed) ?? describe(parsed);
    described.set(parsed, place);
    return place;
  };
};

/** Candidates told at most; a Go client tries a hundred, and passes over more. */
const CANDIDATE_LIMIT = 250;

const describeCandidates = (candidates: readonly Candidate[], place: Place): TriedCandidate[] =>
  candidates.slice(0, CANDIDATE_LIMIT).map(({ child, certificate, outcome, why }) => ({
    ...place(certificate),
    forSubject: place(child).subject,
    outcome,
    why: fromByteString(why),
  }));

const placeOfFault = (fault: ServingFault, place: Place): CertificatePlace | null => {
  if (fault.certificate !== null) return place(fault.certificate);
  if (fault.index === undefined) return null;
  return { from: 'presented', index: fault.index, subject: '', sha256: null, certificate: null };
};

const missingIssuerOf = (
  fault: ServingFault,
  { candidates }: VerdictEvidence,
  place: Place,
): Because['missingIssuer'] => {
  const child = fault.kind === 'unknown-authority' ? fault.certificate : null;
  if (child === null || candidates.some((candidate) => candidate.child === child)) return null;
  const certificate = place(child).certificate;
  return { name: certificate?.issuer ?? '', keyId: certificate?.authorityKeyId ?? null };
};

const TLS_PREFIX = /^tls: failed to (?:verify certificate|parse certificate from server): /;

const describeFault = (fault: ServingFault, evidence: VerdictEvidence, place: Place): Because => {
  const told = fault.hint ?? fault;
  return {
    fault: fault.kind,
    certificate: placeOfFault(told, place),
    field: FIELDS[told.kind],
    detail: fromByteString(told.text).replace(TLS_PREFIX, ''),
    candidates: describeCandidates(evidence.candidates, place),
    chain: [],
    missingIssuer: missingIssuerOf(fault, evidence, place),
    caBundleError: evidence.caBundleError,
  };
};

/** Tells the verdict from the evidence. */
export const describeVerdict = (evidence: VerdictEvidence): ServingVerdict => {
  const place = placer(evidence);
  const { outcome } = evidence;
  if ('kind' in outcome) {
    return {
      accepted: false,
      error: fromByteString(outcome.text),
      code: codeOf(outcome, evidence),
      because: describeFault(outcome, evidence, place),
    };
  }
  return {
    accepted: true,
    error: '',
    code: null,
    because: {
      fault: null,
      certificate: null,
      field: null,
      detail: '',
      candidates: describeCandidates(evidence.candidates, place),
      chain: outcome.map(place),
      missingIssuer: null,
      caBundleError: null,
    },
  };
};
