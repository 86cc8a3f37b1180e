import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const repository = join(import.meta.dirname, '..');

/** Looks at files in a folder of their own that has this project's configuration and libraries. */
export const withPlantedTree = <Seen>(files: Readonly<Record<string, string>>, look: (root: string) => Seen): Seen => {
  const root = mkdtempSync(join(tmpdir(), 'kubectl-aa-planted-'));
  try {
    for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.mjs', '.oxlintrc.json']) {
      cpSync(join(repository, name), join(root, name));
    }
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return look(root);
  } finally {
    rmSync(root, { recursive: true });
  }
};
