import type { ParsedCertificate } from './certificate.ts';

/** Object identifiers of the usages Go knows, at the index of their ExtKeyUsage number (x509.go, extKeyUsageOIDs). */
const KNOWN_USAGES: readonly string[] = [
  '2.5.29.37.0',
  '1.3.6.1.5.5.7.3.1',
  '1.3.6.1.5.5.7.3.2',
  '1.3.6.1.5.5.7.3.3',
  '1.3.6.1.5.5.7.3.4',
  '1.3.6.1.5.5.7.3.5',
  '1.3.6.1.5.5.7.3.6',
  '1.3.6.1.5.5.7.3.7',
  '1.3.6.1.5.5.7.3.8',
  '1.3.6.1.5.5.7.3.9',
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
];

const ANY_USAGE = 0;
const ANY_USAGE_OID = '2.5.29.37.0';

/** Go's number of server authentication, the usage a TLS client wants. */
export const SERVER_AUTHENTICATION = 1;

/**
 * The certificate nearest the root after which none of the wanted usages is left, null if one is allowed all the way;
 * usages by Go's ExtKeyUsage numbers (verify.go, checkChainForKeyUsage).
 */
export const rulingOutUsages = (
  chain: readonly ParsedCertificate[],
  wanted: readonly number[],
): ParsedCertificate | null => {
  if (wanted.includes(ANY_USAGE)) return null;
  let left = wanted.map((usage) => KNOWN_USAGES[usage] ?? '');
  for (const certificate of chain.toReversed()) {
    const allowed = certificate.extensions.extendedKeyUsages;
    if (allowed.length === 0 || allowed.includes(ANY_USAGE_OID)) continue;
    left = left.filter((usage) => allowed.includes(usage));
    if (left.length === 0) return certificate;
  }
  return null;
};
