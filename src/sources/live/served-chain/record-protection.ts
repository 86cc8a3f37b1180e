import { createDecipheriv, createHmac } from 'node:crypto';

interface Suite {
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  readonly hash: 'sha256' | 'sha384';
  readonly keyBytes: number;
}

/** The suites of RFC 8446, B.4, that are offered. */
const SUITES: Readonly<Record<number, Suite>> = {
  0x13_01: { cipher: 'aes-128-gcm', hash: 'sha256', keyBytes: 16 },
  0x13_02: { cipher: 'aes-256-gcm', hash: 'sha384', keyBytes: 32 },
  0x13_03: { cipher: 'chacha20-poly1305', hash: 'sha256', keyBytes: 32 },
};

const IV_BYTES = 12;
export const TAG_BYTES = 16;

// One HMAC block is enough: no key and no IV is longer than the hash.
const expandLabel = (secret: Uint8Array, hash: Suite['hash'], label: string, length: number): Buffer => {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const hkdfLabel = Buffer.concat([Buffer.from([length >> 8, length & 0xff, name.length]), name, Buffer.from([0])]);
  return createHmac(hash, secret)
    .update(hkdfLabel)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, length);
};

/** One protected record without its padding. */
export interface Unprotected {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Takes the records of one traffic secret, in their order; null for one that does not authenticate. */
export type Unprotect = (header: Uint8Array, body: Uint8Array) => Unprotected | null;

/**
 * Removes the record protection of TLS 1.3 (RFC 8446, 5.2 and 7.3). Null for a cipher suite that is not offered or a
 * secret that does not fit it.
 */
export const unprotectWith = (cipherSuite: number, trafficSecret: Uint8Array): Unprotect | null => {
  const suite = SUITES[cipherSuite];
  if (suite === undefined || trafficSecret.length !== (suite.hash === 'sha256' ? 32 : 48)) return null;
  const key = expandLabel(trafficSecret, suite.hash, 'key', suite.keyBytes);
  const iv = expandLabel(trafficSecret, suite.hash, 'iv', IV_BYTES);
  let sequence = 0n;
  return (header, body) => {
    if (body.length <= TAG_BYTES) return null;
    const nonce = Buffer.from(iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(IV_BYTES - 8) ^ sequence, IV_BYTES - 8);
    sequence += 1n;
    // The AEAD ciphers share one interface; the types know them apart.
    const decipher = createDecipheriv(suite.cipher as 'aes-128-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(header);
    decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
    const inner = decipher.update(body.subarray(0, body.length - TAG_BYTES));
    try {
      decipher.final();
    } catch {
      return null;
    }
    let end = inner.length - 1;
    while (end >= 0 && inner[end] === 0) end -= 1;
    const type = inner[end];
    return type === undefined ? null : { type, content: inner.subarray(0, end) };
  };
};
