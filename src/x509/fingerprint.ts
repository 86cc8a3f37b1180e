import { createHash } from 'node:crypto';

/** SHA-256 of a certificate's DER, hexadecimal in lower case; also of one that cannot be parsed. */
export const fingerprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
