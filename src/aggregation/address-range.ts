interface Bits {
  readonly value: bigint;
  readonly size: 32 | 128;
}

const ipv4 = (text: string): bigint | null => {
  const fields = text.split('.');
  if (fields.length !== 4 || fields.some((field) => !/^\d{1,3}$/.test(field) || Number(field) > 255)) return null;
  return fields.reduce((value, field) => value * 256n + BigInt(field), 0n);
};

const ipv6 = (text: string): bigint | null => {
  const halves = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail] = halves;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length > 2 || (tail === undefined ? missing !== 0 : missing < 1)) return null;
  const fields = [...head, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...(tail ?? [])];
  if (fields.some((field) => !/^[0-9a-f]{1,4}$/i.test(field))) return null;
  return fields.reduce((value, field) => value * 65_536n + BigInt(`0x${field}`), 0n);
};

const bitsOf = (address: string): Bits | null => {
  const size = address.includes(':') ? 128 : 32;
  const value = size === 128 ? ipv6(address) : ipv4(address);
  return value === null ? null : { value, size };
};

/** Whether an address is one of a range such as `10.96.0.0/12`; false where either cannot be read or the families differ. */
export const isInRange = (address: string, range: string): boolean => {
  const [, start = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(range) ?? [];
  const [one, first] = [bitsOf(address), bitsOf(start)];
  if (one === null || first === null || one.size !== first.size || Number(length) > one.size) return false;
  const shift = BigInt(one.size - Number(length));
  return one.value >> shift === first.value >> shift;
};

/** Whether two ranges have an address in common: the start of one then lies in the other. */
export const overlap = (one: string, other: string): boolean =>
  isInRange(one.split('/')[0] ?? '', other) || isInRange(other.split('/')[0] ?? '', one);
