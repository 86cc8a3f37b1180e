import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Failure reports of real clusters with labels, which lie beside a checkout and are not part of it. */
export const corpusFolder = join(import.meta.dirname, '../../../shared/corpus');
export const corpusIsThere = existsSync(join(corpusFolder, 'reports.jsonl'));

export interface LabelledReport {
  readonly id: string;
  readonly message: string;
  readonly uninformative: boolean;
  readonly group_versions?: readonly string[];
  readonly group_version: string | null;
  readonly api_service: string | null;
  readonly service: string | null;
  readonly address: string | null;
}

/** Those that have a text. */
export const labelledReports = (): readonly LabelledReport[] =>
  readFileSync(join(corpusFolder, 'reports.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as LabelledReport)
    .filter(({ message }) => message !== null);
