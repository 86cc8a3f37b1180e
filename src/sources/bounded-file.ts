import { close, constants, createReadStream, fstat, open, readFile } from 'node:fs';
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
const streamOf = (fd: number, { isFifo }: { readonly isFifo: boolean }): Readable => {
  if (isatty(fd)) return new TerminalStream(fd);
  return isFifo ? new Socket({ fd, readable: true, writable: false }) : createReadStream('', { fd });
};

/** As readStream; a stream for one file takes longer to set up than the file to read. */
const readRegularFile = async (fd: number, size: number, maxBytes: number, signal: AbortSignal): Promise<Buffer> => {
  try {
    const content =
      size > maxBytes
        ? null
        : await new Promise<Buffer>((resolve, reject) => {
            readFile(fd, { signal }, (error, data) => (error ? reject(error) : resolve(data)));
          });
    // Node calls back without an error, and with nothing read, where it was aborted.
    signal.throwIfAborted();
    if (content !== null && content.length <= maxBytes) return content;
  } catch (error) {
    throw new UnreadableFile(signal.aborted ? 'not read in time' : reasonOf(error), { cause: error });
  } finally {
    close(fd);
  }
  throw new UnreadableFile(`larger than ${maxBytes} bytes`);
};

/**
 * A file, pipe or device, whole, in bounded memory and time.
 * @throws UnreadableFile
 */
export const readBoundedFile = async (path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> => {
  let stream: Readable;
  try {
    // eslint-disable-next-line no-bitwise -- how flags of open(2) are joined
    const fd = await promisify(open)(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await promisify(fstat)(fd);
    if (stats.isFile()) return await readRegularFile(fd, stats.size, maxBytes, signal);
    stream = streamOf(fd, { isFifo: stats.isFIFO() });
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile(reasonOf(error), { cause: error });
  }
  return readStream(stream, maxBytes, signal);
};
