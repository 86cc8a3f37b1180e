import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach } from 'vitest';

interface Closable {
  readonly close: () => Promise<void>;
}

/** A folder for the files of one test file, removed at its end, and servers that are closed after each test. */
export const useScratch = (): {
  readonly folder: string;
  /** The path of a new file. */
  readonly file: (content: string | Buffer) => string;
  readonly opened: <T extends Closable>(starting: Promise<T>) => Promise<T>;
} => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const open: Closable[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
  });
  let files = 0;
  return {
    folder,
    file: (content) => {
      files += 1;
      const path = join(folder, `file-${files}`);
      writeFileSync(path, content);
      return path;
    },
    opened: async (starting) => {
      const server = await starting;
      open.push(server);
      return server;
    },
  };
};
