import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { useScratch } from '../cli/scratch.ts';
import { loopbackAuthority } from '../fakes/kube-apiserver.ts';
import { environmentOf, kubectl, observe, openScene, runProgram } from './comparison.ts';

// Inside a Pod: the files of the service account stand at a fixed path, here in a mount namespace of the test's own.

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/run']).status === 0;
const program = fileURLToPath(new URL('../../bin/kubectl-aa.js', import.meta.url));
const inPod = `mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io &&
  ln -s "$1" /run/secrets/kubernetes.io/serviceaccount && shift && exec "$@"`;

const { folder } = useScratch();

describe.runIf(kubectl !== null && canMount)('in a Pod as kubectl', { timeout: 60_000 }, () => {
  it.each<{
    readonly name: string;
    readonly works: boolean;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly token?: string;
  }>([
    { name: 'the service account is who asks', works: true, args: [], token: 'of-the-pod' },
    { name: '--token takes its place', works: true, args: ['--token', 'other'], token: 'other' },
    { name: '-v changes nothing', works: true, args: ['-v', '2'], token: 'of-the-pod' },
    { name: '--as leads elsewhere', works: false, args: ['--as', 'me'] },
    {
      name: 'without KUBERNETES_SERVICE_HOST there is no cluster',
      works: false,
      args: [],
      env: { KUBERNETES_SERVICE_HOST: '' },
    },
  ])('$name', async ({ args, env = {}, works, token }) => {
    const { scene, close } = await openScene(folder, {});
    try {
      scene.file('pod/token', 'of-the-pod\n');
      scene.file('pod/ca.crt', loopbackAuthority.pem);
      scene.file('pod/namespace', 'here');
      const environment = {
        ...environmentOf(scene, {}),
        KUBERNETES_SERVICE_HOST: '127.0.0.1',
        KUBERNETES_SERVICE_PORT: String(scene.server.port),
        ...env,
      };
      const inside = (words: readonly string[]) =>
        observe(scene, () =>
          runProgram(['unshare', '-rm', 'sh', '-c', inPod, 'sh', `${folder}/pod`, ...words], environment, folder),
        );
      const theirs = await inside([kubectl ?? '', 'get', '--raw', '/version', ...args]);
      const ours = await inside([process.execPath, program, 'version', ...args]);
      expect(theirs.succeeded, theirs.stderr).toBe(works);
      expect({ ...ours, stderr: '' }, ours.stderr).toEqual({ ...theirs, stderr: '' });
      expect(ours.requests.map(({ headers }) => headers['authorization'])).toEqual(
        token === undefined ? [] : [[`Bearer ${token}`]],
      );
      if (!works) expect(ours.stderr).toContain('no kubeconfig found');
    } finally {
      await close();
    }
  });
});
