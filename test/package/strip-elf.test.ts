import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { stripElf } from '../../scripts/package/strip-elf.ts';

it.skipIf(process.platform !== 'linux')('leaves a Node that runs as before, and is smaller', () => {
  const node = readFileSync(process.execPath);
  const stripped = stripElf(node);
  expect(stripped.length).toBeLessThan(node.length);
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-test-'));
  try {
    const path = join(folder, 'node');
    writeFileSync(path, stripped, { mode: 0o755 });
    const script = `process.stdout.write([process.version, crypto.createHash('sha256').update('').digest('hex'), new Intl.NumberFormat('de').format(1234.5)].join(' '))`;
    expect(execFileSync(path, ['-e', script], { encoding: 'utf8' })).toBe(
      `${process.version} e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 1.234,5`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('refuses what is not a 64-bit ELF file', () => {
  expect(() => stripElf(Buffer.alloc(64))).toThrow('not a 64-bit ELF file');
});
