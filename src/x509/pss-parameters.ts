import { type AlgorithmIdentifier } from './algorithm-identifier.ts';
import { dottedOid, signedInteger } from './der-reader.ts';

// Go reads RSA-PSS parameters with encoding/asn1, not with cryptobyte: high tag
// numbers are allowed, what follows the known fields is ignored, and the length
// of an explicit tag is not compared with what it holds. This file follows
// encoding/asn1/asn1.go, parseTagAndLength and parseField, for that one structure.

/** RSASSA-PSS-params (RFC 3447, A.2.3) as Go unmarshals them. */
export interface PssParameters {
  readonly hash: AlgorithmIdentifier;
  readonly maskGeneration: AlgorithmIdentifier;
  readonly saltLength: bigint;
  readonly trailerField: bigint;
}

interface Header {
  readonly class: number;
  readonly isConstructed: boolean;
  readonly number: number;
  readonly length: number;
  readonly contentsAt: number;
}

/** A value and where the next field starts. */
interface Field<T> {
  readonly value: T;
  readonly next: number;
}

const CONTEXT_SPECIFIC = 2;

const readHighTag = (bytes: Uint8Array, start: number): Field<number> | null => {
  let value = 0;
  for (let at = start; at < Math.min(bytes.length, start + 5); at++) {
    const octet = bytes[at] ?? 0;
    if (at === start && octet === 0x80) return null;
    value = value * 128 + (octet & 0x7f);
    if (octet < 0x80) return value >= 0x1f && value <= 0x7fff_ffff ? { value, next: at + 1 } : null;
  }
  return null;
};

const readLength = (bytes: Uint8Array, at: number): Field<number> | null => {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 0x80) return { value: first, next: at + 1 };
  const octets = first & 0x7f;
  let value = 0;
  for (let index = 1; index <= octets; index++) {
    const octet = bytes[at + index];
    if (octet === undefined || value >= 2 ** 23) return null;
    value = value * 256 + octet;
    if (value === 0) return null;
  }
  return value < 0x80 ? null : { value, next: at + 1 + octets };
};

const readHeader = (bytes: Uint8Array, at: number): Header | null => {
  const identifier = bytes[at];
  if (identifier === undefined) return null;
  const low = identifier & 0x1f;
  const tag = low === 0x1f ? readHighTag(bytes, at + 1) : { value: low, next: at + 1 };
  const length = tag === null ? null : readLength(bytes, tag.next);
  if (tag === null || length === null) return null;
  return {
    class: identifier >> 6,
    isConstructed: (identifier & 0x20) !== 0,
    number: tag.value,
    length: length.value,
    contentsAt: length.next,
  };
};

const contentsOf = (bytes: Uint8Array, header: Header): Field<Uint8Array> | null => {
  const next = header.contentsAt + header.length;
  return next > bytes.length ? null : { value: bytes.subarray(header.contentsAt, next), next };
};

const isUniversal = (header: Header | null, number: number, isConstructed: boolean): header is Header =>
  header?.class === 0 && header.number === number && header.isConstructed === isConstructed;

const algorithmFrom = (contents: Uint8Array): AlgorithmIdentifier | null => {
  const header = readHeader(contents, 0);
  const field = isUniversal(header, 6, false) ? contentsOf(contents, header) : null;
  const oid = field === null ? null : dottedOid(field.value, false);
  if (field === null || oid === null) return null;
  if (field.next === contents.length) return { oid, parameters: new Uint8Array() };
  const parameters = readHeader(contents, field.next);
  const end = parameters === null ? null : contentsOf(contents, parameters);
  return end === null ? null : { oid, parameters: contents.subarray(field.next, end.next) };
};

/** An AlgorithmIdentifier at the start of the bytes; what follows it is ignored. */
export const unmarshalAlgorithm = (bytes: Uint8Array): AlgorithmIdentifier | null => {
  const header = readHeader(bytes, 0);
  const field = isUniversal(header, 16, true) ? contentsOf(bytes, header) : null;
  return field === null ? null : algorithmFrom(field.value);
};

/** The header inside an explicit tag, undefined if the tag is another one. */
const insideExplicitTag = (bytes: Uint8Array, at: number, number: number): Header | undefined | null => {
  const outer = readHeader(bytes, at);
  if (outer === null || outer.contentsAt === bytes.length) return null;
  const isWanted = outer.class === CONTEXT_SPECIFIC && outer.number === number;
  if (!isWanted || (outer.length > 0 && !outer.isConstructed)) return undefined;
  return outer.length === 0 ? null : readHeader(bytes, outer.contentsAt);
};

const explicitAlgorithm = (bytes: Uint8Array, at: number, number: number): Field<AlgorithmIdentifier> | null => {
  const header = insideExplicitTag(bytes, at, number) ?? null;
  const field = isUniversal(header, 16, true) ? contentsOf(bytes, header) : null;
  const value = field === null ? null : algorithmFrom(field.value);
  return field === null || value === null ? null : { value, next: field.next };
};

const integerFrom = (octets: Uint8Array): bigint | null => {
  const [first, second] = octets;
  if (first === undefined || octets.length > 8) return null;
  const isPadded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  return isPadded ? null : signedInteger(octets);
};

const explicitInteger = (bytes: Uint8Array, at: number, number: number): Field<bigint> | undefined | null => {
  const header = insideExplicitTag(bytes, at, number);
  if (header === null || header === undefined) return header;
  if (!isUniversal(header, 2, false)) return undefined;
  const field = contentsOf(bytes, header);
  const value = field === null ? null : integerFrom(field.value);
  return field === null || value === null ? null : { value, next: field.next };
};

/** The parameters, null if Go cannot unmarshal them. */
export const unmarshalPssParameters = (bytes: Uint8Array): PssParameters | null => {
  const header = readHeader(bytes, 0);
  const sequence = isUniversal(header, 16, true) ? contentsOf(bytes, header) : null;
  if (sequence === null) return null;
  const contents = sequence.value;
  const hash = explicitAlgorithm(contents, 0, 0);
  const maskGeneration = hash === null ? null : explicitAlgorithm(contents, hash.next, 1);
  const salt = maskGeneration === null ? null : explicitInteger(contents, maskGeneration.next, 2);
  if (hash === null || maskGeneration === null || salt === null || salt === undefined) return null;
  const trailer = salt.next === contents.length ? undefined : explicitInteger(contents, salt.next, 3);
  if (trailer === null) return null;
  return {
    hash: hash.value,
    maskGeneration: maskGeneration.value,
    saltLength: salt.value,
    trailerField: trailer?.value ?? 1n,
  };
};
