import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { credentialCases } from './cases/credentials.ts';
import { fileCases } from './cases/files.ts';
import { flagCases } from './cases/flags.ts';
import { requestCases } from './cases/requests.ts';
import { tlsCases } from './cases/tls.ts';
import { type Case, compare, kubectl, observeClientNode, openScene, type Scene } from './comparison.ts';

// kubectl itself is asked what is right: the same kubeconfigs, flags and environment for it and for us, against a server that
// remembers what it saw.

const cases: readonly Case[] = [...fileCases, ...flagCases, ...tlsCases, ...credentialCases, ...requestCases];

const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-comparison-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withScene = async (given: Case, look: (scene: Scene) => Promise<void>): Promise<void> => {
  const { scene, close } = await openScene(mkdtempSync(join(folder, 'case-')), given);
  try {
    await look(scene);
  } finally {
    await close();
  }
};

describe.runIf(kubectl !== null)('as kubectl', { concurrent: true }, () => {
  it.each(cases)('$name', (given) =>
    withScene(given, async (scene) => {
      const { theirs, ours, status } = await compare(scene, given);
      const { differs, fails, prints = [] } = given;
      if (differs) {
        if (differs.kubectl !== 'either') expect(theirs.succeeded, theirs.stderr).toBe(differs.kubectl === 'works');
        expect(ours.succeeded, ours.stderr).toBe(differs.ours === 'works');
        return;
      }
      expect(theirs.succeeded, theirs.stderr).toBe(fails === undefined);
      expect(ours.succeeded, ours.stderr).toBe(fails === undefined);
      expect(status).toBe(fails === undefined ? 0 : 2);
      for (const words of [...(fails ?? []), ...prints]) {
        expect(theirs.stderr.toLowerCase()).toContain(words.toLowerCase());
        expect(ours.stderr.toLowerCase()).toContain(words.toLowerCase());
      }
      expect({ ...ours, stderr: '' }).toEqual({ ...theirs, stderr: '' });
    }),
  );
});

describe.runIf(kubectl !== null)('not as client-node', () => {
  it.each(cases.filter(({ topic }) => topic !== undefined))('$topic: $name', (given) =>
    withScene(given, async (scene) => {
      const { theirs } = await compare(scene, given);
      const { stderr, ...observed } = await observeClientNode(scene, given);
      const says = [...(given.fails ?? []), ...(given.prints ?? [])].every((words) =>
        stderr.toLowerCase().includes(words.toLowerCase()),
      );
      const { stderr: _, ...wanted } = theirs;
      expect({ ...observed, says }).not.toEqual({ ...wanted, says: true });
    }),
  );
});
