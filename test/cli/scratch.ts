import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll } from 'vitest';

interface Closable {
  readonly close: () => Promise<void>;
}

/** Writes files below a folder, and gives their paths. */
export const writerInto =
  (folder: string) =>
  (name: string, content: string | Buffer, mode = 0o600): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode });
    return path;
  };

/** A folder for the files of one test file, removed at its end, and servers that are closed then. */
export const useScratch = (): {
  readonly folder: string;
  /** The path of a new file. */
  readonly file: (content: string | Buffer) => string;
  /** The path of a file of that name, which may lead through folders. */
  readonly named: ReturnType<typeof writerInto>;
  readonly opened: <T extends Closable>(starting: Promise<T>) => Promise<T>;
} => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-test-'));
  const named = writerInto(folder);
  const open: Closable[] = [];
  afterAll(async () => {
    await Promise.all(open.map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  });
  let files = 0;
  return {
    folder,
    named,
    file: (content) => {
      files += 1;
      return named(`file-${files}`, content);
    },
    opened: async (starting) => {
      const server = await starting;
      open.push(server);
      return server;
    },
  };
};
