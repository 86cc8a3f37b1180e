import { hash } from 'node:crypto';
import { arePoliciesValid } from './certificate-policies.ts';
import type { ParsedCertificate } from './certificate.ts';
import { nameConstraintText } from './chain-building.ts';
import { type CheckChainConstraints, chainConstraintChecker } from './chain-name-constraints.ts';
import { rulingOutUsages } from './extended-key-usage.ts';
import type { GoRules } from './go-version.ts';

type Chain = readonly ParsedCertificate[];

/** Why every chain that reaches a trust anchor is refused in the end. */
export interface ChainRefusal {
  readonly text: string;
  readonly fault: 'name-constraint' | 'key-usage' | 'policies' | 'distrusted';
  /** The certificate at fault in the first chain, null where the chain as a whole is. */
  readonly certificate: ParsedCertificate | null;
}

/** verify.go, distrustedSPKIHashes: SHA-256 of the SubjectPublicKeyInfo, hexadecimal. */
const DISTRUSTED_KEYS: ReadonlySet<string> = new Set([
  'ebed6475c2c2d80fcb199f3fe8dd6e6b3ce60b77eb15d4e42c3dec0c6f5b5105',
  '49dd353dc2b919a3770645117d0e60c16115e7d1bc259eefe734b00ea434fe5f',
  'e0254c7fcdc265e2f0f8a428dabb75ab4ae039b4872d62f5ee57f0877d5a8a41',
  '5c0660a2b164910d8ff589c18e14552e9e0ec237dcefe2cb736d41a4811f81a0',
  '43bffa19d6ef651451f6841e019931e96f6f2eaeff28ab4b6f1ce4576de2717b',
  '63ecefee431d49523bc1136c4e72d0206a477086caf606cd5cf025686c109cf8',
  'ec4ffa1ad0ac88081314b7aaffef6a91f97cd57291bb5ba686c5415f5eb4f6b6',
  '92c063d67e8f14db71d288e11266ffdaf69cbf115f7bab14f3bc2f68d25e0e30',
]);

const distrusted = (chain: Chain): ParsedCertificate | null =>
  chain.find(({ keyInfo }) => DISTRUSTED_KEYS.has(hash('sha256', keyInfo, 'hex'))) ?? null;

/** What is wrong with one chain, null if nothing is. */
const refuseChain = (
  chain: Chain,
  ekus: readonly number[],
  checkChainConstraints: CheckChainConstraints,
  rules: GoRules,
): ChainRefusal | null => {
  if (rules.policiesProcessed && !arePoliciesValid(chain, rules)) {
    return { text: '', fault: 'policies', certificate: null };
  }
  const unsuitable = rulingOutUsages(chain, ekus);
  if (unsuitable !== null) return { text: '', fault: 'key-usage', certificate: unsuitable };
  const violation = rules.constraintsCheckedOnChain ? checkChainConstraints(chain) : null;
  if (violation !== null) {
    return { text: nameConstraintText(violation.text), fault: 'name-constraint', certificate: violation.authority };
  }
  const certificate = rules.distrustedKeysKnown ? distrusted(chain) : null;
  return certificate === null ? null : { text: '', fault: 'distrusted', certificate };
};

const NO_VALID_CHAINS = 'x509: no valid chains built';

const refusalText = (refusals: readonly ChainRefusal[], rules: GoRules): string => {
  const count = (fault: ChainRefusal['fault']): number => refusals.filter((refusal) => refusal.fault === fault).length;
  const unsuitable = count('key-usage');
  const invalid = count('policies');
  if (unsuitable > 0 && invalid === 0) return 'x509: certificate specifies an incompatible key usage';
  if (!rules.constraintsCheckedOnChain && unsuitable === 0) {
    return `${NO_VALID_CHAINS}: all candidate chains have invalid policies`;
  }
  const chains = rules.constraintsCheckedOnChain ? 'candidate chains' : 'chains';
  const details = [
    ...(unsuitable > 0 ? [`${unsuitable} ${chains} with incompatible key usage`] : []),
    ...(invalid > 0 ? [`${invalid} ${chains} with invalid policies`] : []),
  ];
  return details.length === 0 ? NO_VALID_CHAINS : `${NO_VALID_CHAINS}: ${details.join(', ')}`;
};

/** The first chain that holds for one of the usages, or why none does (verify.go, the end of Verify). */
export const pickChain = (chains: readonly Chain[], ekus: readonly number[], rules: GoRules): Chain | ChainRefusal => {
  const refusals: ChainRefusal[] = [];
  const checkChainConstraints = chainConstraintChecker(rules);
  for (const chain of chains) {
    const refusal = refuseChain(chain, ekus, checkChainConstraints, rules);
    if (refusal === null) return chain;
    refusals.push(refusal);
  }
  const violation = refusals.find(({ fault }) => fault === 'name-constraint');
  if (violation !== undefined) return violation;
  const worst = refusals.find(({ fault }) => fault === 'key-usage') ?? refusals[0];
  return {
    text: refusalText(refusals, rules),
    fault: worst?.fault ?? 'distrusted',
    certificate: worst?.certificate ?? null,
  };
};
