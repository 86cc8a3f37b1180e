import type { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';

import type { RawSnapshot } from '../snapshot/raw-snapshot.ts';
import { redact } from '../snapshot/redact.ts';
import { SnapshotFormatError } from '../snapshot/snapshot-format-error.ts';
import { readBoundedFile, readStream, UnreadableFile } from './bounded-file.ts';
import { parseBoundedJson, TOO_NESTED_OR_NUMEROUS } from './live/bounded-json.ts';

/** A snapshot of the largest clusters takes some ten megabytes; a capture keeps less than this (live/look.ts). */
const MAX_SNAPSHOT_BYTES = 48 * 1024 * 1024;

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const decompress = async (bytes: Buffer, signal: AbortSignal): Promise<Buffer> => {
  if (!isGzip(bytes)) return bytes;
  const gunzip = createGunzip();
  gunzip.end(bytes);
  try {
    return await readStream(gunzip, MAX_SNAPSHOT_BYTES, signal);
  } catch (error) {
    if (error instanceof UnreadableFile && error.cause === undefined) throw error;
    throw new UnreadableFile(signal.aborted ? 'not read in time' : 'its gzip data is damaged', { cause: error });
  }
};

const readText = async (path: string, stdin: Readable, signal: AbortSignal): Promise<string> => {
  const bytes =
    path === '-'
      ? await readStream(stdin, MAX_SNAPSHOT_BYTES, signal)
      : await readBoundedFile(path, MAX_SNAPSHOT_BYTES, signal);
  return (await decompress(bytes, signal)).toString('utf8').replace(/^\uFEFF/, '');
};

/**
 * Reads a snapshot from a file, or from `stdin` for `-`; gzip or plain.
 * @throws SnapshotFormatError naming the file and the field
 */
export const readSnapshotFile = async (path: string, stdin: Readable, signal: AbortSignal): Promise<RawSnapshot> => {
  try {
    const parsed = parseBoundedJson(await readText(path, stdin, signal));
    if (parsed.state === 'tooLarge') throw new SnapshotFormatError(TOO_NESTED_OR_NUMEROUS);
    if (parsed.state === 'notJson') throw new SnapshotFormatError('it is not JSON');
    return redact(parsed.value, []);
  } catch (error) {
    if (!(error instanceof SnapshotFormatError || error instanceof UnreadableFile)) throw error;
    throw new SnapshotFormatError(`snapshot ${path === '-' ? 'on standard input' : path}: ${error.message}`, {
      cause: error,
    });
  }
};

/** The bytes of a snapshot file; compressed where the name ends in .gz. */
export const snapshotFileBytes = (snapshot: RawSnapshot, path: string): Buffer => {
  const json = Buffer.from(`${JSON.stringify(snapshot, null, 2)}\n`);
  return path.endsWith('.gz') ? gzipSync(json) : json;
};
