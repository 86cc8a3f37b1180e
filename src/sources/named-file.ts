import { resolve } from 'node:path';

import { readBoundedFile, UnreadableFile } from './bounded-file.ts';
import { InputFileError } from './input-file-error.ts';

/** More than anything that a flag names: certificates, templates. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A file that a flag names, as it was named, and the folder that it is relative to. */
export interface NamedFile {
  readonly path: string;
  readonly workingDirectory: string;
}

/** @throws InputFileError */
export const readNamedFile = async ({ path, workingDirectory }: NamedFile, signal: AbortSignal): Promise<Buffer> => {
  try {
    return await readBoundedFile(resolve(workingDirectory, path), MAX_BYTES, signal);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new InputFileError(`cannot read ${path}: ${error.message}`, { cause: error });
  }
};
