import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { run } from '../cli/captured-run.ts';
import { useScratch } from '../cli/scratch.ts';
import { openHttpsReader } from '../../src/sources/live/kubernetes/https-reader.ts';
import { loadConnection } from '../../src/sources/live/kubernetes/kubeconfig.ts';
import { observeClientNode, openScene, type Scene } from './comparison.ts';

// Where @kubernetes/client-node differs from kubectl in what no single request shows; the rest is among the cases.

const { folder } = useScratch();
let closeScene: () => Promise<unknown> = async () => undefined;
afterEach(() => closeScene());
const sceneOf = async (): Promise<Scene> => {
  const { scene, close } = await openScene(folder, {});
  closeScene = close;
  return scene;
};

describe('unlike client-node', () => {
  it('keeps a connection for the requests that follow', async () => {
    const scene = await sceneOf();
    const signal = AbortSignal.timeout(20_000);
    const environment = { env: { KUBECONFIG: scene.file('config', scene.config()) }, workingDirectory: folder };
    const connection = await loadConnection({}, environment, signal);
    const reader = await openHttpsReader({ connection, env: {}, userAgent: 'x', signal, onStderr: () => undefined });
    for (let request = 0; request < 5; request += 1) await reader.get('/version', { timeoutMs: 5000, signal });
    reader.close();
    expect(scene.server.take()).toMatchObject({ connections: 1, requests: { length: 5 } });

    const { KubeConfig, VersionApi } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromFile(environment.env.KUBECONFIG);
    const api = config.makeApiClient(VersionApi);
    for (let request = 0; request < 5; request += 1) await api.getCode();
    expect(scene.server.take().connections).toBeGreaterThan(1);
  });

  it('says who it is', async () => {
    const scene = await sceneOf();
    const kubeconfig = scene.file('config', scene.config());
    expect(await run(['version', '--kubeconfig', kubeconfig])).toMatchObject({ status: 0 });
    const [seen] = scene.server.take().requests;
    expect(seen?.headers['user-agent']).toEqual([expect.stringMatching(/^kubectl-aa\/\d/)]);
  });

  it('asks no other system for a kubeconfig on Windows', async () => {
    const scene = await sceneOf();
    const asked = join(folder, 'asked');
    scene.file('bin/wsl.exe', `#!/bin/sh\necho "$@" >> ${asked}\nexit 1\n`, 0o700);
    const env = { PATH: join(folder, 'bin'), HOME: join(folder, 'nobody') };
    const { platform } = process;
    Object.defineProperty(process, 'platform', { value: 'win32' });
    try {
      expect(await run(['version'], { env })).toMatchObject({ status: 2 });
      expect(existsSync(asked)).toBe(false);
      await observeClientNode(scene, { call: () => ({ env }) });
      expect(existsSync(asked)).toBe(true);
    } finally {
      Object.defineProperty(process, 'platform', { value: platform });
    }
  });

  it('does not load it, which takes 400 ms and a newer Node', () => {
    for (const name of ['kubectl-aa.cjs', 'kubectl-aa.status.cjs', 'kubectl-aa.rest.cjs']) {
      const bundle = readFileSync(new URL(`../../dist/${name}`, import.meta.url), 'utf8');
      expect(bundle).not.toContain('kubernetes-client-javascript');
      expect(bundle).not.toContain('undici');
    }
  });
});
