import { resolve } from 'node:path';
import type { Readable } from 'node:stream';

import { parseAllDocuments } from 'yaml';

import { readBoundedFile, readStream, UnreadableFile } from './bounded-file.ts';
import { InputFileError } from './input-file-error.ts';

/** Some hundred APIServices with their bundles. */
const MAX_BYTES = 512 * 1024;

/** yaml takes a stack frame for each level, and at some thousand of them V8 gives up altogether. */
const MAX_DEPTH = 200;

/** No level deeper than its brackets, its indentation or its marks on one line: more than is really nested, never less. */
const isTooNested = (text: string): boolean => {
  let brackets = 0;
  for (const character of text) {
    if (character === '[' || character === '{') brackets += 1;
    else if (character === ']' || character === '}') brackets = Math.max(0, brackets - 1);
    if (brackets > MAX_DEPTH) return true;
  }
  return new RegExp(`^[ \\t]{${MAX_DEPTH}}|(?:[-?:][ \\t]+){${MAX_DEPTH}}`, 'm').test(text);
};

/** A file as it was named, the folder that it is relative to, and what `-` stands for. */
export interface ManifestFile {
  readonly path: string;
  readonly workingDirectory: string;
  readonly stdin: Readable;
}

const parse = (text: string): readonly unknown[] => {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as unknown;
  });
};

/**
 * The documents of a YAML or JSON file, or of standard input for `-`, and how the file is called; empty ones are left out.
 * @throws InputFileError naming the file
 */
export const readManifest = async (
  { path, workingDirectory, stdin }: ManifestFile,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly documents: readonly unknown[] }> => {
  const name = path === '-' ? 'standard input' : path;
  let text: string;
  try {
    const bytes =
      path === '-'
        ? await readStream(stdin, MAX_BYTES, signal)
        : await readBoundedFile(resolve(workingDirectory, path), MAX_BYTES, signal);
    text = bytes.toString('utf8');
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new InputFileError(`cannot read ${name}: ${error.message}`, { cause: error });
  }
  if (isTooNested(text)) throw new InputFileError(`${name} is more nested than the tool parses`);
  try {
    return { name, documents: parse(text).filter((document) => document !== null && document !== undefined) };
  } catch (error) {
    // Too deep a nesting and too many aliases come as errors of their own kinds; the file's text is not repeated.
    const line = /at line \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    throw new InputFileError(`${name} is not YAML${line === undefined ? '' : `, ${line}`}`, { cause: error });
  }
};
