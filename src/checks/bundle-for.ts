import { certificatePem } from '../model/certificate-pem.ts';
import type { GoToolchain } from '../aggregation/go-toolchain.ts';
import { type Certificate, parseCertificate, verifyServingChain } from '../x509/index.ts';
import type { JudgedChain, MountedChain } from './judged-chain.ts';
import { whyRefused } from './why-refused.ts';

/** A CA bundle under which every chain seen passes, or why there is none. */
export type OfferedBundle =
  | { readonly pem: string; readonly authorities: readonly Certificate[] }
  | { readonly refusal: string };

/** Larger ones do not fit into a command that a person can look through. */
const MAX_AUTHORITIES = 3;

const parsed = (der: Uint8Array): readonly Certificate[] => {
  const result = parseCertificate(der);
  return result.ok ? [result.certificate] : [];
};

/** The topmost certificate above the leaf that is at hand, by the names of the issuers; the leaf where it signs itself. */
const topmost = (leaf: Certificate, others: readonly Certificate[]): Certificate | null => {
  let top = leaf;
  for (const seen = new Set([leaf.sha256]); ;) {
    const { issuer } = top;
    const next = others.find(({ subject, isCA, sha256 }) => isCA && subject === issuer && !seen.has(sha256));
    if (!next) break;
    seen.add(next.sha256);
    top = next;
  }
  return top !== leaf || leaf.subject === leaf.issuer ? top : null;
};

/** Worked out from what is served, and from what else the Secrets hold, and verified as the control plane would. */
export const bundleFor = (
  chains: readonly JudgedChain[],
  mounted: readonly MountedChain[],
  serverName: string,
  at: Date,
  toolchain: GoToolchain,
): OfferedBundle => {
  const authorities = new Map<string, Certificate>();
  for (const { chain, from } of chains) {
    const [leaf, ...others] = chain.flatMap(parsed);
    const known = mounted.flatMap((each) => [...each.chain, ...each.others]).flatMap(parsed);
    const top = leaf && topmost(leaf, [...others, ...known]);
    if (!top)
      return {
        refusal: `${from} shows no authority: its certificate was issued by ${leaf?.issuer ?? 'nobody that can be told'}, whose own certificate was not seen`,
      };
    authorities.set(top.sha256, top);
  }
  if (authorities.size === 0) return { refusal: 'no served certificate was seen' };
  if (authorities.size > MAX_AUTHORITIES)
    return { refusal: `the endpoints need ${authorities.size} different authorities` };
  const pem = [...authorities.values()].map(({ der }) => certificatePem(der)).join('');
  for (const { chain } of chains) {
    const verdict = verifyServingChain({ presented: chain, caBundle: pem, serverName, at, ...toolchain });
    if (!verdict.accepted)
      return {
        refusal: `what is served would not pass with any bundle: ${whyRefused(verdict.because, serverName, chain).replace(/\.$/, '')}`,
      };
  }
  return { pem, authorities: [...authorities.values()] };
};
