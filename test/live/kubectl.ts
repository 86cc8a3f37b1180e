import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { binaryPath } from '../lab/build.ts';
import type { ControlPlane } from '../lab/control-plane.ts';

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl with a home folder of that name, and so with a cache of its own. */
export const runKubectl = (
  { network, kubeconfigPath }: Pick<ControlPlane, 'network' | 'kubeconfigPath'>,
  home: string,
  ...args: readonly string[]
): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { HOME: join(network.folder, home), KUBECONFIG: kubeconfigPath };
    execFile(binaryPath('kubectl'), [...args], { env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });

/** `apps/v1 deployments`, of the last request that kubectl made for objects; null where it found no such resource. */
export const requestedObjects = ({ stderr }: Ran): string | null => {
  if (stderr.includes("the server doesn't have a resource type")) return null;
  const url = [...stderr.matchAll(/https:\/\/[^\s"]+/g)]
    .map(([found]) => new URL(found))
    .findLast(({ search, pathname }) => search.includes('limit=') && !/^\/apis?$/.test(pathname));
  if (!url) throw new Error(`no request: ${stderr.slice(0, 2000)}`);
  const [, api, ...parts] = url.pathname.split('/');
  const groupVersion = api === 'api' ? parts.slice(0, 1) : parts.slice(0, 2);
  return `${groupVersion.join('/')} ${parts.at(-1)}`;
};
