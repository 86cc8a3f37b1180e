import { checkCandidateConstraints } from './candidate-name-constraints.ts';
import type { CertificatePool } from './certificate-pool.ts';
import type { ParsedCertificate } from './certificate.ts';
import { signedInteger } from './der-reader.ts';
import { goQuote } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { goTypeOf, isSameKey } from './public-key.ts';
import { type CheckSignatureFrom, signatureChecker } from './signature-check.ts';
import { formatTime } from './validity-time.ts';

/** What is wrong, where Go has only a text. */
export type Fault =
  | 'unhandled-critical-extension'
  | 'not-yet-valid'
  | 'expired'
  | 'name-constraint'
  | 'not-an-authority'
  | 'path-too-long'
  | 'signature'
  | 'unknown-authority'
  | 'signature-limit'
  | 'panic';

/** An error of Verify: Go's text, what is wrong, and with which certificate. */
export interface ChainError {
  readonly text: string;
  readonly fault: Fault;
  readonly certificate: ParsedCertificate;
  /** For unknown-authority: what the text says after `possibly because of`, and of which candidate. */
  readonly hint: ChainError | null;
}

/** One look at a possible issuer. */
export interface Candidate {
  readonly child: ParsedCertificate;
  readonly certificate: ParsedCertificate;
  readonly isTrustAnchor: boolean;
  readonly outcome: 'trusted' | 'followed' | 'refused' | 'skipped';
  /** Why it was refused or skipped, "" otherwise. */
  readonly why: string;
}

/** Where and when to look for a chain. */
export interface Search {
  readonly roots: CertificatePool;
  readonly intermediates: CertificatePool;
  readonly atMs: number;
  readonly rules: GoRules;
}

/** What the search found: chains from the leaf to an anchor, or the error; and every look on the way. */
export interface SearchResult {
  readonly chains: readonly (readonly ParsedCertificate[])[];
  readonly error: ChainError | null;
  readonly candidates: readonly Candidate[];
}

type Chain = readonly ParsedCertificate[];
type Role = 'leaf' | 'intermediate' | 'root';

/** verify.go, maxChainSignatureChecks. */
const SIGNATURE_CHECK_LIMIT = 100;

const fail = (
  fault: Fault,
  certificate: ParsedCertificate,
  text: string,
  hint: ChainError | null = null,
): ChainError => {
  return { text, fault, certificate, hint };
};

const timeError = (certificate: ParsedCertificate, atMs: number): ChainError | null => {
  const { notBefore, notAfter } = certificate;
  const now = formatNow(atMs);
  const outside = 'x509: certificate has expired or is not yet valid: current time';
  if (atMs < notBefore.atMs) {
    return fail('not-yet-valid', certificate, `${outside} ${now} is before ${formatTime(notBefore)}`);
  }
  return atMs > notAfter.atMs
    ? fail('expired', certificate, `${outside} ${now} is after ${formatTime(notAfter)}`)
    : null;
};

const formatNow = (atMs: number): string => formatTime({ atMs, zoneMinutes: 0 });

const constraintError = (certificate: ParsedCertificate, chain: Chain, rules: GoRules): ChainError | null => {
  const refusal = rules.constraintsCheckedOnChain ? null : checkCandidateConstraints(certificate, chain, rules);
  switch (refusal?.kind) {
    case 'not-authorized':
      return fail('name-constraint', certificate, nameConstraintText(refusal.text));
    case 'unreadable':
      return fail('name-constraint', certificate, refusal.text);
    case 'too-many':
      return fail('name-constraint', certificate, 'x509: unknown error');
    case undefined:
      return null;
  }
};

/** Go's sentence around the detail of a violated name constraint. */
export const nameConstraintText = (detail: string): string =>
  `x509: a root or intermediate certificate is not authorized to sign for this name: ${detail}`;

