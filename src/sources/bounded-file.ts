import { constants, createReadStream, fstat, open } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream as TerminalStream } from 'node:tty';
import { promisify } from 'node:util';

/** Why a file could not be had; `message` is one word or a few: `no such file or directory`, `EACCES`, `not read in time`. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** Everything a stream gives, up to `maxBytes`. @throws UnreadableFile */
export const readStream = async (stream: Readable, maxBytes: number, signal: AbortSignal): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = (): void => {
    stream.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw new UnreadableFile(`larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    signal.throwIfAborted();
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile(signal.aborted ? 'not read in time' : reasonOf(error), { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
};

const reasonOf = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'no such file or directory' : (code ?? 'unreadable');
};

// A pipe whose other end stays silent would block a thread of Node's pool, and the process could not end before that thread
// does: whatever may wait is read as a socket or terminal is.
const streamOf = async (fd: number): Promise<Readable> => {
  if (isatty(fd)) return new TerminalStream(fd);
  if ((await promisify(fstat)(fd)).isFIFO()) return new Socket({ fd, readable: true, writable: false });
  return createReadStream('', { fd });
};

/**
 * A file, pipe or device, whole, in bounded memory and time.
 * @throws UnreadableFile
 */
export const readBoundedFile = async (path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> => {
  let stream: Readable;
  try {
    // eslint-disable-next-line no-bitwise -- how flags of open(2) are joined
    stream = await streamOf(await promisify(open)(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  } catch (error) {
    throw new UnreadableFile(reasonOf(error), { cause: error });
  }
  return readStream(stream, maxBytes, signal);
};
