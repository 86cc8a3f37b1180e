import { resolve } from 'node:path';
import type { Readable } from 'node:stream';

import { readBoundedFile, readStream, UnreadableFile } from './bounded-file.ts';
import { InputFileError } from './input-file-error.ts';

/** Of a log; more is for grep first. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
/** Of one line of a stream. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * The text of a file, or of standard input for `-`.
 * @throws InputFileError
 */
export const readText = async (
  {
    path,
    workingDirectory,
    stdin,
  }: { readonly path: string; readonly workingDirectory: string; readonly stdin: Readable },
  signal: AbortSignal,
): Promise<string> => {
  try {
    const bytes =
      path === '-'
        ? await readStream(stdin, MAX_TEXT_BYTES, signal)
        : await readBoundedFile(resolve(workingDirectory, path), MAX_TEXT_BYTES, signal);
    return bytes.toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new InputFileError(`cannot read ${path === '-' ? 'standard input' : path}: ${error.message}`, {
      cause: error,
    });
  }
};

/** A line of a stream; null stands for one that is longer than a line may be. */
export type Line = string | null;

/**
 * The lines of a stream as they come, each in bounded memory.
 * @throws InputFileError when the stream breaks or the deadline passes
 */
export const readLines = async function* (stdin: Readable, signal: AbortSignal): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Line => {
    const line = length > MAX_LINE_BYTES ? null : Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    parts = [];
    length = 0;
    return line;
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > MAX_LINE_BYTES) parts = [];
    else parts.push(part);
  };
  const stop = (): void => {
    stdin.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        add(chunk.subarray(start, end));
        yield take();
        start = end + 1;
      }
      add(chunk.subarray(start));
    }
    signal.throwIfAborted();
    if (length > 0) yield take();
  } catch (error) {
    throw new InputFileError(
      `cannot read standard input: ${signal.aborted ? 'not read in time' : ((error as NodeJS.ErrnoException).code ?? 'unreadable')}`,
      { cause: error },
    );
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
