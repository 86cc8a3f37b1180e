import { beforeAll, expect, it } from 'vitest';

import { buildServers } from '../lab/build.ts';
import { startControlPlane } from '../lab/control-plane.ts';
import { deploySituations } from '../lab/deploy.ts';
import { readSituation } from '../lab/situation.ts';
import { requestedObjects, runKubectl } from './kubectl.ts';
import { runTool } from './run-tool.ts';

interface Resolution {
  readonly resolution: { readonly group: string; readonly version: string; readonly resource: string };
  readonly notSeen: readonly { readonly group: string }[];
}

const SITUATIONS = ['healthy-rsa', 'resource-name-shadowed', 'plain-http'];

/** Plural, singular, short name and kind; with group, and with version and group; shadowed, and of core. */
const names =
  'pods po Pod events ev deployments deploy deployments.apps deployments.v1.apps hpa horizontalpodautoscalers.v1.autoscaling cj apiservices apiservice ingress.networking'.split(
    ' ',
  );

beforeAll(() => buildServers((line) => process.stderr.write(`${line}\n`)));

// The last of the lab's lines whose feature gate can still be switched off.
it('resolves names as kubectl does on a server without aggregated discovery', async () => {
  const controlPlane = await startControlPlane('1.29');
  try {
    const situations = SITUATIONS.flatMap((name) => readSituation(name, '1.29') ?? []);
    expect(await deploySituations(controlPlane, situations, () => undefined)).toEqual(new Map());
    const port = await controlPlane.startReplica({ flags: { 'feature-gates': 'AggregatedDiscoveryEndpoint=false' } });
    const kubeconfigPath = controlPlane.kubeconfigFor('legacy', `https://127.0.0.1:${port}`);
    const differing: string[] = [];
    for (const name of names) {
      const ran = await runKubectl({ ...controlPlane, kubeconfigPath }, 'home-legacy', 'get', name, '-v=6');
      const { exitStatus, document } = await runTool<Resolution>(controlPlane, ['resolve', name], kubeconfigPath);
      expect(exitStatus).toBe(0);
      const { group, version, resource } = document.resolution;
      const resolved = `${group === '' ? version : `${group}/${version}`} ${resource}`;
      if (resolved !== requestedObjects(ran)) differing.push(`${name}: kubectl ${requestedObjects(ran)}, ${resolved}`);
      expect(document.notSeen.map((each) => each.group)).toEqual(['plain-http.example.com']);
    }
    expect(differing).toEqual([]);
    process.stderr.write(`1.29 without aggregated discovery: ${names.length} names resolved as kubectl get does\n`);
  } finally {
    await controlPlane.stop();
  }
});
