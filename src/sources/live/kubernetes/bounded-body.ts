import { finished, pipeline, type Readable } from 'node:stream';

import { MAX_BODY_BYTES } from '../cluster-reader.ts';

/** Above this, bodies are read one after the other, so that memory stays bounded whatever is sent. */
const LARGE_BODY_BYTES = 1024 * 1024;

// V8 lets garbage grow with the memory of the machine: 100 MiB more than needed where bodies of 32 MiB are parsed one after
// the other. Whoever takes his turn first has the remains of the one before him collected.
const collectGarbage = async (): Promise<void> => {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

/** Whose turn it is to have a large body in memory. */
export class LargeBodyTurn {
  #tail: Promise<void> = Promise.resolve();
  #isFirst = true;

  /** Resolves to a release function once no other large body is being read. */
  async take(): Promise<() => void> {
    const before = this.#tail;
    let release: () => void = () => undefined;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    if (!this.#isFirst) {
      // Until then the body before is parsed.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      await collectGarbage();
    }
    this.#isFirst = false;
    return release;
  }
}

/** The bytes that are meant: the reader asks for gzip, and takes nothing else that is encoded. */
const decoded = async (body: Readable, contentEncoding: string | undefined): Promise<Readable> => {
  if (contentEncoding?.toLowerCase() !== 'gzip') return body;
  const { createGunzip } = await import('node:zlib');
  // One that fails takes the other with it.
  return pipeline(body, createGunzip(), () => undefined);
};

export interface BodyOptions {
  readonly contentEncoding: string | undefined;
  /** Default: UTF-8. */
  readonly encoding?: 'utf8' | 'latin1' | undefined;
  readonly turn: LargeBodyTurn;
}

/**
 * Reads the answer whole and unpacked, up to MAX_BODY_BYTES; large ones one after the other. By events: an iterator takes
 * longer than a small answer.
 */
export const readBody = async (
  response: Readable,
  { contentEncoding, encoding = 'utf8', turn }: BodyOptions,
): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let large: Buffer | null = null;
  let bytes = 0;
  let taken: Promise<() => void> | null = null;
  const body = await decoded(response, contentEncoding);
  const { promise: ended, resolve, reject } = Promise.withResolvers<'whole' | 'tooLarge'>();
  const makeRoom = (): void => {
    // Not filled: memory is taken page by page, as it is written.
    large = Buffer.allocUnsafeSlow(MAX_BODY_BYTES);
    Buffer.concat(chunks).copy(large);
    chunks.length = 0;
    body.resume();
  };
  body.on('data', (chunk: Buffer) => {
    const start = bytes;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      resolve('tooLarge');
      body.destroy();
      response.destroy();
    } else if (large === null) chunks.push(chunk);
    else chunk.copy(large, start);
    if (bytes > LARGE_BODY_BYTES && taken === null) {
      body.pause();
      taken = turn.take();
      void taken.then(makeRoom);
    }
  });
  // Not `end`: over HTTP/2 a body without a byte may have ended before anybody listens.
  finished(body, { writable: false }, (error) => (error ? reject(error) : resolve('whole')));
  try {
    if ((await ended) === 'tooLarge') return null;
    return (large === null ? Buffer.concat(chunks) : (large as Buffer).subarray(0, bytes)).toString(encoding);
  } finally {
    void (taken as Promise<() => void> | null)?.then((release) => release());
  }
};
