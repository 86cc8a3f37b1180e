// Makes what the tests of this folder look at: once, since it takes a minute or two.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Has what npm run package makes. */
    readonly packageFolder: string;
  }
}

const root = join(import.meta.dirname, '../../..');

export default ({ provide }: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-built-'));
  execFileSync(process.execPath, ['scripts/package/package.ts', folder], { cwd: root, stdio: 'inherit' });
  provide('packageFolder', folder);
  return () => rmSync(folder, { recursive: true });
};
