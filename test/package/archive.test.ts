import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { list } from 'tar';
import { expect, it, onTestFinished } from 'vitest';

import { writeArchive } from '../../scripts/package/archive.ts';

const names = ['kubectl-aa', 'LICENSE', 'THIRD-PARTY-NOTICES.txt'];

const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const pack = async (mode: number, time: number): Promise<string> => {
  const folder = scratch();
  const files = names.map((name, index) => {
    const path = join(folder, `${index}`, name);
    mkdirSync(join(folder, `${index}`));
    writeFileSync(path, `content of ${name}\n`.repeat(9999));
    chmodSync(path, mode);
    utimesSync(path, time, time);
    return path;
  });
  await writeArchive(join(folder, 'archive.tar.gz'), files);
  return join(folder, 'archive.tar.gz');
};

it('depends on content and order only', async () => {
  const [one, other] = [await pack(0o600, 1), await pack(0o777, 1_800_000_000)];
  expect(readFileSync(one).equals(readFileSync(other))).toBe(true);
});

it('keeps the first file executable, and says nothing of owner and time', async () => {
  const entries: unknown[] = [];
  await list({
    file: await pack(0o600, 1),
    strict: true,
    onReadEntry: ({ path, mode, uid, mtime, type }) => entries.push({ path, mode, uid, mtime: mtime?.getTime(), type }),
  });
  expect(entries).toEqual(
    names.map((path, index) => ({ path, mode: index === 0 ? 0o755 : 0o644, uid: undefined, mtime: 0, type: 'File' })),
  );
});
