import { type IpNetwork, networkContains, parseIp } from '../x509/index.ts';

/** Null where the text is no range such as `10.96.0.0/12`. */
const parseRange = (range: string): IpNetwork | null => {
  const [, start = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(range) ?? [];
  const address = parseIp(start);
  if (address === null || Number(length) > address.length * 8) return null;
  const mask = address.map((_, index) => 0xff << (8 - Math.min(Math.max(Number(length) - index * 8, 0), 8)));
  return { address, mask };
};

/** Whether an address is one of a range such as `10.96.0.0/12`; false where either cannot be read or the families differ. */
export const isInRange = (address: string, range: string): boolean => {
  const [octets, network] = [parseIp(address), parseRange(range)];
  return octets !== null && network !== null && networkContains(network, octets);
};

/** Whether two ranges have an address in common: the start of one then lies in the other. */
export const overlap = (one: string, other: string): boolean =>
  isInRange(one.split('/')[0] ?? '', other) || isInRange(other.split('/')[0] ?? '', one);
