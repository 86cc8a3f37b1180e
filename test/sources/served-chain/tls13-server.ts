import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Duplex } from 'node:stream';
import { endWith, inRecords } from '../../fakes/served-chain-replay.ts';

// The server's side of TLS 1.3 up to the Certificate message, written for tests: it presents any bytes as certificates,
// which a TLS library refuses to do.

export interface Tls13Presentation {
  readonly chain: readonly Uint8Array[];
  /** Octets of content in one record; default: as many as may be. */
  readonly recordBytes?: number;
  /** Zeros behind the content of each record. */
  readonly padding?: number;
  /** Asks for a client certificate first. */
  readonly asksForClientCertificate?: boolean;
  /** Changes the messages before they are encrypted. */
  readonly editMessages?: (messages: Buffer) => Buffer;
  /** Default: close. */
  readonly ending?: 'close' | 'stall' | 'reset';
}

const HANDSHAKE = 22;
const KEY_SHARE = 51;
const X25519 = 0x00_1d;
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const counted = (octets: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const count = Buffer.alloc(octets);
  count.writeUIntBE(content.length, 0, octets);
  return Buffer.concat([count, content]);
};
const message = (type: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([type]), counted(3, ...parts)]);
const extension = (type: number, value: Uint8Array): Buffer => Buffer.concat([uint16(type), counted(2, value)]);

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();
const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const expand = (secret: Uint8Array, label: string, context: Uint8Array, length: number): Buffer =>
  hmac(
    secret,
    Buffer.concat([uint16(length), counted(1, Buffer.from(`tls13 ${label}`)), counted(1, context), Buffer.from([1])]),
  ).subarray(0, length);

/** Session id and X25519 key share of a ClientHello message. */
const readClientHello = (hello: Buffer): { readonly sessionId: Buffer; readonly share: Buffer } => {
  let offset = 4 + 2 + 32;
  const sessionId = hello.subarray(offset + 1, offset + 1 + hello.readUInt8(offset));
  offset += 1 + sessionId.length;
  offset += 2 + hello.readUInt16BE(offset);
  offset += 1 + hello.readUInt8(offset);
  offset += 2;
  while (offset < hello.length) {
    const type = hello.readUInt16BE(offset);
    const value = hello.subarray(offset + 4, offset + 4 + hello.readUInt16BE(offset + 2));
    offset += 4 + value.length;
    if (type !== KEY_SHARE) continue;
    for (let at = 2; at < value.length; at += 4 + value.readUInt16BE(at + 2))
      if (value.readUInt16BE(at) === X25519) return { sessionId, share: value.subarray(at + 4, at + 36) };
  }
  throw new Error('the ClientHello has no X25519 share');
};

const rawShare = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' }).subarray(-32);

/** The flight in answer to a ClientHello message, as TLS records. */
export const tls13Flight = (hello: Buffer, presentation: Tls13Presentation): Buffer => {
  const {
    chain,
    recordBytes = 16_384,
    padding = 0,
    asksForClientCertificate = false,
    editMessages = (messages) => messages,
  } = presentation;
  const { sessionId, share } = readClientHello(hello);
  const pair = generateKeyPairSync('x25519');
  const clientKey = createPublicKey({ key: Buffer.concat([X25519_SPKI, share]), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: clientKey });
  const extensions = [
    extension(43, uint16(0x03_04)),
    extension(KEY_SHARE, Buffer.concat([uint16(X25519), counted(2, rawShare(pair.publicKey))])),
  ];
  const serverHello = message(
    2,
    uint16(0x03_03),
    sha256(share),
    counted(1, sessionId),
    uint16(0x13_01),
    Buffer.from([0]),
    counted(2, ...extensions),
  );

  // RFC 8446, 7.1.
  const early = hmac(Buffer.alloc(32), Buffer.alloc(32));
  const handshakeSecret = hmac(expand(early, 'derived', sha256(), 32), shared);
  const secret = expand(handshakeSecret, 's hs traffic', sha256(hello, serverHello), 32);
  const key = expand(secret, 'key', Buffer.alloc(0), 16);
  const iv = expand(secret, 'iv', Buffer.alloc(0), 12);

  const request = message(13, counted(1), counted(2, extension(13, counted(2, uint16(0x08_04)))));
  const messages = Buffer.concat([
    message(8, counted(2, extension(16, counted(2, counted(1, Buffer.from('h2')))))),
    ...(asksForClientCertificate ? [request] : []),
    message(11, counted(1), counted(3, ...chain.map((der) => Buffer.concat([counted(3, der), counted(2)])))),
  ]);
  const content = editMessages(messages);
  const records: Buffer[] = [inRecords(HANDSHAKE, 0x03_03, serverHello), Buffer.from([20, 3, 3, 0, 1, 1])];
  for (let start = 0, sequence = 0; start < content.length; start += recordBytes, sequence += 1) {
    const inner = Buffer.concat([
      content.subarray(start, start + recordBytes),
      Buffer.from([HANDSHAKE]),
      Buffer.alloc(padding),
    ]);
    const header = Buffer.concat([Buffer.from([23, 3, 3]), uint16(inner.length + 16)]);
    const nonce = Buffer.from(iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
    const cipher = createCipheriv('aes-128-gcm', key, nonce);
    cipher.setAAD(header);
    records.push(header, cipher.update(inner), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(records);
};

/** Answers a ClientHello that comes in one record. */
export const presentOverTls13 = (stream: Duplex, presentation: Tls13Presentation): void => {
  const { ending = 'close' } = presentation;
  stream.on('error', () => stream.destroy());
  stream.once('data', (chunk: Buffer) => {
    stream.resume();
    const flight = tls13Flight(chunk.subarray(5, 5 + chunk.readUInt16BE(3)), presentation);
    endWith(stream, flight, ending);
  });
};
