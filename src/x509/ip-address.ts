import { goQuote } from './go-text.ts';
import { Refusal } from './refusal.ts';

/** An address in 4 or 16 octets; the zone only for IPv6, "" without one. */
export interface IpAddress {
  readonly octets: Uint8Array;
  readonly zone: string;
}

/** An IP subtree of a name constraint: address and mask have the same length, 4 or 16. */
export interface IpNetwork {
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

const refuse = (whole: string, why: string, at = ''): Refusal =>
  new Refusal(`ParseAddr(${goQuote(whole)}): ${why}${at === '' ? '' : ` (at ${goQuote(at)})`}`);

const parseIpv4Fields = (whole: string, text: string): number[] | Refusal => {
  const fields: number[] = [];
  let value = 0;
  let digits = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character >= '0' && character <= '9') {
      if (digits === 1 && value === 0) return refuse(whole, 'IPv4 field has octet with leading zero');
      value = value * 10 + Number(character);
      digits += 1;
      if (value > 255) return refuse(whole, 'IPv4 field has value >255');
    } else if (character === '.') {
      if (index === 0 || index === text.length - 1 || text[index - 1] === '.') {
        return refuse(whole, 'IPv4 field must have at least one digit', text.slice(index));
      }
      if (fields.length === 3) return refuse(whole, 'IPv4 address too long');
      fields.push(value);
      value = 0;
      digits = 0;
    } else {
      return refuse(whole, 'unexpected character', text.slice(index));
    }
  }
  if (fields.length < 3) return refuse(whole, 'IPv4 address too short');
  return [...fields, value];
};

const splitZone = (whole: string): { readonly text: string; readonly zone: string } | Refusal => {
  const percent = whole.indexOf('%');
  if (percent < 0) return { text: whole, zone: '' };
  const zone = whole.slice(percent + 1);
  return zone === '' ? refuse(whole, 'zone must be a non-empty string') : { text: whole.slice(0, percent), zone };
};

const parseIpv6Octets = (whole: string, text: string): number[] | Refusal => {
  const octets: number[] = [];
  let ellipsis = -1;
  let rest = text;
  if (rest.startsWith('::')) {
    ellipsis = 0;
    rest = rest.slice(2);
    if (rest === '') return Array.from({ length: 16 }, () => 0);
  }
  while (octets.length < 16) {
    const digits = /^[0-9a-fA-F]*/.exec(rest.slice(0, 5))?.[0] ?? '';
    if (digits.length > 4) return refuse(whole, 'each group must have 4 or less digits', rest);
    if (digits === '') return refuse(whole, 'each colon-separated field must have at least one digit', rest);
    const next = rest.charAt(digits.length);
    if (next === '.') {
      if (ellipsis < 0 && octets.length !== 12) {
        return refuse(whole, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
      }
      if (octets.length > 12) {
        return refuse(whole, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
      }
      const fields = parseIpv4Fields(whole, rest);
      if (fields instanceof Refusal) return fields;
      octets.push(...fields);
      rest = '';
      break;
    }
    const group = Number.parseInt(digits, 16);
    octets.push(group >> 8, group & 0xff);
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (next !== ':') return refuse(whole, 'unexpected character, want colon', rest);
    if (rest.length === 1) return refuse(whole, 'colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (rest.startsWith(':')) {
      if (ellipsis >= 0) return refuse(whole, 'multiple :: in address', rest);
      ellipsis = octets.length;
      rest = rest.slice(1);
      if (rest === '') break;
    }
  }
  if (rest !== '') return refuse(whole, 'trailing garbage after address', rest);
  if (octets.length === 16) {
    return ellipsis < 0 ? octets : refuse(whole, 'the :: must expand to at least one field of zeros');
  }
  if (ellipsis < 0) return refuse(whole, 'address string too short');
  const zeros = Array.from({ length: 16 - octets.length }, () => 0);
  return [...octets.slice(0, ellipsis), ...zeros, ...octets.slice(ellipsis)];
};

/** Parses an address as Go's netip.ParseAddr, with its texts. */
export const parseAddress = (whole: string): IpAddress | Refusal => {
  const mark = /[.:%]/.exec(whole)?.[0];
  if (mark === undefined) return refuse(whole, 'unable to parse IP');
  if (mark === '%') return refuse(whole, 'missing IPv6 address');
  if (mark === '.') {
    const fields = parseIpv4Fields(whole, whole);
    return fields instanceof Refusal ? fields : { octets: Uint8Array.from(fields), zone: '' };
  }
  const split = splitZone(whole);
  if (split instanceof Refusal) return split;
  const octets = parseIpv6Octets(whole, split.text);
  return octets instanceof Refusal ? octets : { octets: Uint8Array.from(octets), zone: split.zone };
};

/** Parses an address as Go's net.ParseIP: no zones; null if it is none. */
export const parseIp = (text: string): Uint8Array | null => {
  const address = parseAddress(text);
  return address instanceof Refusal || address.zone !== '' ? null : address.octets;
};

/** The 4 octets of an IPv4 address, also of one in ::ffff:0:0/96; null for other addresses (net.IP.To4). */
export const toIpv4 = (octets: Uint8Array): Uint8Array | null => {
  if (octets.length === 4) return octets;
  const isMapped = octets.length === 16 && MAPPED_PREFIX.every((octet, index) => octets[index] === octet);
  return isMapped ? octets.subarray(12) : null;
};

/** True if both are the same address, mapped or not (net.IP.Equal). */
export const sameAddress = (one: Uint8Array, other: Uint8Array): boolean => {
  const left = one.length === other.length ? one : (toIpv4(one) ?? one);
  const right = one.length === other.length ? other : (toIpv4(other) ?? other);
  return left.length === right.length && left.every((octet, index) => right[index] === octet);
};

const formatIpv6 = (octets: Uint8Array): string => {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((octets[2 * index] ?? 0) << 8) | (octets[2 * index + 1] ?? 0),
  );
  let start = 0;
  let length = 1;
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - index > length) {
      start = index;
      length = end - index;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  return length < 2 ? hex.join(':') : `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
};

/** Prints an address as Go's net.IP does; octets that are no address as `?` and hex. */
export const formatIp = (octets: Uint8Array): string => {
  const ipv4 = toIpv4(octets);
  if (ipv4 !== null) return ipv4.join('.');
  return octets.length === 16 ? formatIpv6(octets) : `?${Buffer.from(octets).toString('hex')}`;
};

const asIpv4IfMapped = (network: IpNetwork): IpNetwork => {
  const ipv4 = toIpv4(network.address);
  return ipv4 === null ? network : { address: ipv4, mask: network.mask.subarray(network.mask.length - 4) };
};

/** True if the network holds the address (net.IPNet.Contains: mapped addresses count as IPv4). */
export const networkContains = (network: IpNetwork, octets: Uint8Array): boolean => {
  const { address, mask } = asIpv4IfMapped(network);
  const candidate = toIpv4(octets) ?? octets;
  if (candidate.length !== address.length) return false;
  return candidate.every((octet, index) => ((octet ^ (address[index] ?? 0)) & (mask[index] ?? 0)) === 0);
};

/** The number of leading one bits; -1 if ones and zeros mix (net, simpleMaskLength). */
const prefixLength = (mask: Uint8Array): number => {
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : -1;
};

/** Prints a network as Go's net.IPNet does: host bits stay. */
export const formatNetwork = (network: IpNetwork): string => {
  const { address, mask } = asIpv4IfMapped(network);
  const length = prefixLength(mask);
  return `${formatIp(address)}/${length < 0 ? Buffer.from(mask).toString('hex') : length}`;
};
