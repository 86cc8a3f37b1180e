import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { withPlantedTree } from './planted-tree.ts';

interface Diagnostics {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

const linter = join(import.meta.dirname, '../node_modules/oxlint/bin/oxlint');

const lint = (files: Readonly<Record<string, string>>): readonly string[] =>
  withPlantedTree(files, (root) => {
    // A node_modules that is a symbolic link would be linted too, if the folder were named.
    const args = [linter, '--type-aware', '--format', 'json', ...Object.keys(files)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (stdout === '') throw new Error(`oxlint said: ${stderr}`);
    return (JSON.parse(stdout) as Diagnostics).diagnostics
      .map(({ code, filename }) => `${filename}: ${code}`)
      .toSorted();
  });

it('refuses what this project does not do', { timeout: 120_000 }, () => {
  expect(
    lint({
      'src/cli/leave.ts': `export const leave = (): never => process.exit(2);\n`,
      'src/commands/leave.ts': `import { exit } from 'node:process';\nexport const leave = (): never => exit(2);\n`,
      'src/diagnosis/leave.ts': `export const leave = (): never => globalThis.process.exit(2);\n`,
      'src/sources/talk.ts': `export const talk = (): void => console.log('seen');\n`,
      'src/render/clock.ts': `export const now = (): number => Date.now();\n`,
      'src/sources/forget.ts': `const read = async (): Promise<void> => {};\nexport const forget = (): void => {\n  read();\n};\n`,
      'src/model/fruit.ts': `export const colour = (fruit: 'apple' | 'plum'): string => {\n  let found = '';\n  switch (fruit) {\n    case 'apple':\n      found = 'red';\n  }\n  return found;\n};\n`,
      'test/forget.ts': `const read = async (): Promise<void> => {};\nexport const forget = (): void => {\n  read();\n};\n`,
    }),
  ).toEqual([
    'src/cli/leave.ts: eslint(no-restricted-globals)',
    'src/commands/leave.ts: eslint(no-restricted-imports)',
    'src/diagnosis/leave.ts: eslint(no-restricted-properties)',
    'src/model/fruit.ts: typescript(switch-exhaustiveness-check)',
    'src/render/clock.ts: eslint(no-restricted-properties)',
    'src/sources/forget.ts: typescript(no-floating-promises)',
    'src/sources/talk.ts: eslint(no-console)',
    'test/forget.ts: typescript(no-floating-promises)',
  ]);
});

it('lets main.ts, scripts and tests touch process', { timeout: 120_000 }, () => {
  const touch = `process.exitCode = 1;\nexport const width = process.stdout.columns;\n`;
  expect(lint({ 'src/main.ts': touch, 'scripts/touch.ts': touch, 'test/touch.ts': touch })).toEqual([]);
});
