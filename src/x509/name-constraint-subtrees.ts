import { lowerAscii } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { type IpNetwork, formatNetwork, networkContains } from './ip-address.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';

// From 1.26 on Go sorts the subtrees, drops those inside another one, and looks
// names up by binary search (constraints.go). Which subtree an error names, and
// in rare arrangements whether one is found at all, follows from that procedure,
// so it is followed here.

/** Subtrees of one kind: the one that holds a name, as Go prints it; null if none does. */
export type SubtreeLookup<Name> = (name: Name) => string | null;

const dropCovered = <T>(sorted: readonly T[], covers: (wide: T, narrow: T) => boolean): readonly T[] => {
  const kept: T[] = [];
  for (const subtree of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, subtree)) kept.push(subtree);
  }
  return kept;
};

/** The subtree equal to the name, else the one before its place, if that one matches (nameConstraintsSet.search). */
const search = <T, Name>(
  subtrees: readonly T[],
  name: Name,
  compare: (subtree: T, name: Name) => number,
  matches: (subtree: T, name: Name) => boolean,
): T | null => {
  let low = 0;
  let high = subtrees.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const subtree = subtrees[middle];
    if (subtree !== undefined && compare(subtree, name) < 0) low = middle + 1;
    else high = middle;
  }
  const exact = subtrees[low];
  if (exact !== undefined && compare(exact, name) === 0) return exact;
  const before = subtrees[Math.max(0, low - 1)];
  return before !== undefined && matches(before, name) ? before : null;
};

const dnsRank = (name: string, at: number): number => {
  const code = name.charCodeAt(at);
  // constraints.go, dnsCompareTable: letters lowered, the dot in front of everything else.
  if (code === 0x2e) return 0;
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
};

const compareDns = (one: string, other: string): number => {
  const shared = Math.min(one.length, other.length);
  for (let back = 1; back <= shared; back++) {
    const difference = dnsRank(one, one.length - back) - dnsRank(other, other.length - back);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
};

/** constraints.go, dnsHasSuffix: whether the name is or ends in the subtree's labels. */
const isUnderDns = (subtree: string, name: string): boolean => {
  if (subtree.length > name.length) return false;
  if (lowerAscii(name.slice(name.length - subtree.length)) !== lowerAscii(subtree)) return false;
  return subtree.startsWith('.') || subtree.length === name.length || name[name.length - subtree.length - 1] === '.';
};

const withoutFirstLabel = (name: string): string => {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot);
};

/** DNS subtrees, also those of URIs and of email domains; null without any. */
export const dnsLookup = (
  subtrees: readonly string[],
  side: 'permitted' | 'excluded',
  rules: GoRules,
): SubtreeLookup<string> | null => {
  if (subtrees.length === 0) return null;
  if (subtrees.includes('')) return () => '';
  const kept = dropCovered(subtrees.toSorted(compareDns), isUnderDns);
  const siblingCase = rules.wildcardCaseCounts ? (text: string) => text : lowerAscii;
  const byParent = new Map<string, string>();
  if (side === 'excluded') {
    for (const subtree of kept.map(siblingCase)) {
      const parent = withoutFirstLabel(subtree);
      if (parent !== '') byParent.set(parent, subtree);
    }
  }
  return (name) => {
    const found = search(kept, name, compareDns, isUnderDns);
    if (found !== null || !name.startsWith('*')) return found;
    return byParent.get(withoutFirstLabel(siblingCase(name))) ?? null;
  };
};

const compareOctets = (one: Uint8Array, other: Uint8Array): number => Buffer.compare(one, other);

const masked = ({ address, mask }: IpNetwork): IpNetwork => ({
  address: address.map((octet, index) => octet & (mask[index] ?? 0)),
  mask,
});

const lastAddress = ({ address, mask }: IpNetwork): Uint8Array =>
  address.map((octet, index) => octet | (~(mask[index] ?? 0) & 0xff));

const coversNetwork = (wide: IpNetwork, narrow: IpNetwork): boolean =>
  networkContains(wide, narrow.address) && networkContains(wide, lastAddress(narrow));

/** IP subtrees, IPv4 and IPv6 apart; null without any. */
export const ipLookup = (subtrees: readonly IpNetwork[], rules: GoRules): SubtreeLookup<Uint8Array> | null => {
  if (subtrees.length === 0) return null;
  const networks = rules.ipSubtreesMasked ? subtrees.map(masked) : subtrees;
  const keptOf = (length: number): readonly IpNetwork[] => {
    const sorted = networks
      .filter(({ address }) => address.length === length)
      .toSorted((one, other) => compareOctets(one.address, other.address) || compareOctets(one.mask, other.mask));
    return dropCovered(sorted, coversNetwork);
  };
  const ipv4 = keptOf(4);
  const ipv6 = keptOf(16);
  return (address) => {
    const kept = address.length === 4 ? ipv4 : ipv6;
    const compare = (network: IpNetwork, name: Uint8Array): number => compareOctets(network.address, name);
    const found = search(kept, address, compare, networkContains);
    return found === null ? null : formatNetwork(found);
  };
};

const formatMailbox = ({ local, domain }: Mailbox): string => `${local}@${domain}`;

/** Email subtrees: whole addresses, and domains; the mailbox's domain has to be in lower case. */
export const emailLookup = (
  subtrees: readonly string[],
  side: 'permitted' | 'excluded',
  rules: GoRules,
): SubtreeLookup<Mailbox> | null => {
  if (subtrees.length === 0) return null;
  const whole = new Set<string>();
  for (const subtree of subtrees.filter((text) => text.includes('@'))) {
    const mailbox = parseMailbox(subtree, rules);
    if (mailbox !== null) whole.add(formatMailbox({ ...mailbox, domain: lowerAscii(mailbox.domain) }));
  }
  const domains = dnsLookup(
    subtrees.filter((text) => !text.includes('@')),
    side,
    rules,
  );
  return (mailbox) => {
    const text = formatMailbox(mailbox);
    return whole.has(text) ? text : (domains?.(mailbox.domain) ?? null);
  };
};