/** Checks a certificate that is about to be added to the chain below it, null if it may be (verify.go, isValid). */
export const checkValidity = (
  certificate: ParsedCertificate,
  role: Role,
  chain: Chain,
  { atMs, rules }: Pick<Search, 'atMs' | 'rules'>,
): ChainError | null => {
  const { unhandledCritical, basicConstraints } = certificate.extensions;
  if (unhandledCritical.length > 0) {
    return fail('unhandled-critical-extension', certificate, 'x509: unhandled critical extension');
  }
  const error = timeError(certificate, atMs) ?? (role === 'leaf' ? null : constraintError(certificate, chain, rules));
  if (error !== null) return error;
  if (role === 'intermediate' && basicConstraints?.isCa !== true) {
    return fail('not-an-authority', certificate, 'x509: certificate is not authorized to sign other certificates');
  }
  const pathLength = basicConstraints?.pathLength ?? null;
  return pathLength !== null && BigInt(chain.length - 1) > pathLength
    ? fail('path-too-long', certificate, 'x509: too many intermediates for path length constraint')
    : null;
};

const candidateName = ({ subject, serialNumber }: ParsedCertificate): string =>
  subject.commonName === '' ? (subject.organization ?? `serial:${signedInteger(serialNumber)}`) : subject.commonName;

const unknownAuthority = (child: ParsedCertificate, hint: ChainError | null): ChainError => {
  const text = 'x509: certificate signed by unknown authority';
  if (hint === null) return fail('unknown-authority', child, text);
  const name = goQuote(candidateName(hint.certificate));
  const because = `possibly because of ${goQuote(hint.text)} while trying to verify candidate authority certificate ${name}`;
  return fail('unknown-authority', child, `${text} (${because})`, hint);
};

const haveEqualKeys = (candidate: ParsedCertificate, certificate: ParsedCertificate, rules: GoRules): boolean => {
  if (rules.keysComparedAsDer) return Buffer.compare(candidate.keyInfo, certificate.keyInfo) === 0;
  const [one, other] = [candidate.publicKey, certificate.publicKey];
  return one !== null && other !== null && isSameKey(one, other);
};

/** What Go's type assertion says that crashes on keys without an Equal method, null if it does not. */
const equalityPanic = ({ publicKey }: ParsedCertificate, rules: GoRules): string | null => {
  if (rules.keysComparedAsDer) return null;
  if (publicKey === null) return 'PANIC interface conversion: interface is nil, not x509.pubKeyEqual';
  if (publicKey.kind !== 'dsa') return null;
  return `PANIC interface conversion: ${goTypeOf(publicKey)} is not x509.pubKeyEqual: missing method Equal`;
};

/** verify.go, alreadyInChain: the same subject, key and SAN; a panic's text instead of an answer. */
const isInChain = (candidate: ParsedCertificate, chain: Chain, rules: GoRules): boolean | string => {
  const names = candidate.extensions.alternativeNamesKey;
  for (const certificate of chain) {
    if (certificate.subjectKey !== candidate.subjectKey) continue;
    const panic = equalityPanic(candidate, rules);
    if (panic !== null) return panic;
    if (!haveEqualKeys(candidate, certificate, rules)) continue;
    const otherNames = certificate.extensions.alternativeNamesKey;
    if (names === otherNames) return true;
    if (names === null || otherNames === null) return false;
  }
  return false;
};

interface Progress {
  readonly search: Search;
  readonly candidates: Candidate[];
  readonly checkSignatureFrom: CheckSignatureFrom;
  signatureChecks: number;
  panic: ChainError | null;
}

interface Level {
  readonly child: ParsedCertificate;
  readonly chain: Chain;
  readonly chains: Chain[];
  error: ChainError | null;
  hint: ChainError | null;
}

interface Look {
  readonly outcome: Candidate['outcome'];
  readonly why: string;
}

const SIGNATURE_LIMIT_TEXT = 'x509: signature check attempts limit reached while verifying certificate chain';

