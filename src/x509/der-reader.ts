import asn1 from 'node-forge/lib/asn1.js';
import { byteString } from './go-text.ts';

const CONSTRUCTED = 0x20;

/** Identifier octets as golang.org/x/crypto/cryptobyte/asn1 names them. */
export const Tag = {
  boolean: asn1.Type.BOOLEAN,
  integer: asn1.Type.INTEGER,
  bitString: asn1.Type.BITSTRING,
  octetString: asn1.Type.OCTETSTRING,
  null: asn1.Type.NULL,
  oid: asn1.Type.OID,
  utf8String: asn1.Type.UTF8,
  numericString: 18,
  printableString: asn1.Type.PRINTABLESTRING,
  t61String: 20,
  ia5String: asn1.Type.IA5STRING,
  utcTime: asn1.Type.UTCTIME,
  generalizedTime: asn1.Type.GENERALIZEDTIME,
  bmpString: asn1.Type.BMPSTRING,
  sequence: asn1.Type.SEQUENCE | CONSTRUCTED,
  set: asn1.Type.SET | CONSTRUCTED,
} as const;

/** The identifier octet of a primitive context-specific element. */
export const contextTag = (number: number): number => asn1.Class.CONTEXT_SPECIFIC | number;

/** The identifier octet of a constructed context-specific element. */
export const constructedContextTag = (number: number): number => contextTag(number) | CONSTRUCTED;

/** One element: its identifier octet, its contents, and the whole with its header. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly whole: Uint8Array;
}

/** A BIT STRING: its bytes and how many of their bits belong to it. */
export interface DerBits {
  readonly bytes: Uint8Array;
  readonly bitLength: number;
}

/**
 * Reads DER element by element, as strictly and as lazily as Go's cryptobyte.String: what nobody asks for is not looked
 * at. Node-forge's asn1 decodes the lengths; that they are minimal and inside the bounds is checked here
 * (golang.org/x/crypto/cryptobyte/asn1.go, readASN1). A read that fails returns null and may leave the reader anywhere.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** What has not been read yet. */
  get rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** True if the next element starts with this identifier octet. */
  nextIs(tag: number): boolean {
    return this.#bytes[this.#at] === tag;
  }

  /** One octet, for forge.asn1; past the end 0. */
  getByte(): number {
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }

  /** A big-endian number of so many bits, for forge.asn1. */
  getInt(bits: number): number {
    let value = 0;
    for (let read = 0; read < bits; read += 8) value = value * 256 + this.getByte();
    return value;
  }

  readElement(): DerElement | null {
    const start = this.#at;
    const available = this.#bytes.length - start;
    const tag = this.#bytes[start];
    const lengthOctet = this.#bytes[start + 1];
    if (tag === undefined || lengthOctet === undefined || (tag & 0x1f) === 0x1f) return null;
    const lengthOctets = lengthOctet & 0x80 ? lengthOctet & 0x7f : 0;
    if (lengthOctet === 0x80 || lengthOctets > 4 || available < 2 + lengthOctets) return null;
    this.#at = start + 1;
    const length = asn1.getBerValueLength(this);
    if (length === undefined || this.#at + length > this.#bytes.length) return null;
    // DER wants the short form where it fits and no leading zero octets (X.690, 10.1).
    if (lengthOctets > 0 && (length < 128 || length < 256 ** (lengthOctets - 1))) return null;
    const contentsAt = this.#at;
    this.#at += length;
    return {
      tag,
      contents: this.#bytes.subarray(contentsAt, this.#at),
      whole: this.#bytes.subarray(start, this.#at),
    };
  }

  /** The next element if it has this identifier octet. */
  readTagged(tag: number): DerElement | null {
    const element = this.readElement();
    return element?.tag === tag ? element : null;
  }

  /** The contents of the next element if it has this identifier octet. */
  read(tag: number): Uint8Array | null {
    return this.readTagged(tag)?.contents ?? null;
  }

  /** A reader over the contents of the next element. */
  enter(tag: number): DerReader | null {
    const contents = this.read(tag);
    return contents === null ? null : new DerReader(contents);
  }

  /** The contents of the next element, undefined if the next element is another one. */
  readOptional(tag: number): Uint8Array | undefined | null {
    return this.nextIs(tag) ? this.read(tag) : undefined;
  }

  readBoolean(): boolean | null {
    const contents = this.read(Tag.boolean);
    if (contents?.length !== 1) return null;
    if (contents[0] === 0) return false;
    return contents[0] === 0xff ? true : null;
  }

  /** The octets of a minimally encoded two's-complement INTEGER. */
  readIntegerOctets(tag: number = Tag.integer): Uint8Array | null {
    const octets = this.read(tag);
    const first = octets?.[0];
    if (octets === null || first === undefined) return null;
    const second = octets[1];
    if (second === undefined) return octets;
    const isPadded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
    return isPadded ? null : octets;
  }

  /** An INTEGER of at most 64 bits. */
  readInt64(tag: number = Tag.integer): bigint | null {
    const octets = this.readIntegerOctets(tag);
    return octets === null || octets.length > 8 ? null : signedInteger(octets);
  }

  /** An INTEGER from 0 to 2⁶⁴-1. */
  readUint64(): bigint | null {
    const octets = this.readIntegerOctets();
    if (octets === null) return null;
    const value = octets.length > 9 ? -1n : signedInteger(octets);
    return value < 0n || value >= 1n << 64n ? null : value;
  }

  readBits(): DerBits | null {
    const contents = this.read(Tag.bitString);
    const padding = contents?.[0];
    if (contents === null || padding === undefined || padding > 7) return null;
    const bytes = contents.subarray(1);
    const last = bytes.at(-1);
    if (last === undefined ? padding !== 0 : (last & ((1 << padding) - 1)) !== 0) return null;
    return { bytes, bitLength: bytes.length * 8 - padding };
  }

  /** An OBJECT IDENTIFIER in dotted form; every part fits 31 bits. */
  readOid(mayBePadded: boolean): string | null {
    const contents = this.read(Tag.oid);
    return contents === null ? null : dottedOid(contents, mayBePadded);
  }
}

