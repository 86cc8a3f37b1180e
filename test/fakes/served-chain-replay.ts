import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

// The server's side of TLS 1.2 as far as the Certificate message: all of it goes in the clear, so that a chain from a
// snapshot can be presented again by someone who has none of its keys.

export interface ServedChainReplay {
  /** DER, in the order in which it was presented; null ends the handshake before any certificate. */
  readonly chain: readonly Uint8Array[] | null;
  /** Sent after it, at the fatal level. */
  readonly alert?: number;
  /** Default: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256. */
  readonly cipherSuite?: number;
  /** Default: TLS 1.2. */
  readonly version?: number;
  /** Default: none. */
  readonly alpn?: string;
  /** What comes after the last byte. Default: `close`. */
  readonly ending?: 'close' | 'stall' | 'reset';
}

const ALERT = 21;
const HANDSHAKE = 22;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const MAX_RECORD_BYTES = 16_384;

/** Octets behind their count. */
const counted = (octets: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const count = Buffer.alloc(octets);
  count.writeUIntBE(content.length, 0, octets);
  return Buffer.concat([count, content]);
};

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const handshakeMessage = (type: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([type]), counted(3, body)]);

/** TLS records around content of any length. */
export const inRecords = (type: number, version: number, content: Uint8Array): Buffer => {
  const records: Buffer[] = [];
  for (let start = 0; start < content.length; start += MAX_RECORD_BYTES)
    records.push(Buffer.from([type]), uint16(version), counted(2, content.subarray(start, start + MAX_RECORD_BYTES)));
  return Buffer.concat(records);
};

/** What a server sends up to its Certificate message (RFC 5246, 7.4.1.3 and 7.4.2), and the alert if there is one. */
export const serverFlight = ({
  chain,
  alert,
  cipherSuite = 0xc0_2b,
  version = 0x03_03,
  alpn,
}: ServedChainReplay): Buffer => {
  const protocol = Buffer.from(alpn ?? '', 'latin1');
  const extensions = [
    // An empty renegotiation_info (RFC 5746, 3.6): without it OpenSSL goes no further.
    Buffer.concat([uint16(0xff_01), counted(2, Buffer.from([0]))]),
    ...(alpn === undefined ? [] : [Buffer.concat([uint16(16), counted(2, counted(2, counted(1, protocol)))])]),
  ];
  const hello = Buffer.concat([
    uint16(version),
    createHash('sha256').update('random of a replayed server').digest(),
    counted(1),
    uint16(cipherSuite),
    Buffer.from([0]),
    counted(2, ...extensions),
  ]);
  const messages = Buffer.concat([
    handshakeMessage(SERVER_HELLO, hello),
    handshakeMessage(CERTIFICATE, counted(3, ...(chain ?? []).map((der) => counted(3, der)))),
  ]);
  return Buffer.concat([
    ...(chain === null ? [] : [inRecords(HANDSHAKE, version, messages)]),
    ...(alert === undefined ? [] : [inRecords(ALERT, version, Buffer.from([2, alert]))]),
  ]);
};

/** Writes the last bytes and then does as told. */
export const endWith = (stream: Duplex, flight: Uint8Array, ending: 'close' | 'stall' | 'reset'): void => {
  if (ending === 'close') {
    stream.end(flight);
    return;
  }
  stream.write(flight);
  const reset = (): unknown => (stream instanceof Socket ? stream.resetAndDestroy() : stream.destroy());
  // libuv takes a reset that comes together with data for an ordinary end.
  if (ending === 'reset') setTimeout(reset, 50);
};

/** Answers the first bytes that come over the stream, which are taken for a ClientHello, with a recorded chain. Needs no key. */
export const replayServedChain = (stream: Duplex, replay: ServedChainReplay): void => {
  const { ending = 'close' } = replay;
  stream.on('error', () => stream.destroy());
  stream.once('data', () => {
    stream.resume();
    endWith(stream, serverFlight(replay), ending);
  });
};
