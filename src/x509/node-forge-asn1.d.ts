declare module 'node-forge/lib/asn1.js' {
  /** What forge.asn1 needs of a buffer to read the length octets of an element. */
  interface LengthOctets {
    getByte(): number;
    getInt(bits: number): number;
  }

  const asn1: {
    readonly Class: {
      readonly UNIVERSAL: 0x00;
      readonly APPLICATION: 0x40;
      readonly CONTEXT_SPECIFIC: 0x80;
      readonly PRIVATE: 0xc0;
    };
    readonly Type: {
      readonly BOOLEAN: 1;
      readonly INTEGER: 2;
      readonly BITSTRING: 3;
      readonly OCTETSTRING: 4;
      readonly NULL: 5;
      readonly OID: 6;
      readonly UTF8: 12;
      readonly SEQUENCE: 16;
      readonly SET: 17;
      readonly PRINTABLESTRING: 19;
      readonly IA5STRING: 22;
      readonly UTCTIME: 23;
      readonly GENERALIZEDTIME: 24;
      readonly BMPSTRING: 30;
    };
    /** The number of value octets; undefined for the indefinite form. */
    getBerValueLength(octets: LengthOctets): number | undefined;
  };
  export default asn1;
}
