import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';

import type { RawSnapshot } from '../snapshot/raw-snapshot.ts';
import { redact } from '../snapshot/redact.ts';
import { SnapshotFormatError } from '../snapshot/snapshot-format-error.ts';
import { parseBoundedJson, TOO_NESTED_OR_NUMEROUS } from './live/bounded-json.ts';

/** A snapshot of the largest clusters takes some ten megabytes. */
const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024;

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const readAll = async (stream: Readable, signal: AbortSignal): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = (): void => {
    stream.destroy(new Error('timed out'));
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_SNAPSHOT_BYTES) throw new SnapshotFormatError(`larger than ${MAX_SNAPSHOT_BYTES} bytes`);
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
};

const readBytes = async (path: string, stdin: Readable, signal: AbortSignal): Promise<Buffer> => {
  try {
    return await readAll(path === '-' ? stdin : createReadStream(path), signal);
  } catch (error) {
    if (error instanceof SnapshotFormatError) throw error;
    const reason = signal.aborted ? 'not read in time' : ((error as NodeJS.ErrnoException).code ?? 'unreadable');
    throw new SnapshotFormatError(reason === 'ENOENT' ? 'no such file' : reason, { cause: error });
  }
};

const decompress = (bytes: Buffer): Buffer => {
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_SNAPSHOT_BYTES });
  } catch (error) {
    throw new SnapshotFormatError('its gzip data is damaged or too large', { cause: error });
  }
};

/**
 * Reads a snapshot from a file, or from `stdin` for `-`; gzip or plain.
 * @throws SnapshotFormatError naming the file and the field
 */
export const readSnapshotFile = async (path: string, stdin: Readable, signal: AbortSignal): Promise<RawSnapshot> => {
  try {
    const parsed = parseBoundedJson(decompress(await readBytes(path, stdin, signal)).toString('utf8').replace(/^\uFEFF/, ''));
    if (parsed.state === 'tooLarge') throw new SnapshotFormatError(TOO_NESTED_OR_NUMEROUS);
    if (parsed.state === 'notJson') throw new SnapshotFormatError('it is not JSON');
    return redact(parsed.value, []);
  } catch (error) {
    if (!(error instanceof SnapshotFormatError)) throw error;
    throw new SnapshotFormatError(`snapshot ${path === '-' ? 'on standard input' : path}: ${error.message}`, { cause: error });
  }
};

/** The bytes of a snapshot file; compressed where the name ends in .gz. */
export const snapshotFileBytes = (snapshot: RawSnapshot, path: string): Buffer => {
  const json = Buffer.from(`${JSON.stringify(snapshot, null, 2)}\n`);
  return path.endsWith('.gz') ? gzipSync(json) : json;
};
