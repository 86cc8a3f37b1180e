import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { create } from 'tar';

/**
 * Packs files, by their base names, into a tar.gz that depends on nothing but their content and order: no owner, no time.
 * The first one is executable. Format of all three systems: a zip made elsewhere than on Unix has no executable bit.
 */
export const writeArchive = async (archive: string, files: readonly string[]): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-archive-'));
  try {
    for (const [index, file] of files.entries()) {
      const copy = join(folder, basename(file));
      cpSync(file, copy);
      chmodSync(copy, index === 0 ? 0o755 : 0o644);
    }
    await create(
      { file: archive, cwd: folder, gzip: { level: 9 }, portable: true, mtime: new Date(0), strict: true },
      files.map((file) => basename(file)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
};
