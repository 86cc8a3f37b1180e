import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import zlib from 'node:zlib';

// The kubelet's end of port-forward: what it answers to an upgrade, and the stream of one connection to a Pod's port.

export interface AcceptedPortForward {
  readonly port: number;
  /** Bytes from and to the client. */
  readonly stream: Duplex;
  /** Says on the error channel why it cannot go on, and ends. */
  readonly fail: (text: string) => void;
  /** The bare connection, for what no server should send. */
  readonly socket: Duplex;
}

const accept = (socket: Duplex, headers: Readonly<Record<string, string>>): void => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.on('error', () => {});
  socket.write(['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', ...lines, '', ''].join('\r\n'));
};

/** A stream whose bytes are sent by `send` and come by `push`. */
const channel = (socket: Duplex, send: (chunk: Buffer) => void, end: () => void): Duplex => {
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      if (socket.writable) send(chunk);
      done();
    },
    final: (done) => {
      if (socket.writable) end();
      done();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  stream.on('error', () => {});
  socket.on('close', () => stream.destroy());
  return stream;
};

/** As much at a time as the kubelet copies. */
const inParts = (chunk: Buffer): readonly Buffer[] =>
  Array.from({ length: Math.ceil(chunk.length / 32_768) }, (_, index) =>
    chunk.subarray(index * 32_768, (index + 1) * 32_768),
  );

const lengthOf = (length: number): Buffer => {
  if (length < 126) return Buffer.from([length]);
  const bytes = Buffer.alloc(3, 126);
  bytes.writeUInt16BE(length, 1);
  return bytes;
};

/** A frame of a server, which masks nothing; payloads below 64 KiB. */
export const webSocketFrame = (opcode: number, payload: Uint8Array, isLast = true): Buffer =>
  Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), lengthOf(payload.length), payload]);

const BINARY = 2;
const CLOSE = 8;

const acceptWebSocket = (request: IncomingMessage, socket: Duplex, head: Buffer): AcceptedPortForward => {
  const port = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('ports'));
  accept(socket, {
    Upgrade: 'websocket',
    'Sec-WebSocket-Accept': createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64'),
    'Sec-WebSocket-Protocol': 'v4.channel.k8s.io',
  });
  const portBytes = Buffer.from([port & 0xff, port >> 8]);
  const say = (number: number, bytes: Uint8Array): unknown =>
    socket.write(webSocketFrame(BINARY, Buffer.concat([Buffer.from([number]), bytes])));
  const close = (): unknown => socket.end(webSocketFrame(CLOSE, Buffer.from([0x03, 0xe8])));
  const send = (chunk: Buffer): void => {
    for (const part of inParts(chunk)) say(0, part);
  };
  const stream = channel(socket, send, close);
  say(0, portBytes);
  say(1, portBytes);

  let pending = head;
  const take = (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const short = (pending[1] ?? 0) & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (pending.length < start + 4) return;
      const length = short < 126 ? short : short === 126 ? pending.readUInt16BE(2) : Number(pending.readBigUInt64BE(2));
      if (pending.length < start + 4 + length) return;
      const mask = pending.subarray(start, start + 4);
      const payload = Buffer.from(pending.subarray(start + 4, start + 4 + length)).map(
        (byte, index) => byte ^ (mask[index % 4] ?? 0),
      );
      const opcode = (pending[0] ?? 0) & 0x0f;
      pending = pending.subarray(start + 4 + length);
      if (opcode === BINARY && payload[0] === 0) stream.push(payload.subarray(1));
      if (opcode === CLOSE) {
        stream.push(null);
        socket.end();
      }
    }
  };
  take(Buffer.alloc(0));
  socket.on('data', take);
  const fail = (text: string): void => {
    say(1, Buffer.from(text));
    close();
  };
  return { port, stream, fail, socket };
};

const control = (type: number, payload: Buffer): Buffer => {
  const header = Buffer.from([0x80, 0x03, 0, type, 0, 0, 0, 0]);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
};
const data = (id: number, flags: number, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(id, 0);
  header[4] = flags;
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
};

const readHeaders = (block: Buffer): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  let offset = 4;
  const text = (): string => {
    const end = offset + 4 + block.readUInt32BE(offset);
    const value = block.toString('latin1', offset + 4, end);
    offset = end;
    return value;
  };
  for (let count = block.readUInt32BE(0); count > 0; count -= 1) {
    const name = text();
    headers[name] = text();
  }
  return headers;
};

const FIN = 1;

const acceptSpdy = (socket: Duplex, head: Buffer): Promise<AcceptedPortForward> => {
  accept(socket, { Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'portforward.k8s.io' });
  const { promise, resolve } = Promise.withResolvers<AcceptedPortForward>();
  const ids = new Map<string, number>();
  let compressed = Buffer.alloc(0);
  let inflatedBytes = 0;
  let pending = head;
  const id = (type: string): number => ids.get(type) ?? 0;
  const send = (chunk: Buffer): void => {
    for (const part of inParts(chunk)) socket.write(data(id('data'), 0, part));
  };
  const end = (): unknown => {
    socket.write(data(id('data'), FIN, Buffer.alloc(0)));
    return socket.write(data(id('error'), FIN, Buffer.alloc(0)));
  };
  const stream = channel(socket, send, end);
  const fail = (text: string): void => {
    // As the kubelet's PortForward, which closes the data first.
    socket.write(data(id('data'), FIN, Buffer.alloc(0)));
    socket.write(data(id('error'), 0, Buffer.from(text)));
    socket.write(data(id('error'), FIN, Buffer.alloc(0)));
  };
  const take = (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 8 && pending.length >= 8 + pending.readUIntBE(5, 3)) {
      const payload = pending.subarray(8, 8 + pending.readUIntBE(5, 3));
      const isControl = (pending[0] ?? 0) >= 0x80;
      const [type, first, flags] = [pending.readUInt16BE(2), pending.readUInt32BE(0), pending[4] ?? 0];
      pending = pending.subarray(8 + payload.length);
      if (isControl && type === 1) {
        compressed = Buffer.concat([compressed, payload.subarray(10)]);
        const inflated = zlib.inflateSync(compressed, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
        const { streamtype = '', port } = readHeaders(inflated.subarray(inflatedBytes));
        inflatedBytes = inflated.length;
        ids.set(streamtype, payload.readUInt32BE(0));
        socket.write(
          control(2, Buffer.concat([payload.subarray(0, 4), Buffer.from('compressed headers that nobody reads')])),
        );
        if (ids.size === 2) resolve({ port: Number(port), stream, fail, socket });
      } else if (!isControl && first === ids.get('data')) {
        if (payload.length > 0) stream.push(Buffer.from(payload));
        if ((flags & FIN) !== 0) stream.push(null);
      }
    }
  };
  take(Buffer.alloc(0));
  socket.on('data', take);
  return promise;
};

/** Accepts a port-forward in the protocol that the client asks for. */
export const acceptPortForward = async (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<AcceptedPortForward> =>
  request.headers.upgrade === 'websocket' ? acceptWebSocket(request, socket, head) : acceptSpdy(socket, head);

/** Keeps to HTTP in answer to an upgrade. */
export const refuseUpgrade = (socket: Duplex, httpStatus: number, body: string): void => {
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${httpStatus} Refused\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
};
