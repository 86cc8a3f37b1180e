import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { credentialCases } from './cases/credentials.ts';
import { fileCases } from './cases/files.ts';
import { flagCases } from './cases/flags.ts';
import { requestCases } from './cases/requests.ts';
import { tlsCases } from './cases/tls.ts';
import { type Case, compare, kubectl, observeClientNode, openScene, type Scene } from './comparison.ts';

// kubectl itself is asked what is right: the same kubeconfigs, flags and environment for it and for us, against a server that
// remembers what it saw.

const cases: readonly Case[] = [...fileCases, ...flagCases, ...tlsCases, ...credentialCases, ...requestCases];

/** Entries that hold for every case: it would fail if they did not. */
const everywhere = ['headers', 'exit-status'];

const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-comparison-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// It loads for so long that a TLS handshake may run out of time meanwhile.
beforeAll(() => import('@kubernetes/client-node'), 60_000);

const withScene = async (given: Case, look: (scene: Scene) => Promise<void>): Promise<void> => {
  const { scene, close } = await openScene(mkdtempSync(join(folder, 'case-')), given);
  try {
    await look(scene);
  } finally {
    await close();
  }
};

describe.runIf(kubectl !== null)('as kubectl, and not as client-node', { concurrent: true, timeout: 60_000 }, () => {
  it.each(cases)('$name', (given) =>
    withScene(given, async (scene) => {
      const { theirs, ours, status } = await compare(scene, given);
      const { differs, fails, prints = [] } = given;
      if (differs) {
        if (differs.kubectl !== 'either') expect(theirs.succeeded, theirs.stderr).toBe(differs.kubectl === 'works');
        expect(ours.succeeded, ours.stderr).toBe(differs.ours === 'works');
        // A difference that is gone has no place in the list.
        if (differs.kubectl !== 'either') expect(ours).not.toEqual(theirs);
        return;
      }
      expect(theirs.succeeded, theirs.stderr).toBe(fails === undefined);
      expect(ours.succeeded, ours.stderr).toBe(fails === undefined);
      expect(status).toBe(fails === undefined ? 0 : 2);
      for (const words of [...(fails ?? []), ...prints]) {
        expect(theirs.stderr.toLowerCase()).toContain(words.toLowerCase());
        expect(ours.stderr.toLowerCase()).toContain(words.toLowerCase());
      }
      const { stderr, ...seen } = theirs;
      expect({ ...ours, stderr }).toEqual(theirs);
      if (given.topic === undefined) return;
      const { stderr: clientNodeSays, ...clientNodeSeen } = await observeClientNode(scene, given);
      const says = [...(fails ?? []), ...prints].every((words) =>
        clientNodeSays.toLowerCase().includes(words.toLowerCase()),
      );
      // Were its behaviour ours, this case would fail.
      expect({ ...clientNodeSeen, says }).not.toEqual({ ...seen, says: true });
    }),
  );
});

describe('the list of differences', () => {
  it('has an entry for each case that differs, and a case for each entry', () => {
    const list = readFileSync(new URL('../../docs/kubectl-differences.md', import.meta.url), 'utf8');
    const entries = [...list.matchAll(/^\| `([^`]+)` \| .+ \| .+ \| .+ \|$/gm)].map(([, entry]) => entry);
    const used = cases.flatMap(({ differs }) => (differs ? [differs.entry] : []));
    expect(new Set(entries)).toEqual(new Set([...used, ...everywhere]));
  });
});
