import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import type { CaseFile } from './case-snapshot.ts';

const root = join(import.meta.dirname, 'checks');

export interface NamedCase extends CaseFile {
  readonly file: string;
}

/** The folders of test/checks, as `backend/service-port-missing`. */
export const caseFolders = (): readonly string[] =>
  readdirSync(root).flatMap((family) => readdirSync(join(root, family)).map((name) => `${family}/${name}`));

/** The cases of one folder, in the order of their names. */
export const casesIn = (folder: string): readonly NamedCase[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => ({ file, ...(parse(readFileSync(join(root, folder, file), 'utf8')) as CaseFile) }));

/** Whether the case expects findings. */
export const isFailing = ({ expect }: CaseFile): boolean => Array.isArray(expect);
