import { trustAnchorsOf } from './ca-bundle.ts';
import { poolOf } from './certificate-pool.ts';
import { type ParsedCertificate, parseDer } from './certificate.ts';
import { type Candidate, type ChainError, checkValidity, findChains } from './chain-building.ts';
import { SERVER_AUTHENTICATION } from './extended-key-usage.ts';
import { type ChainRefusal, pickChain } from './finished-chains.ts';
import { toByteString } from './go-text.ts';
import { type GoRules, type GoVersionChoice, rulesOfGo } from './go-version.ts';
import { isCommonNameOnly, namesOf, verifyHostName } from './host-name.ts';
import { goTypeOf } from './public-key.ts';
import { Refusal } from './refusal.ts';
import { type ServingFault, type ServingVerdict, describeVerdict } from './serving-verdict.ts';

/** What a backend presented, and what kube-apiserver holds it against. */
export interface ServingChain extends GoVersionChoice {
  /** DER, in the order of the TLS Certificate message. */
  readonly presented: readonly Uint8Array[];
  /** The decoded PEM text, a byte-order mark left in; null for none: then the host's own roots decide, here nothing is trusted. */
  readonly caBundle: string | null;
  /** The name asked for; "" to verify without one, as x509.Certificate.Verify reports it. */
  readonly serverName: string;
  readonly at: Date;
  readonly goVersion: string;
  /** Go's ExtKeyUsage numbers of which one has to be allowed; default: server authentication, what a TLS client wants. */
  readonly ekus?: readonly number[];
}

const CERTIFICATE_LIMIT_BITS = 8192;

// RFC 8446, 4.4.2: an empty context, the list's length, and for each certificate
// its length and that of its extensions, of which there are none.
const messageLength = (presented: readonly Uint8Array[]): number =>
  presented.reduce((length, der) => length + 3 + der.length + 2, 1 + 3);

type Parsed = readonly ParsedCertificate[];

/** handshake_client.go, verifyServerCertificate up to Verify; without a name only what Verify needs. */
const parsePresented = ({ presented, serverName }: ServingChain, rules: GoRules): Parsed | ServingFault => {
  const isHandshake = serverName !== '';
  const length = messageLength(presented);
  if (isHandshake && length > rules.certificateMessageLimit) {
    const limit = rules.certificateMessageLimit;
    const text = `tls: handshake message of length ${length} bytes exceeds maximum of ${limit} bytes`;
    return { kind: 'handshake', text, certificate: null };
  }
  const certificates: ParsedCertificate[] = [];
  for (const [index, der] of presented.entries()) {
    const parsed = parseDer(der, rules);
    if (parsed instanceof Refusal) {
      const prefix = isHandshake ? 'tls: failed to parse certificate from server: ' : '';
      return { kind: 'malformed', text: prefix + parsed.text, certificate: null, index };
    }
    const key = parsed.publicKey;
    if (isHandshake && rules.rsaSizeLimited && key?.kind === 'rsa' && key.modulusBits > CERTIFICATE_LIMIT_BITS) {
      const text = `tls: server sent certificate containing RSA key larger than ${CERTIFICATE_LIMIT_BITS} bits`;
      return { kind: 'key-too-large', text, certificate: parsed };
    }
    certificates.push(parsed);
  }
  return certificates;
};

/** What Verify says: a chain or an error, and the issuers looked at. */
interface Verification {
  readonly outcome: readonly ParsedCertificate[] | ServingFault;
  readonly candidates: readonly Candidate[];
}

const faultOf = (error: ChainError | ChainRefusal, leaf: ParsedCertificate): ServingFault => ({
  kind: error.fault,
  text: error.text,
  certificate: error.certificate,
  isLeaf: error.certificate === leaf,
  hint: 'hint' in error && error.hint !== null ? faultOf(error.hint, leaf) : null,
});

const hostNameFault = (leaf: ParsedCertificate, serverName: string, rules: GoRules): ServingFault | null => {
  const refusal = serverName === '' ? null : verifyHostName(namesOf(leaf), toByteString(serverName), rules);
  if (refusal === null) return null;
  const kind = isCommonNameOnly(refusal) ? 'common-name' : 'host-name';
  return { kind, text: refusal.text, certificate: leaf, isLeaf: true };
};

// verify.go, Verify.
const verifyChain = (
  leaf: ParsedCertificate,
  presented: Parsed,
  anchors: Parsed,
  { serverName, at, ekus = [] }: ServingChain,
  rules: GoRules,
): Verification => {
  const search = { roots: poolOf(anchors), intermediates: poolOf(presented.slice(1)), atMs: at.getTime(), rules };
  const leafError = checkValidity(leaf, 'leaf', [], search);
  if (leafError !== null) return { outcome: faultOf(leafError, leaf), candidates: [] };
  const nameFault = hostNameFault(leaf, serverName, rules);
  if (nameFault !== null) return { outcome: nameFault, candidates: [] };
  const isAnchor = search.roots.holds(leaf);
  const { chains, error, candidates } = isAnchor
    ? { chains: [[leaf]], error: null, candidates: [] }
    : findChains(leaf, search);
  if (error !== null) return { outcome: faultOf(error, leaf), candidates };
  const picked = pickChain(chains, ekus.length === 0 ? [SERVER_AUTHENTICATION] : ekus, rules);
  return { outcome: 'fault' in picked ? faultOf(picked, leaf) : picked, candidates };
};

const unsupportedKeyFault = (leaf: ParsedCertificate): ServingFault | null => {
  const key = leaf.publicKey;
  if (key !== null && key.kind !== 'dsa') return null;
  const text = `tls: server's certificate contains an unsupported type of public key: ${goTypeOf(key)}`;
  return { kind: 'unsupported-key', text, certificate: leaf, isLeaf: true };
};

const wrapped = (fault: ServingFault, isHandshake: boolean, rules: GoRules): ServingFault => {
  if (!isHandshake || !rules.verificationErrorWrapped || fault.kind === 'panic') return fault;
  return { ...fault, text: `tls: failed to verify certificate: ${fault.text}` };
};

/**
 * Verifies what a backend presented as the TLS client of kube-apiserver does, in that Go release: the same verdict, the
 * same text, byte for byte, and why. The Certificate message is taken for one of TLS 1.3 without extensions. Never throws.
 */
export const verifyServingChain = (chain: ServingChain): ServingVerdict => {
  const rules = rulesOfGo(chain);
  const isHandshake = chain.serverName !== '';
  const { certificates: anchors, error: caBundleError } = trustAnchorsOf(chain.caBundle ?? '', rules);
  const evidence = {
    anchors,
    hasCaBundle: chain.caBundle !== null,
    caBundleError: chain.caBundle === null ? null : caBundleError,
  };
  const presented = parsePresented(chain, rules);
  if ('kind' in presented) return describeVerdict({ ...evidence, presented: [], outcome: presented, candidates: [] });
  const [leaf] = presented;
  if (leaf === undefined) {
    const outcome: ServingFault = {
      kind: 'handshake',
      text: 'tls: received empty certificates message',
      certificate: null,
    };
    return describeVerdict({ ...evidence, presented, outcome, candidates: [] });
  }
  const { outcome, candidates } = verifyChain(leaf, presented, anchors, chain, rules);
  const final =
    'kind' in outcome ? wrapped(outcome, isHandshake, rules) : (handshakeFault(leaf, isHandshake) ?? outcome);
  return describeVerdict({ ...evidence, presented, outcome: final, candidates });
};

const handshakeFault = (leaf: ParsedCertificate, isHandshake: boolean): ServingFault | null =>
  isHandshake ? unsupportedKeyFault(leaf) : null;
