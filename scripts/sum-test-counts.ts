// Sums what .ci/run recorded: `steps`, a line for each step (kind, name, exit status, seconds), and <name>.json, vitest's own
// count, for each step of kind tests. A check counts as one test; a preparation counts when it failed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const passed: Counts = { passed: 1, failed: 0, skipped: 0 };
const failed: Counts = { passed: 0, failed: 1, skipped: 0 };
const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

const sum = (counts: readonly Counts[]): Counts => ({
  passed: counts.reduce((total, count) => total + count.passed, 0),
  failed: counts.reduce((total, count) => total + count.failed, 0),
  skipped: counts.reduce((total, count) => total + count.skipped, 0),
});

const countOf = (status: string): Counts => {
  if (status === 'passed') return passed;
  return status === 'failed' ? failed : { ...nothing, skipped: 1 };
};

/** Null where vitest wrote none, or was ended while it wrote. */
const readResults = (path: string): VitestResults | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestResults;
  } catch {
    return null;
  }
};

/** A line each, with the first of what it said: a run that is long past is known by its last lines. */
const failures = (folder: string, name: string): readonly string[] =>
  (readResults(join(folder, `${name}.json`))?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages: [said = ''] }) => `${name}: ${fullName}: ${said.split('\n')[0]}`);

const testCounts = (folder: string, name: string, succeeded: boolean): Counts => {
  const results = readResults(join(folder, `${name}.json`));
  if (results === null) return failed;
  const counts = sum(
    results.testResults.map((file) => {
      const inFile = sum(file.assertionResults.map(({ status }) => countOf(status)));
      // A file that could not be loaded, or whose hooks failed, has no failed test to show for it.
      return file.status === 'failed' && inFile.failed === 0 ? sum([inFile, failed]) : inFile;
    }),
  );
  const ran = counts.passed + counts.failed > 0;
  return (succeeded && ran) || counts.failed > 0 ? counts : sum([counts, failed]);
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: sum-test-counts.ts FOLDER');

const steps = readFileSync(join(folder, 'steps'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [kind, name = '', exitStatus, seconds] = line.split('\t');
    const succeeded = exitStatus === '0';
    const oneCount = succeeded ? passed : failed;
    const stepCounts = kind === 'preparation' && succeeded ? nothing : oneCount;
    return { name, seconds, counts: kind === 'tests' ? testCounts(folder, name, succeeded) : stepCounts };
  });

for (const { name, seconds, counts } of steps) {
  const outcome = counts.failed > 0 ? 'FAILED' : 'ok';
  const detail = counts.passed + counts.failed + counts.skipped > 1 ? ` ${JSON.stringify(counts)}` : '';
  process.stdout.write(`${name.padEnd(16)} ${outcome.padEnd(6)} ${seconds} s${detail}\n`);
}
for (const line of steps.flatMap(({ name }) => failures(folder, name))) process.stdout.write(`FAILED ${line}\n`);
const total = sum(steps.map(({ counts }) => counts));
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