const isOverLimit = (progress: Progress): boolean => {
  progress.signatureChecks += 1;
  return progress.signatureChecks > SIGNATURE_CHECK_LIMIT;
};

const reachLimit = (level: Level): Look => {
  level.error = fail('signature-limit', level.child, SIGNATURE_LIMIT_TEXT);
  return { outcome: 'skipped', why: SIGNATURE_LIMIT_TEXT };
};

const refuse = (error: ChainError): Look => ({ outcome: 'refused', why: error.text });

const lookAt = (
  candidate: ParsedCertificate,
  role: 'intermediate' | 'root',
  level: Level,
  progress: Progress,
): Look => {
  const { rules } = progress.search;
  if (rules.signatureLimitEnds && isOverLimit(progress)) return reachLimit(level);
  if (candidate.publicKey === null && rules.unknownKeysSkipped) {
    return { outcome: 'skipped', why: 'its public key algorithm is unknown' };
  }
  const inChain = isInChain(candidate, level.chain, rules);
  if (typeof inChain === 'string') {
    progress.panic = fail('panic', candidate, inChain);
    return refuse(progress.panic);
  }
  if (inChain) return { outcome: 'skipped', why: 'it is in the chain already' };
  if (!rules.signatureLimitEnds && isOverLimit(progress)) return reachLimit(level);
  const signatureRefusal = progress.checkSignatureFrom(level.child, candidate);
  if (signatureRefusal !== null) {
    const error = fail('signature', candidate, signatureRefusal.text);
    level.hint ??= error;
    return refuse(error);
  }
  level.error = checkValidity(candidate, role, level.chain, progress.search);
  if (level.error !== null) {
    if (rules.invalidCandidateIsHint) level.hint ??= level.error;
    return refuse(level.error);
  }
  const chain = [...level.chain, candidate];
  if (role === 'root') {
    level.chains.push(chain);
    return { outcome: 'trusted', why: '' };
  }
  const above = climb(candidate, chain, progress);
  level.chains.push(...above.chains);
  level.error = above.error;
  return { outcome: 'followed', why: '' };
};

const record = (
  candidate: ParsedCertificate,
  role: 'intermediate' | 'root',
  level: Level,
  progress: Progress,
): void => {
  const at = progress.candidates.length;
  const { outcome, why } = lookAt(candidate, role, level, progress);
  const look = { child: level.child, certificate: candidate, isTrustAnchor: role === 'root', outcome, why };
  // In front of what was looked at above it.
  progress.candidates.splice(at, 0, look);
};

/** verify.go, buildChains: one level of the search. */
const climb = (child: ParsedCertificate, chain: Chain, progress: Progress): Pick<Level, 'chains' | 'error'> => {
  const { roots, intermediates, rules } = progress.search;
  const level: Level = { child, chain, chains: [], error: null, hint: null };
  const parents = [
    ...roots.parentsOf(child).map((candidate) => ({ candidate, role: 'root' as const })),
    ...intermediates.parentsOf(child).map((candidate) => ({ candidate, role: 'intermediate' as const })),
  ];
  for (const { candidate, role } of parents) {
    record(candidate, role, level, progress);
    if (progress.panic !== null) return { chains: [], error: progress.panic };
    if (rules.signatureLimitEnds && level.error?.fault === 'signature-limit') break;
  }
  if (level.chains.length > 0) return { chains: level.chains, error: null };
  return { chains: [], error: level.error ?? unknownAuthority(child, level.hint) };
};

/** Looks for chains from the leaf to a trust anchor. */
export const findChains = (leaf: ParsedCertificate, search: Search): SearchResult => {
  const checkSignatureFrom = signatureChecker(search.rules);
  const progress: Progress = { search, candidates: [], checkSignatureFrom, signatureChecks: 0, panic: null };
  const { chains, error } = climb(leaf, [leaf], progress);
  return { chains, error, candidates: progress.candidates };
};
