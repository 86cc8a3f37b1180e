import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { MAX_BODY_BYTES } from '../cluster-reader.ts';

/** Above this, bodies are read one after the other, so that memory stays bounded whatever is sent. */
const LARGE_BODY_BYTES = 1024 * 1024;

// V8 lets garbage grow with the memory of the machine: 100 MiB more than needed where bodies of 32 MiB are parsed one after
// the other. Whoever takes his turn first has the remains of the one before him collected.
const collectGarbage = (): void => {
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
      await setImmediate();
      collectGarbage();
    }
    this.#isFirst = false;
    return release;
  }
}

/** Reads the answer whole, up to MAX_BODY_BYTES; large ones one after the other. */
export const readBody = async (
  response: Readable,
  turn: LargeBodyTurn,
  encoding: 'utf8' | 'latin1',
): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let large: Buffer | null = null;
  let bytes = 0;
  let release: (() => void) | null = null;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const start = bytes;
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        response.destroy();
        return null;
      }
      if (bytes > LARGE_BODY_BYTES && large === null) {
        release = await turn.take();
        // Not filled: memory is taken page by page, as it is written.
        large = Buffer.allocUnsafeSlow(MAX_BODY_BYTES);
        Buffer.concat(chunks).copy(large);
        chunks.length = 0;
      }
      if (large === null) chunks.push(chunk);
      else chunk.copy(large, start);
    }
    return (large === null ? Buffer.concat(chunks) : large.subarray(0, bytes)).toString(encoding);
  } finally {
    release?.();
  }
};
