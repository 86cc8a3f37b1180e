import { ByteQueue, type TunnelEvent, type TunnelProtocol } from './tunnel-protocol.ts';

// portforward.k8s.io over SPDY/3.1, as kubectl speaks it (k8s.io/client-go/tools/portforward/portforward.go;
// k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go): two streams for a connection, one for its error text and one
// for its data. What the server says in headers is of no interest, so that nothing needs to be decompressed, and what the
// client says is stored, not compressed. moby/spdystream, at the other end, knows no flow control.

export const SPDY_SUBPROTOCOL = 'portforward.k8s.io';

const FRAME = { synStream: 1, rstStream: 3, ping: 6, goAway: 7 } as const;
const VERSION = 0x80_03;
const FIN = 1;
const HEADER_BYTES = 8;
const ERROR_STREAM = 1;
const DATA_STREAM = 3;
const MAX_FRAME_BYTES = 1024 * 1024;

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const uint16LittleEndian = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const uint24 = (value: number): Buffer => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
const uint32 = (value: number): Buffer => Buffer.concat([uint16(value >>> 16), uint16(value & 0xff_ff)]);

const controlFrame = (type: number, payload: Buffer): Buffer =>
  Buffer.concat([uint16(VERSION), uint16(type), Buffer.from([0]), uint24(payload.length), payload]);
const dataFrame = (stream: number, flags: number, payload: Uint8Array): Buffer =>
  Buffer.concat([uint32(stream), Buffer.from([flags]), uint24(payload.length), payload]);

const counted = (text: string): Buffer => Buffer.concat([uint32(text.length), Buffer.from(text, 'latin1')]);

/** A name and value block (SPDY/3.1, 2.6.10) as one stored block of the zlib stream, and the empty one that flushes it. */
const headerBlock = (headers: Readonly<Record<string, string>>): Buffer => {
  const pairs = Object.entries(headers);
  const block = Buffer.concat([
    uint32(pairs.length),
    ...pairs.flatMap(([name, value]) => [counted(name), counted(value)]),
  ]);
  const stored = (bytes: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from([0]),
      uint16LittleEndian(bytes.length),
      uint16LittleEndian(bytes.length ^ 0xff_ff),
      bytes,
    ]);
  return Buffer.concat([stored(block), stored(Buffer.alloc(0))]);
};

const ZLIB_HEADER = Buffer.from([0x78, 0x01]);

const openStream = (stream: number, headers: Buffer): Buffer =>
  controlFrame(FRAME.synStream, Buffer.concat([uint32(stream), uint32(0), uint16(0), headers]));

const openingOf = (port: number): Buffer => {
  const headers = { port: String(port), requestid: '0' };
  // All headers of a connection are one zlib stream.
  return Buffer.concat([
    openStream(ERROR_STREAM, Buffer.concat([ZLIB_HEADER, headerBlock({ streamtype: 'error', ...headers })])),
    dataFrame(ERROR_STREAM, FIN, Buffer.alloc(0)),
    openStream(DATA_STREAM, headerBlock({ streamtype: 'data', ...headers })),
  ]);
};

/** One tunnel; its state belongs to one connection. */
export const spdyTunnel = (port: number): TunnelProtocol => {
  const queue = new ByteQueue();
  // The kubelet may close the data before it says on the other stream what went wrong.
  const open = new Set([ERROR_STREAM, DATA_STREAM]);

  const closeStream = (stream: number): TunnelEvent[] => {
    open.delete(stream);
    return open.size === 0 ? [{ kind: 'end' }] : [];
  };

  const takeData = (stream: number, flags: number, payload: Buffer): TunnelEvent[] => {
    const events: TunnelEvent[] = [];
    if (stream === ERROR_STREAM && payload.length > 0) return [{ kind: 'failure', text: payload.toString('utf8') }];
    if (stream === DATA_STREAM && payload.length > 0) events.push({ kind: 'data', bytes: Buffer.from(payload) });
    if ((flags & FIN) !== 0) events.push(...closeStream(stream));
    return events;
  };

  const takeControl = (type: number, whole: Buffer, payload: Buffer): TunnelEvent[] => {
    const first = payload.length >= 4 ? payload.readUInt32BE(0) : 0;
    switch (type) {
      case FRAME.rstStream:
        return open.has(first) ? [{ kind: 'failure', text: 'the kubelet reset the stream' }] : [];
      case FRAME.ping:
        // Even numbers are the server's own.
        return first % 2 === 0 ? [{ kind: 'reply', bytes: Buffer.from(whole) }] : [];
      case FRAME.goAway:
        return [{ kind: 'end' }];
      default:
        return [];
    }
  };

  /** Null while the next frame is not whole. */
  const nextEvents = (): readonly TunnelEvent[] | null => {
    const head = queue.peek(HEADER_BYTES);
    if (head === null) return null;
    const length = head.readUIntBE(5, 3);
    const isControl = (head[0]! & 0x80) !== 0;
    if (length > MAX_FRAME_BYTES || (isControl && head.readUInt16BE(0) !== VERSION)) {
      return [{ kind: 'failure', text: 'the API server sent a malformed SPDY frame' }];
    }
    const whole = queue.peek(HEADER_BYTES + length);
    if (whole === null) return null;
    const payload = whole.subarray(HEADER_BYTES);
    const events = isControl
      ? takeControl(whole.readUInt16BE(2), whole, payload)
      : takeData(whole.readUInt32BE(0), whole[4]!, payload);
    queue.drop(whole.length);
    return events;
  };

  return {
    opening: openingOf(port),
    encode: (data) => dataFrame(DATA_STREAM, 0, data),
    farewell: dataFrame(DATA_STREAM, FIN, Buffer.alloc(0)),
    decode: (chunk) => {
      queue.add(chunk);
      const events: TunnelEvent[] = [];
      for (let next = nextEvents(); next !== null; next = nextEvents()) {
        events.push(...next);
        if (next.some(({ kind }) => kind === 'failure' || kind === 'end')) break;
      }
      return events;
    },
  };
};
