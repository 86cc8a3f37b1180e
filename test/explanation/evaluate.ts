// npm run test:corpus: prints the scores of `explain --stream` on the labelled reports, and holds them against the bars.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { belowBars, evaluate } from './corpus-scores.ts';
import { corpusIsThere } from './report-corpus.ts';

const program = fileURLToPath(new URL('../../bin/kubectl-aa.js', import.meta.url));

if (corpusIsThere) {
  const { text, scores } = evaluate([process.execPath, program, 'explain', '--stream']);
  process.stdout.write(text);
  const missed = belowBars(scores);
  process.stdout.write(missed.length === 0 ? '\nall bars held\n' : `\nbelow the bar: ${missed.join('; ')}\n`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} else {
  process.stdout.write(`NOT RUN: the reports are not there (${join('..', 'shared', 'corpus')})\n`);
}
