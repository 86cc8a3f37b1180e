import { beforeAll, expect, it } from 'vitest';

import { buildServers, kubeVersions } from '../lab/build.ts';
import { startControlPlane } from '../lab/control-plane.ts';
import { deploySituations } from '../lab/deploy.ts';
import { readSituation } from '../lab/situation.ts';
import { until } from '../lab/until.ts';
import { requestedObjects, runKubectl } from './kubectl.ts';
import { runTool } from './run-tool.ts';
import type { DoctorReport } from './situation-lane.ts';

const SITUATION = 'healthy-rsa';
const GROUP = `${SITUATION}.example.com`;

beforeAll(() => buildServers((line) => process.stderr.write(`${line}\n`)));

it.each(kubeVersions)("Kubernetes %s: doctor tells what kubectl's own cache still believes", async (kube) => {
  const situation = readSituation(SITUATION, kube);
  if (situation === undefined) throw new Error(`no situation ${SITUATION} on ${kube}`);
  const controlPlane = await startControlPlane(kube);
  const { api, kubeconfigPath } = controlPlane;
  // The home of runTool.
  const kubectl = (...args: readonly string[]) => runKubectl(controlPlane, '.', ...args);
  const ofCache = async (): Promise<readonly string[]> => {
    const { document } = await runTool<DoctorReport>(controlPlane, ['doctor', '--only', 'AA419'], kubeconfigPath);
    expect(document.undetermined).toEqual([]);
    return document.findings.map((finding) => (finding as unknown as { readonly message: string }).message);
  };
  const awaitMessage = (what: string, words: RegExp): Promise<void> =>
    until(what, 120_000, async () => {
      const messages = await ofCache();
      return messages.length === 1 && words.test(messages[0] ?? '') ? undefined : JSON.stringify(messages);
    });
  try {
    expect(await deploySituations(controlPlane, [situation], () => undefined)).toEqual(new Map());
    expect(await ofCache(), 'without a cache').toEqual([]);
    const [resource = ''] = (await kubectl('api-resources', `--api-group=${GROUP}`, '-o', 'name')).stdout.split('.');
    expect(resource).toMatch(/^\w+$/);
    expect(requestedObjects(await kubectl('get', resource, '-v=6'))).toBe(`${GROUP}/v1 ${resource}`);
    expect(await ofCache(), 'with a cache of this moment').toEqual([]);

    const { metadata, spec } = await api.get(`/apis/apiregistration.k8s.io/v1/apiservices/v1.${GROUP}`);
    const registration = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: metadata.name as string },
      spec: spec as object,
    };
    await api.delete(registration);
    await awaitMessage('a cache that lists what is gone', new RegExp(`still lists ${GROUP}/v1`));
    // kubectl goes by it: it asks for the objects instead of saying that there is no such resource.
    expect(requestedObjects(await kubectl('get', resource, '-v=6'))).toBe(`${GROUP}/v1 ${resource}`);
    await kubectl('api-resources', '--cached=false');
    expect(await ofCache(), 'after the remedy').toEqual([]);

    await api.create(registration);
    await awaitMessage('a cache that lacks what is new', new RegExp(`lacks ${GROUP}/v1`));
    await kubectl('api-resources', '--cached=false');
    expect(await ofCache(), 'after the remedy').toEqual([]);
  } finally {
    await controlPlane.stop();
  }
});
