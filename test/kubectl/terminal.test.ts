import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { useScratch } from '../cli/scratch.ts';
import { environmentOf, kubectl, observe, openScene, runProgram } from './comparison.ts';

// A credential plugin may ask whoever sits at the terminal; `script` gives one.

const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
const program = fileURLToPath(new URL('../../bin/kubectl-aa.js', import.meta.url));
const { folder } = useScratch();

describe.runIf(kubectl !== null && hasTerminal)('at a terminal as kubectl', { timeout: 60_000 }, () => {
  it.each<readonly [mode: string, apiVersion: string, stdin: string]>([
    ['IfAvailable', 'v1', 'terminal'],
    ['Always', 'v1beta1', 'terminal'],
    ['Never', 'v1', 'null'],
  ])('a plugin with interactiveMode %s of %s has as standard input: %s', async (interactiveMode, version, stdin) => {
    const { scene, close } = await openScene(folder, {});
    try {
      const apiVersion = `client.authentication.k8s.io/${version}`;
      const credential = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token: 'typed' } });
      const exec = { apiVersion, command: scene.plugin(`echo '${credential}'`), interactiveMode };
      const env = environmentOf(scene, { kubeconfig: scene.config({ user: { exec } }) });
      const typed = (words: string) =>
        observe(scene, () => runProgram(['script', '-qec', words, '/dev/null'], env, folder));
      const theirs = await typed(`${kubectl} get --raw /version`);
      const ours = await typed(`${process.execPath} ${program} version`);
      expect(theirs).toMatchObject({ succeeded: true, plugin: [{ stdin }] });
      expect(ours).toEqual(theirs);
    } finally {
      await close();
    }
  });
});
