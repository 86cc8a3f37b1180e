import fc from 'fast-check';
import { duplexPair, type Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { readServedChain, type ServedChain } from '../../../src/sources/live/served-chain/read-served-chain.ts';
import { followServerFlight } from '../../../src/sources/live/served-chain/server-flight.ts';
import { serverFlight } from '../../fakes/served-chain-replay.ts';
import { tls13Flight } from './tls13-server.ts';

const KIBIBYTE = 1024;

const readFrom = (serve: (server: Duplex) => void, timeoutMs = 2000): Promise<ServedChain> => {
  const [client, server] = duplexPair();
  server.on('error', () => {});
  serve(server);
  return readServedChain(client, { serverName: 'api.wardle.svc', timeoutMs, signal: new AbortController().signal });
};

/** Answers the ClientHello with those bytes, in pieces, and closes. */
const answering =
  (flight: (hello: Buffer) => Buffer, pieceBytes: number) =>
  (server: Duplex): void => {
    server.once('data', (chunk: Buffer) => {
      server.resume();
      const bytes = flight(chunk.subarray(5, 5 + chunk.readUInt16BE(3)));
      for (let start = 0; start < bytes.length; start += pieceBytes)
        server.write(bytes.subarray(start, start + pieceBytes));
      server.end();
    });
  };

interface Mutation {
  readonly kind: 'set' | 'cut' | 'insert' | 'repeat';
  /** Of the whole length. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('set', 'cut', 'insert', 'repeat'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
});

const mutate = (original: Buffer, mutations: readonly Mutation[]): Buffer =>
  mutations.reduce((bytes, { kind, at, bytes: own }) => {
    const position = Math.floor(at * bytes.length);
    const before = bytes.subarray(0, position);
    const after = bytes.subarray(position);
    switch (kind) {
      case 'set':
        return Buffer.concat([before, own, after.subarray(own.length)]);
      case 'cut':
        return Buffer.from(before);
      case 'insert':
        return Buffer.concat([before, own, after]);
      case 'repeat':
        return Buffer.concat([before, after, after]);
    }
  }, original);

const chainOf = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 4 });
const pieces = fc.constantFrom(1, 3, 50, 100_000);

const expectWhole = (result: ServedChain): void => {
  expect(typeof result.outcome).toBe('string');
  expect(result.detail).toMatch(/^[\u0020-\u007e]{0,300}$/);
};

it('survives random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), pieces, async (bytes, pieceBytes) => {
      expectWhole(await readFrom(answering(() => Buffer.from(bytes), pieceBytes)));
    }),
    { numRuns: 150 },
  );
});

it('survives mutated flights of TLS 1.2', async () => {
  await fc.assert(
    fc.asyncProperty(chainOf, fc.array(mutation, { maxLength: 4 }), pieces, async (chain, mutations, pieceBytes) => {
      const result = await readFrom(
        answering(() => mutate(serverFlight({ chain, alpn: 'h2' }), mutations), pieceBytes),
      );
      expectWhole(result);
      if (mutations.length === 0) expect(result.chain).toEqual(chain);
    }),
    { numRuns: 250 },
  );
});

it('survives mutated flights of TLS 1.3, changed before and after they are encrypted', async () => {
  await fc.assert(
    fc.asyncProperty(
      chainOf,
      fc.array(mutation, { maxLength: 2 }),
      fc.array(mutation, { maxLength: 2 }),
      fc.integer({ min: 1, max: 500 }),
      pieces,
      async (chain, inside, outside, recordBytes, pieceBytes) => {
        const editMessages = (messages: Buffer): Buffer => mutate(messages, inside);
        const flight = (hello: Buffer): Buffer =>
          mutate(tls13Flight(hello, { chain, recordBytes, editMessages }), outside);
        const result = await readFrom(answering(flight, pieceBytes));
        expectWhole(result);
        if (inside.length + outside.length === 0) expect(result.chain).toEqual(chain);
      },
    ),
    { numRuns: 250 },
  );
});

it('follows any bytes without throwing, however they are cut', () => {
  fc.assert(
    fc.property(
      chainOf,
      fc.array(mutation, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }),
      (chain, mutations, cuts) => {
        const bytes = mutate(serverFlight({ chain }), mutations);
        const whole = followServerFlight(1 << 20);
        whole.receive(bytes);
        const cut = followServerFlight(1 << 20);
        let start = 0;
        for (const length of [...cuts, bytes.length]) {
          cut.receive(bytes.subarray(start, start + length));
          start += length;
        }
        expect(cut.flight).toMatchObject({
          version: whole.flight.version,
          chain: whole.flight.chain,
          problem: whole.flight.problem && { kind: whole.flight.problem.kind },
        });
      },
    ),
    { numRuns: 2000 },
  );
});

const hello = serverFlight({ chain: [] }).subarray(0, -4);
const endless: Readonly<Record<string, Buffer>> = {
  'empty handshake records': Buffer.from([22, 3, 3, 0, 0]),
  ChangeCipherSpec: Buffer.from([20, 3, 3, 0, 1, 1]),
  warnings: Buffer.from([21, 3, 3, 0, 2, 1, 112]),
  'application data': Buffer.concat([Buffer.from([23, 3, 3, 0, 100]), Buffer.alloc(100)]),
  HelloRequests: Buffer.from([22, 3, 3, 0, 4, 0, 0, 0, 0]),
  ServerHellos: Buffer.from(hello),
};

it.each(Object.entries(endless))('does not listen for ever to endless %s', async (_what, record) => {
  let sent = 0;
  const block = Buffer.concat(Array.from({ length: Math.ceil((16 * KIBIBYTE) / record.length) }, () => record));
  const started = performance.now();
  const result = await readFrom((server) => {
    server.resume();
    const pump = (): void => {
      while (!server.destroyed && server.writable) {
        sent += block.length;
        if (!server.write(block)) break;
      }
    };
    server.once('data', () => pump());
    server.on('drain', pump);
  }, 1500);
  expect(result.chain).toBeNull();
  expect(sent).toBeLessThan(4096 * KIBIBYTE);
  expect(performance.now() - started).toBeLessThan(4000);
});
