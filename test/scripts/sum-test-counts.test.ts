import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

const script = join(import.meta.dirname, '../../scripts/sum-test-counts.ts');

const summed = (steps: readonly string[], counts: Readonly<Record<string, readonly string[] | 'unloadable'>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-counts-'));
  try {
    writeFileSync(join(folder, 'steps'), steps.map((step) => `${step.replaceAll(' ', '\t')}\n`).join(''));
    for (const [name, statuses] of Object.entries(counts)) {
      const file =
        statuses === 'unloadable'
          ? { status: 'failed', assertionResults: [] }
          : {
              status: statuses.includes('failed') ? 'failed' : 'passed',
              assertionResults: statuses.map((status, place) => ({
                status,
                fullName: `test ${place}`,
                failureMessages: status === 'failed' ? ['Error: said\nat a place'] : [],
              })),
            };
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ testResults: [file] }));
    }
    const { stdout, status } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
    const lines = stdout.trimEnd().split('\n');
    return { lines, lastLine: lines.at(-1), exitStatus: status };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

it('counts each test, and each check as one', () => {
  expect(
    summed(['preparation install 0 9', 'tests test 0 3', 'check types 0 1'], { test: ['passed', 'passed'] }),
  ).toMatchObject({ lastLine: '3 passed, 0 failed', exitStatus: 0 });
});

it('counts a skipped test as skipped', () => {
  expect(summed(['tests test 0 3'], { test: ['passed', 'skipped', 'pending', 'todo'] })).toMatchObject({
    lastLine: '1 passed, 0 failed, 3 skipped',
    exitStatus: 0,
  });
});

it.each([
  ['a failed test', ['tests test 1 3'], { test: ['passed', 'failed'] }, '1 passed, 1 failed'],
  ['a failed check', ['tests test 0 3', 'check lint 1 2'], { test: ['passed'] }, '1 passed, 1 failed'],
  ['a failed preparation', ['preparation lab 2 3', 'tests test 0 3'], { test: ['passed'] }, '1 passed, 1 failed'],
  ['a file that cannot be loaded', ['tests test 1 3'], { test: 'unloadable' }, '0 passed, 1 failed'],
  ['an error outside of all tests', ['tests test 1 3'], { test: ['passed'] }, '1 passed, 1 failed'],
  ['a run without a test', ['tests test 0 3', 'check lint 0 1'], { test: [] }, '1 passed, 1 failed'],
  ['a run of skipped tests', ['tests test 0 3'], { test: ['skipped'] }, '0 passed, 1 failed, 1 skipped'],
  ['a run that left no counts', ['tests test 0 3'], {}, '0 passed, 1 failed'],
] as const)('fails for %s', (_case, steps, counts, lastLine) => {
  expect(summed(steps, counts)).toMatchObject({ lastLine, exitStatus: 1 });
});

it('names each failed test at the end, with what it said', () => {
  expect(summed(['tests test 1 3'], { test: ['passed', 'failed'] }).lines.slice(1, 2)).toEqual([
    'FAILED test: test 1: Error: said',
  ]);
});