const readSubidentifiers = (contents: Uint8Array, mayBePadded: boolean): number[] | null => {
  const parts: number[] = [];
  let value = 0;
  let octets = 0;
  for (const octet of contents) {
    if (octets === 5 || value >= 2 ** 24 || (octets === 0 && octet === 0x80 && !mayBePadded)) return null;
    value = value * 128 + (octet & 0x7f);
    octets += 1;
    if (octet < 0x80) {
      parts.push(value);
      value = 0;
      octets = 0;
    }
  }
  return octets === 0 && parts.length > 0 ? parts : null;
};

/** The dotted form of an object identifier's contents (cryptobyte/asn1.go, ReadASN1ObjectIdentifier). */
export const dottedOid = (contents: Uint8Array, mayBePadded: boolean): string | null => {
  const parts = readSubidentifiers(contents, mayBePadded);
  const first = parts?.[0];
  if (parts === null || first === undefined) return null;
  const root = first < 80 ? `${Math.floor(first / 40)}.${first % 40}` : `2.${first - 80}`;
  return parts.length === 1 ? root : `${root}.${parts.slice(1).join('.')}`;
};

/** Big-endian two's-complement octets as a number. */
export const signedInteger = (octets: Uint8Array): bigint => {
  const value = unsignedInteger(octets);
  return (octets[0] ?? 0) >= 0x80 ? value - (1n << BigInt(octets.length * 8)) : value;
};

/** Big-endian octets as a number. */
export const unsignedInteger = (octets: Uint8Array): bigint =>
  octets.length === 0 ? 0n : BigInt(`0x${Buffer.from(octets).toString('hex')}`);

/** The bits moved to the right end of the bytes, as Go hashes and checks them (encoding/asn1, BitString.RightAlign). */
export const rightAligned = (bits: DerBits): Uint8Array => {
  const shift = (8 - (bits.bitLength % 8)) % 8;
  if (shift === 0 || bits.bytes.length === 0) return bits.bytes;
  const aligned = new Uint8Array(bits.bytes.length);
  let carried = 0;
  for (const [index, byte] of bits.bytes.entries()) {
    aligned[index] = carried | (byte >> shift);
    carried = (byte << (8 - shift)) & 0xff;
  }
  return aligned;
};

/** A map key for octets. */
export const octetsKey = (octets: Uint8Array): string => byteString(octets);
