import { expect, it } from 'vitest';

import { readBoundedFile, UnreadableFile } from '../../src/sources/bounded-file.ts';

it('does not take a file for empty that was not read in time', async () => {
  const read = readBoundedFile(import.meta.filename, 1_000_000, AbortSignal.abort());
  await expect(read).rejects.toThrow(new UnreadableFile('not read in time'));
});

it('reads a file whole', async () => {
  const content = await readBoundedFile(import.meta.filename, 1_000_000, new AbortController().signal);
  expect(content.toString()).toContain('reads a file whole');
});
