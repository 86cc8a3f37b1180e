import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { corpusFolder } from './report-corpus.ts';

interface Measure {
  readonly hit: number;
  readonly of: number;
  readonly rate: number | null;
}

interface Tally {
  readonly cases: number;
  readonly top1: Measure;
  readonly top3: Measure;
  readonly trap: Measure;
  readonly groupVersion: Measure;
}

export interface Scores {
  readonly overall: Tally;
  readonly byCluster: Tally;
  readonly unanswered: readonly string[];
  readonly failure: string | null;
}

const run = (options: readonly string[], command: readonly string[]): string => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(corpusFolder, 'evaluate.mjs'), ...options, join(corpusFolder, 'reports.jsonl'), '--', ...command],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  if (stdout === '') throw new Error(`evaluate.mjs said: ${stderr}`);
  return stdout;
};

/** The scores of a command that answers `{"id","text"}` lines, by the evaluation that comes with the reports. */
export const evaluate = (command: readonly string[]): { readonly text: string; readonly scores: Scores } => ({
  text: run([], command),
  scores: JSON.parse(run(['--json'], command)) as Scores,
});

/** The bars that the scores do not reach, in words. */
export const belowBars = ({ overall, byCluster, unanswered, failure }: Scores): readonly string[] => {
  const bars: readonly (readonly [what: string, actual: number, holds: boolean])[] = [
    ['first answer right, 90 %', overall.top1.rate ?? 0, (overall.top1.rate ?? 0) >= 0.9],
    ['needed codes among the first three, 95 %', overall.top3.rate ?? 0, (overall.top3.rate ?? 0) >= 0.95],
    ['no trap as first answer', overall.trap.hit, overall.trap.hit === 0],
    ['group version, 100 %', overall.groupVersion.rate ?? 0, overall.groupVersion.rate === 1],
    ['first answer right, each wording once, 88 %', byCluster.top1.rate ?? 0, (byCluster.top1.rate ?? 0) >= 0.88],
    ['every report answered', unanswered.length, unanswered.length === 0 && failure === null],
  ];
  return bars.filter(([, , holds]) => !holds).map(([what, actual]) => `${what} (${actual})`);
};
