import { randomBytes } from 'node:crypto';

import { ByteQueue, type TunnelEvent, type TunnelProtocol } from './tunnel-protocol.ts';

// The WebSocket subprotocol v4.channel.k8s.io for one port (k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go) in
// the frames of RFC 6455. Each message begins with its channel: 0 is data, 1 is the error text. The first message of the
// server on each channel is the port in two bytes.

export const WEB_SOCKET_SUBPROTOCOL = 'v4.channel.k8s.io';

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const CHANNEL = { data: 0, error: 1 } as const;
const PORT_BYTES = 2;
const MASK_BYTES = 4;
const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/** The kubelet copies 32 KiB at a time. */
const MAX_FRAME_BYTES = 1024 * 1024;

const lengthBytes = (length: number): Buffer => {
  if (length < 126) return Buffer.from([0x80 | length]);
  const isShort = length < 0x1_00_00;
  const bytes = Buffer.alloc(isShort ? 3 : 9);
  bytes[0] = 0x80 | (isShort ? 126 : 127);
  if (isShort) bytes.writeUInt16BE(length, 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
};

/** A whole message in one frame; a client masks what it sends (RFC 6455, 5.3). */
const frame = (opcode: number, payload: Uint8Array): Buffer => {
  const mask = randomBytes(MASK_BYTES);
  const masked = Buffer.from(payload);
  for (let index = 0; index < masked.length; index += 1) masked[index]! ^= mask[index % MASK_BYTES]!;
  return Buffer.concat([Buffer.from([0x80 | opcode]), lengthBytes(payload.length), mask, masked]);
};

const statusBytes = (status: number): Buffer => Buffer.from([status >> 8, status & 0xff]);

const closing = (payload: Buffer): TunnelEvent => {
  const status = payload.length >= 2 ? payload.readUInt16BE(0) : NORMAL_CLOSURE;
  if (status === NORMAL_CLOSURE || status === GOING_AWAY) return { kind: 'end' };
  return {
    kind: 'failure',
    text: `the WebSocket was closed with status ${status} ${payload.toString('utf8', 2)}`.trim(),
  };
};

/** One tunnel; its state belongs to one connection. */
export const webSocketTunnel = (): TunnelProtocol => {
  const queue = new ByteQueue();
  /** Of the message that goes on. */
  let channel: number | null = null;
  const portBytesLeft = [PORT_BYTES, PORT_BYTES];

  const takeContent = (content: Buffer): TunnelEvent | null => {
    if (channel !== CHANNEL.data && channel !== CHANNEL.error) return null;
    const skipped = Math.min(portBytesLeft[channel] ?? 0, content.length);
    portBytesLeft[channel]! -= skipped;
    const bytes = Buffer.from(content.subarray(skipped));
    if (bytes.length === 0) return null;
    return channel === CHANNEL.data ? { kind: 'data', bytes } : { kind: 'failure', text: bytes.toString('utf8') };
  };

  const takeFrame = (opcode: number, payload: Buffer): TunnelEvent | null => {
    switch (opcode) {
      case OPCODE.binary:
      case OPCODE.text:
        channel = payload[0] ?? null;
        return takeContent(payload.subarray(1));
      case OPCODE.continuation:
        return takeContent(payload);
      case OPCODE.ping:
        return { kind: 'reply', bytes: frame(OPCODE.pong, payload) };
      case OPCODE.pong:
        return null;
      case OPCODE.close:
        return closing(payload);
      default:
        return { kind: 'failure', text: `the API server sent a WebSocket frame of the unknown kind ${opcode}` };
    }
  };

  /** Null while the next frame is not whole. */
  const nextFrame = (): { readonly opcode: number; readonly payload: Buffer } | 'malformed' | null => {
    const head = queue.peek(2);
    if (head === null) return null;
    const opcode = head[0]! & 0x0f;
    const short = head[1]! & 0x7f;
    const isControl = opcode >= OPCODE.close;
    const isMasked = (head[1]! & 0x80) !== 0;
    if ((head[0]! & 0x70) !== 0 || isMasked || (isControl && (short > 125 || (head[0]! & 0x80) === 0)))
      return 'malformed';
    const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
    const wholeHead = queue.peek(headLength);
    if (wholeHead === null) return null;
    const length =
      short < 126 ? short : short === 126 ? wholeHead.readUInt16BE(2) : Number(wholeHead.readBigUInt64BE(2));
    if (length > MAX_FRAME_BYTES) return 'malformed';
    const whole = queue.peek(headLength + length);
    if (whole === null) return null;
    const payload = Buffer.from(whole.subarray(headLength));
    queue.drop(headLength + length);
    return { opcode, payload };
  };

  return {
    opening: Buffer.alloc(0),
    encode: (data) => frame(OPCODE.binary, Buffer.concat([Buffer.from([CHANNEL.data]), data])),
    farewell: frame(OPCODE.close, statusBytes(NORMAL_CLOSURE)),
    decode: (chunk) => {
      queue.add(chunk);
      const events: TunnelEvent[] = [];
      for (let next = nextFrame(); next !== null; next = nextFrame()) {
        const event: TunnelEvent | null =
          next === 'malformed'
            ? { kind: 'failure', text: 'the API server sent a malformed WebSocket frame' }
            : takeFrame(next.opcode, next.payload);
        if (event !== null) events.push(event);
        if (event?.kind === 'failure' || event?.kind === 'end') break;
      }
      return events;
    },
  };
};
