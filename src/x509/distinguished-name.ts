import { DerReader, Tag } from './der-reader.ts';
import { byteString, isAscii, isUtf8, toByteString } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { Refusal } from './refusal.ts';
import { parseGeneralizedTime, parseUtcTime } from './validity-time.ts';

/** One attribute of a name; the value is a byte string, null where Go keeps no string. */
export interface NameAttribute {
  readonly type: string;
  readonly value: string | null;
}

/** A parsed Name: its relative names in order, each with its attributes. */
export interface DistinguishedName {
  readonly relativeNames: readonly (readonly NameAttribute[])[];
  /** The last CN, "" without one (pkix.go, FillFromRDNSequence). */
  readonly commonName: string;
  /** The first O, null without one. */
  readonly organization: string | null;
}

const PRINTABLE_STRING = /^[a-zA-Z0-9'()+,\-./ :=?*&]*$/;
const NUMERIC_STRING = /^[0-9 ]*$/;

const isReservedPoint = (point: number): boolean =>
  point === 0xfffe || point === 0xffff || (point >= 0xfdd0 && point <= 0xfdef) || (point >= 0xd800 && point <= 0xdfff);

const decodeBmpString = (contents: Uint8Array, rules: GoRules): string | Refusal => {
  const refusal = new Refusal('invalid BMPString');
  if (contents.length % 2 !== 0) return refusal;
  const hasTerminator = contents.length >= 2 && contents.at(-1) === 0 && contents.at(-2) === 0;
  const length = contents.length - (hasTerminator ? 2 : 0);
  const points: string[] = [];
  for (let at = 0; at < length; at += 2) {
    const point = ((contents[at] ?? 0) << 8) | (contents[at + 1] ?? 0);
    if (rules.legacyStringsDecoded && isReservedPoint(point)) return refusal;
    points.push(String.fromCharCode(point));
  }
  // utf16.Decode: a lone surrogate becomes U+FFFD.
  return toByteString(points.join('').replace(/[\ud800-\udfff]/gu, '\ufffd'));
};

/** A string attribute's value; null if the tag is of no string type (parser.go, parseASN1String). */
const decodeString = (tag: number, contents: Uint8Array, rules: GoRules): string | Refusal | null => {
  const text = byteString(contents);
  switch (tag) {
    case Tag.t61String:
      return rules.legacyStringsDecoded ? toByteString(text) : text;
    case Tag.printableString:
      return PRINTABLE_STRING.test(text) ? text : new Refusal('invalid PrintableString');
    case Tag.utf8String:
      return isUtf8(text) ? text : new Refusal('invalid UTF-8 string');
    case Tag.bmpString:
      return decodeBmpString(contents, rules);
    case Tag.ia5String:
      return isAscii(text) ? text : new Refusal('invalid IA5String');
    case Tag.numericString:
      return NUMERIC_STRING.test(text) ? text : new Refusal('invalid NumericString');
    default:
      return null;
  }
};

const TYPED_VALUES: Readonly<Record<number, (reader: DerReader, rules: GoRules) => string | null>> = {
  [Tag.integer]: (reader) => (reader.readInt64() === null ? 'invalid ASN.1 integer' : null),
  [Tag.bitString]: (reader) => (reader.readBits() === null ? 'invalid ASN.1 BIT STRING' : null),
  [Tag.oid]: (reader, rules) =>
    reader.readOid(rules.oidMayBePadded) === null ? 'invalid ASN.1 OBJECT IDENTIFIER' : null,
  [Tag.utcTime]: (reader, rules) =>
    parseUtcTime(byteString(reader.read(Tag.utcTime) ?? new Uint8Array()), rules) === null
      ? 'x509: malformed UTCTime'
      : null,
  [Tag.generalizedTime]: (reader, rules) =>
    parseGeneralizedTime(byteString(reader.read(Tag.generalizedTime) ?? new Uint8Array()), rules) === null
      ? 'x509: malformed GeneralizedTime'
      : null,
  [Tag.boolean]: (reader) => (reader.readBoolean() === null ? 'invalid ASN.1 BOOLEAN' : null),
};

const readValue = (reader: DerReader, rules: GoRules): string | null | Refusal => {
  const element = reader.readElement();
  if (element === null) {
    // Until 1.26 the text ends here, without the colon and the reason.
    return new Refusal(rules.attributesOfAnyType ? ': invalid ASN.1 element' : '');
  }
  const text = decodeString(element.tag, element.contents, rules);
  if (text instanceof Refusal) return new Refusal(`: ${text.text}`);
  if (text !== null) return text;
  if (!rules.attributesOfAnyType) return new Refusal(`: unsupported string type: ${element.tag}`);
  const problem = TYPED_VALUES[element.tag]?.(new DerReader(element.whole), rules) ?? null;
  return problem === null ? null : new Refusal(`: ${problem}`);
};

const parseAttribute = (reader: DerReader, rules: GoRules): NameAttribute | Refusal => {
  const sequence = reader.enter(Tag.sequence);
  if (sequence === null) return new Refusal('x509: invalid RDNSequence: invalid attribute');
  const type = sequence.readOid(rules.oidMayBePadded);
  if (type === null) return new Refusal('x509: invalid RDNSequence: invalid attribute type');
  const value = readValue(sequence, rules);
  return value instanceof Refusal
    ? new Refusal(`x509: invalid RDNSequence: invalid attribute value${value.text}`)
    : { type, value };
};

/** Parses the contents of a Name (parser.go, parseName). */
export const parseName = (contents: Uint8Array, rules: GoRules): DistinguishedName | Refusal => {
  const relativeNames: NameAttribute[][] = [];
  const reader = new DerReader(contents);
  while (!reader.isAtEnd) {
    const set = reader.enter(Tag.set);
    if (set === null) return new Refusal('x509: invalid RDNSequence');
    const attributes: NameAttribute[] = [];
    while (!set.isAtEnd) {
      const attribute = parseAttribute(set, rules);
      if (attribute instanceof Refusal) return attribute;
      attributes.push(attribute);
    }
    relativeNames.push(attributes);
  }
  const strings = relativeNames.flat().filter((attribute) => attribute.value !== null);
  return {
    relativeNames,
    commonName: strings.findLast(({ type }) => type === '2.5.4.3')?.value ?? '',
    organization: strings.find(({ type }) => type === '2.5.4.10')?.value ?? null,
  };
};

const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'POSTALCODE',
};

const formatAttribute = ({ type, value }: NameAttribute): string => {
  const escaped = (value ?? '?').replace(/[,+"\\<>;]|^[ #]| $/g, String.raw`\$&`);
  return `${SHORT_NAMES[type] ?? type}=${escaped}`;
};

/** The name for people to read, most specific part first (RFC 2253): a byte string. */
export const formatName = ({ relativeNames }: DistinguishedName): string =>
  relativeNames
    .toReversed()
    .map((attributes) => attributes.map(formatAttribute).join('+'))
    .join(',');
