import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { checks } from '../../src/checks/index.ts';
import { catalogue, type FindingCode } from '../../src/model/catalogue.ts';
import { familyOf } from '../../scripts/check-family.ts';

const project = join(import.meta.dirname, '../..');

describe('new:check', () => {
  let root = '';

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'new-check-'));
    for (const name of ['package.json', 'tsconfig.json', 'src', 'scripts', 'docs'])
      cpSync(join(project, name), join(root, name), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  });

  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(project, 'scripts/new-check.ts'), '--root', root, ...args], { encoding: 'utf8' });

  it('makes a check that compiles and finds nothing, and cases that fail', async () => {
    const code = (Object.keys(catalogue) as FindingCode[]).find(
      (candidate) => !checks.some((check) => check.code === candidate),
    );
    // Once every finding of the catalogue has its check there is none left to try this with.
    if (code === undefined) return;
    const path = `${familyOf(code)}/${catalogue[code].name}`;
    const { status, stdout, stderr } = run(path);
    expect(stderr).toBe('');
    expect(stdout).toBe(`made src/checks/${path}.ts (${code}) and test/checks/${path}/\n`);
    expect(status).toBe(0);

    const cases = join(root, 'test/checks', path);
    expect(readdirSync(cases).toSorted()).toEqual([
      'fails-when-to-be-written.yaml',
      'not-applicable-to-a-local-apiservice.yaml',
      'passes-when-to-be-written.yaml',
    ]);
    for (const file of readdirSync(cases)) {
      const { expect: expected } = parse(readFileSync(join(cases, file), 'utf8')) as { readonly expect: unknown };
      expect(['passed', 'notApplicable', 'undetermined']).not.toContain(expected);
      expect(Array.isArray(expected)).toBe(false);
    }
    const { default: check } = (await import(join(root, 'src/checks', `${path}.ts`))) as {
      readonly default: { readonly code: string; readonly run: () => unknown };
    };
    expect(check.code).toBe(code);
    expect(check.run()).toBeNull();
    expect(readFileSync(join(root, 'src/checks/index.ts'), 'utf8')).toContain(`'./${path}.ts'`);
    expect(readFileSync(join(root, 'docs/checks', `${code}.md`), 'utf8')).toContain(catalogue[code].name);
    expect(run(path)).toMatchObject({ status: 1, stderr: `error: src/checks/${path}.ts is there already\n` });
  });

  it.each([
    [[], 'usage: npm run new:check -- <family>/<finding name>'],
    [['service-missing'], 'usage: npm run new:check -- <family>/<finding name>'],
    [['backend/service-missing', 'backend/service-headless'], 'usage: npm run new:check -- <family>/<finding name>'],
    [
      ['backend/service-gone'],
      'the catalogue has no finding named service-gone: add it to src/model/catalogue.ts first',
    ],
    [['discovery/service-missing'], 'AA201 service-missing belongs to the family backend, not discovery'],
    [['backend/service-missing'], 'src/checks/backend/service-missing.ts is there already'],
  ])('%j: %s', (args, words) => {
    expect(run(...args)).toMatchObject({ status: 1, stdout: '', stderr: `error: ${words}\n` });
  });
});
