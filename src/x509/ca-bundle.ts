import { type Certificate, type ParsedCertificate, describeCertificate, parseDer } from './certificate.ts';
import { fromByteString } from './go-text.ts';
import { type GoRules, type GoVersionChoice, rulesOfGo } from './go-version.ts';
import { type PemBlock, nextPemBlock } from './pem.ts';
import { Refusal } from './refusal.ts';

/** Something in a CA bundle that Go passes over without a word. */
export interface CaBundleProblem {
  readonly kind:
    | 'no-pem-block'
    /** A BEGIN line that opens nothing Go can decode: no END line, another type there, bad base64, indentation. */
    | 'broken-block'
    /** A block of another type than CERTIFICATE; `detail` is the type. */
    | 'other-type'
    | 'private-key'
    /** A CERTIFICATE block with `Key: value` lines in front of the base64. */
    | 'headers'
    /** A CERTIFICATE block Go's parser refuses; `detail` is its text. */
    | 'unparseable-certificate'
    /** The same certificate a second time. */
    | 'duplicate'
    | 'text-outside-blocks';
  /** Line of the bundle, from 1. */
  readonly line: number;
  readonly detail: string;
}

/** A CA bundle as kube-apiserver's Go sees it. */
export interface CaBundle {
  /** The certificates that count, each once, in order. */
  readonly certificates: readonly Certificate[];
  readonly problems: readonly CaBundleProblem[];
  /** What client-go reports if nothing counts (`unable to load root certificates: …`); null if at least one does. */
  readonly error: string | null;
}

/** The trust anchors in a bundle, for the verifier. */
export interface TrustAnchors {
  readonly certificates: readonly ParsedCertificate[];
  readonly error: string | null;
}

interface ReadBlock {
  readonly block: PemBlock;
  readonly outcome: ParsedCertificate | Refusal | 'other-type' | 'headers' | 'duplicate';
}

interface ReadBundle {
  readonly blocks: readonly ReadBlock[];
  readonly error: string | null;
}

const UNLOADABLE = 'unable to load root certificates: ';
const CERTIFICATE = 'CERTIFICATE';

const readBlock = (block: PemBlock, seen: Set<string>, rules: GoRules): ReadBlock['outcome'] => {
  if (block.type !== CERTIFICATE) return 'other-type';
  if (block.hasHeaders) return 'headers';
  const parsed = parseDer(block.bytes, rules);
  if (parsed instanceof Refusal) return parsed;
  if (seen.has(parsed.key)) return 'duplicate';
  seen.add(parsed.key);
  return parsed;
};

/** client-go, transport.go, rootCertPool and createErrorParsingCAData: the first reason, in the order of the text. */
const errorOf = (blocks: readonly ReadBlock[], isExhausted: boolean): string | null => {
  if (blocks.some(({ outcome }) => outcome === 'duplicate' || isCertificate(outcome))) return null;
  const refused = blocks.map(({ outcome }) => outcome).find((outcome) => outcome instanceof Refusal);
  if (refused instanceof Refusal) return `${UNLOADABLE}failed to parse certificate: ${fromByteString(refused.text)}`;
  return `${UNLOADABLE}${isExhausted ? 'no valid certificate authority data seen' : 'unable to parse bytes as PEM block'}`;
};

const isCertificate = (outcome: ReadBlock['outcome']): outcome is ParsedCertificate =>
  typeof outcome === 'object' && !(outcome instanceof Refusal);

const readBundle = (text: string, rules: GoRules): ReadBundle => {
  const blocks: ReadBlock[] = [];
  const seen = new Set<string>();
  let at = 0;
  while (at < text.length) {
    const block = nextPemBlock(text, at, rules);
    if (block === null) break;
    blocks.push({ block, outcome: readBlock(block, seen, rules) });
    at = block.end;
  }
  return { blocks, error: errorOf(blocks, at >= text.length) };
};

/** The pool of x509.CertPool.AppendCertsFromPEM; blocks it passes over leave no trace. */
export const trustAnchorsOf = (text: string, rules: GoRules): TrustAnchors => {
  const { blocks, error } = readBundle(text, rules);
  return { certificates: blocks.map(({ outcome }) => outcome).filter(isCertificate), error };
};

/** Turns offsets, asked for in ascending order, into line numbers. */
const lineCounter = (text: string): ((offset: number) => number) => {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (let at = text.indexOf('\n', counted); at >= 0 && at < offset; at = text.indexOf('\n', counted)) {
      line += 1;
      counted = at + 1;
    }
    return line;
  };
};

const problemOfBlock = ({ block, outcome }: ReadBlock, line: number): CaBundleProblem | null => {
  if (isCertificate(outcome)) return null;
  if (outcome instanceof Refusal) {
    return { kind: 'unparseable-certificate', line, detail: fromByteString(outcome.text) };
  }
  if (outcome !== 'other-type') return { kind: outcome, line, detail: block.type };
  return { kind: block.type.endsWith('PRIVATE KEY') ? 'private-key' : 'other-type', line, detail: block.type };
};

/** What stands between two blocks: nothing, text, or the ruins of blocks. */
const problemsOfGap = (gap: string, offset: number, lineOf: (offset: number) => number): CaBundleProblem[] => {
  const broken = Array.from(gap.matchAll(/-----BEGIN [^\n]*/g), (match): CaBundleProblem => {
    return { kind: 'broken-block', line: lineOf(offset + match.index), detail: match[0].trim().slice(0, 80) };
  });
  if (broken.length > 0) return broken;
  const textAt = gap.search(/\S/);
  if (textAt < 0) return [];
  const detail = /\S[^\n]*/.exec(gap)?.[0].trim().slice(0, 80) ?? '';
  return [{ kind: 'text-outside-blocks', line: lineOf(offset + textAt), detail }];
};

const problemsOf = (text: string, { blocks }: ReadBundle): CaBundleProblem[] => {
  const lineOf = lineCounter(text);
  const problems: CaBundleProblem[] = [];
  let at = 0;
  for (const read of blocks) {
    problems.push(...problemsOfGap(text.slice(at, read.block.start), at, lineOf));
    const problem = problemOfBlock(read, lineOf(read.block.start));
    if (problem !== null) problems.push(problem);
    at = read.block.end;
  }
  problems.push(...problemsOfGap(text.slice(at), at, lineOf));
  if (blocks.length === 0) problems.push({ kind: 'no-pem-block', line: 1, detail: '' });
  return problems;
};

/**
 * Reads a CA bundle (decoded PEM text, a byte-order mark left in) as Go's PEM loop sees it. A partly broken bundle counts
 * with its good part only; `problems` says what was passed over (cert_pool.go, AppendCertsFromPEM).
 */
export const parseCaBundle = (text: string, choice: GoVersionChoice = {}): CaBundle => {
  const read = readBundle(text, rulesOfGo(choice));
  return {
    certificates: read.blocks
      .map(({ outcome }) => outcome)
      .filter(isCertificate)
      .map(describeCertificate),
    problems: problemsOf(text, read),
    error: read.error,
  };
};
