import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { KubernetesObject } from './api-client.ts';
import { binaryPath } from './build.ts';
import { issueCertificates } from './certificates.ts';
import type { ControlPlane } from './control-plane.ts';
import { serverLog, startExtensionApiServer } from './extension-api-servers.ts';
import { podStatus } from './pod-status.ts';
import type { Awaited, Situation } from './situation.ts';
import {
  accessObjects,
  apiServiceObjects,
  backendConfigurations,
  backendObjects,
  certificateSpecs,
  discoveryPath,
  inNamespace,
  placedPods,
  type PlacedSituation,
  podForwards,
} from './situation-objects.ts';
import { type StillMissing, until } from './until.ts';

// Old enough that nothing can pass for still starting.
const dayOld = (): Date => new Date(Date.now() - 24 * 3600 * 1000);

const each = <T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<unknown> =>
  Promise.all(items.map(act));

const createAll = (
  controlPlane: ControlPlane,
  situation: Situation,
  objects: readonly KubernetesObject[],
): Promise<unknown> => each(objects, (object) => controlPlane.api.create(inNamespace(situation, object)));

const createNamespace = async (controlPlane: ControlPlane, situation: Situation): Promise<void> => {
  if (!situation.createNamespace) return;
  await controlPlane.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: situation.namespace } });
};

const writePodStatuses = async (controlPlane: ControlPlane, situation: PlacedSituation): Promise<void> => {
  await each(placedPods(situation), async (pod) => {
    const metadata = { name: pod.name, namespace: situation.namespace };
    const createdAt = situation.established ? dayOld() : new Date();
    if (situation.established)
      await controlPlane.backdate(`/registry/pods/${situation.namespace}/${pod.name}`, createdAt);
    const at = createdAt.toISOString();
    const status = podStatus(pod.state, pod.name, pod.address, at);
    await controlPlane.api.patchStatus({ apiVersion: 'v1', kind: 'Pod', metadata }, status);
  });
};

interface EndpointSlice {
  readonly metadata: { readonly namespace: string };
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready?: boolean };
  }[];
}

const hasService = (situation: PlacedSituation, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(situation.services).some(
    ([name, { selector = { app: name }, type }]) =>
      selector !== null &&
      type !== 'ExternalName' &&
      Object.entries(selector).every(([label, value]) => labels[label] === value),
  );

/** Before that an APIService would be judged by endpoints that are only late. */
const awaitEndpoints = (controlPlane: ControlPlane, situations: readonly PlacedSituation[]): Promise<void> => {
  const expected = situations.flatMap((situation) =>
    placedPods(situation)
      .filter(({ state, labels }) => state === 'ready' && hasService(situation, labels))
      .map(({ address }) => address),
  );
  return until('ready endpoints', 30_000, async () => {
    const { items } = (await controlPlane.api.get('/apis/discovery.k8s.io/v1/endpointslices')) as {
      readonly items: readonly EndpointSlice[];
    };
    const ready = new Set(
      items.flatMap(({ endpoints }) =>
        (endpoints ?? []).filter(({ conditions }) => conditions.ready === true).flatMap(({ addresses }) => addresses),
      ),
    );
    const missing = expected.filter((address) => !ready.has(address));
    return missing.length === 0 ? undefined : missing.join(' ');
  });
};

interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What the cluster says about its APIServices at one moment. */
interface Observation {
  readonly conditions: ReadonlyMap<string, Condition | undefined>;
  readonly freshness: ReadonlyMap<string, string>;
}

const observe = async (controlPlane: ControlPlane): Promise<Observation> => {
  const [list, discovery] = await Promise.all([
    controlPlane.api.get('/apis/apiregistration.k8s.io/v1/apiservices'),
    controlPlane.api.ask('GET', '/apis', undefined, {
      accept: ['v2', 'v2beta1']
        .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
        .join(','),
    }),
  ]);
  const freshness = new Map<string, string>();
  for (const group of JSON.parse(discovery.body).items ?? []) {
    for (const version of group.versions) freshness.set(`${version.version}.${group.metadata.name}`, version.freshness);
  }
  return {
    conditions: new Map(list.items.map((item: any) => [item.metadata.name, item.status?.conditions?.[0]])),
    freshness,
  };
};

/** A part of a text, or a regular expression between slashes. */
const holds = (text: string, part: string | undefined): boolean => {
  const pattern = /^\/(.*)\/$/s.exec(part ?? '')?.[1];
  return pattern === undefined ? text.includes(part ?? '') : new RegExp(pattern).test(text);
};

const conditionMismatch = (wanted: Awaited['condition'], seen: Condition | undefined): StillMissing => {
  if (wanted === undefined) return undefined;
  if (wanted === 'none') return seen === undefined ? undefined : `condition ${seen.reason}: ${seen.message}`;
  const matches =
    seen?.status === wanted.status && seen.reason === wanted.reason && holds(seen.message, wanted.message);
  return matches ? undefined : `condition ${seen?.status} ${seen?.reason}: ${seen?.message}`;
};

const answerMismatch = async (
  controlPlane: ControlPlane,
  name: string,
  wanted: Awaited['answer'],
): Promise<StillMissing> => {
  if (wanted === undefined) return undefined;
  const { status, body } =
    typeof wanted === 'number' ? { status: wanted, body: undefined } : { body: undefined, ...wanted };
  const answer = await controlPlane.api.ask('GET', discoveryPath(name), undefined, { accept: 'application/json' });
  const matches = answer.status === status && holds(answer.body, body);
  return matches ? undefined : `answer ${answer.status} ${answer.body.slice(0, 200)}`;
};

const mismatch = async (
  controlPlane: ControlPlane,
  situation: Situation,
  observation: Observation,
): Promise<StillMissing> => {
  for (const [name, wanted] of Object.entries(situation.until)) {
    const freshness = observation.freshness.get(name);
    const missing =
      (observation.conditions.has(name) ? undefined : 'not there') ??
      conditionMismatch(wanted.condition, observation.conditions.get(name)) ??
      (wanted.freshness === undefined || wanted.freshness === freshness ? undefined : `freshness ${freshness}`) ??
      (await answerMismatch(controlPlane, name, wanted.answer));
    if (missing !== undefined) return `${name}: ${missing}`;
  }
  for (const { path, body } of situation.untilAnswers) {
    const answer = await controlPlane.api.ask('GET', path);
    if (!holds(answer.body, body)) return `${path}: ${answer.status} ${answer.body.slice(0, 600)}`;
  }
  return undefined;
};

const awaitAvailable = (controlPlane: ControlPlane, name: string): Promise<void> =>
  until(`APIService ${name} to be Available`, 40_000, async () => {
    const condition = (await observe(controlPlane)).conditions.get(name);
    return condition?.status === 'True' ? undefined : `condition ${condition?.status}`;
  });

/** Situations whose awaited state did not come, with what was seen instead. */
export type Unmet = ReadonlyMap<string, string>;

const awaitAll = async (
  controlPlane: ControlPlane,
  situations: readonly PlacedSituation[],
  deadlineMs: number,
  log: (line: string) => void,
): Promise<Unmet> => {
  const startedAt = Date.now();
  let unmet: Unmet = new Map(situations.map(({ name }) => [name, 'not asked yet']));
  // All are asked again at the end: one that was met early may have changed since.
  for (;;) {
    const observation = await observe(controlPlane);
    const still = new Map<string, string>();
    await each(situations, async (situation) => {
      const missing = await mismatch(controlPlane, situation, observation);
      if (missing !== undefined) still.set(situation.name, missing);
      else if (unmet.has(situation.name)) {
        log(`${controlPlane.kube} ${situation.name} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
      }
    });
    unmet = still;
    if (unmet.size === 0 || Date.now() - startedAt > deadlineMs) return unmet;
    await sleep(500);
  }
};

/** What was seen instead, and the last words of the released servers that stand behind it. */
const withLogs = (
  controlPlane: ControlPlane,
  situation: PlacedSituation,
  seen: string | undefined,
): readonly (readonly [string, string])[] => {
  if (seen === undefined) return [];
  const logs = placedPods(situation)
    .filter(({ server }) => server !== undefined)
    .map(({ name }) => `${name}: ${serverLog(controlPlane, situation, name).split('\n').slice(-4).join('\n')}`);
  return [[situation.name, [seen, ...logs].join('\n')]];
};

/** The home of the person who used kubectl before the registration. */
export const homeOf = ({ network }: ControlPlane, { name }: Pick<Situation, 'name'>): string =>
  join(network.folder, `home-${name}`);

const fillKubectlCache = (controlPlane: ControlPlane, situation: Situation): Promise<unknown> =>
  promisify(execFile)(binaryPath('kubectl'), ['api-resources'], {
    env: { HOME: homeOf(controlPlane, situation), KUBECONFIG: controlPlane.kubeconfigPath },
  });

const longestConditionLag = 90_000;

/** Brings situations up side by side and waits until each has the state it awaits. */
export const deploySituations = async (
  controlPlane: ControlPlane,
  situations: readonly Situation[],
  log: (line: string) => void,
): Promise<Unmet> => {
  const { api, network } = controlPlane;
  const placed = situations.map((situation, place): PlacedSituation => ({ ...situation, place }));
  const folder = join(network.folder, 'situations');
  mkdirSync(folder);
  const issued = issueCertificates(folder, placed.flatMap(certificateSpecs));
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  const backends = placed.flatMap((situation) => backendConfigurations(situation, issued, write));
  const hosting = controlPlane.start('serve', 'misbehaving-server', [
    'serve',
    write('backends.json', JSON.stringify(backends)),
  ]);
  const hosted = hosting.firstLine;
  await each(placed, (situation) => createNamespace(controlPlane, situation));
  await each(placed, (situation) => createAll(controlPlane, situation, accessObjects(situation)));
  await Promise.all([hosted, controlPlane.startNode(placed.flatMap(podForwards))]);
  await each(placed, async (situation) => {
    await createAll(controlPlane, situation, backendObjects(situation, issued));
    await writePodStatuses(controlPlane, situation);
    await each(placedPods(situation), (pod) => startExtensionApiServer(controlPlane, situation, pod, issued));
  });
  await awaitEndpoints(controlPlane, placed);
  await each(
    placed.filter(({ kubectlUsedBefore }) => kubectlUsedBefore),
    (situation) => fillKubectlCache(controlPlane, situation),
  );
  await each(placed, async (situation) => {
    const register = async (object: KubernetesObject): Promise<void> => {
      await api.create(object);
      if (situation.established)
        await controlPlane.backdate(`/registry/apiregistration.k8s.io/apiservices/${object.metadata.name}`, dayOld());
    };
    const late = new Set(
      situation.apiServices.flatMap(({ name, afterOthers }) => (afterOthers === true ? [name] : [])),
    );
    const objects = apiServiceObjects(situation, issued);
    const first = objects.filter(({ metadata }) => !late.has(metadata.name));
    await each(first, register);
    if (late.size > 0) {
      await each(first, ({ metadata: { name } }) => awaitAvailable(controlPlane, name));
      await each(
        objects.filter((object) => !first.includes(object)),
        register,
      );
    }
    await createAll(controlPlane, situation, situation.createAfterwards);
    await each(situation.deleteAfterwards, (object) => api.delete(inNamespace(situation, object)));
    await each(situation.requests, ({ method, path, body }) =>
      until(`${method} ${path}`, 40_000, async () => {
        const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
        const answer = await api.ask(method, path, body, headers);
        return answer.status < 300 ? undefined : `${answer.status} ${answer.body}`;
      }),
    );
  });
  const unmet = await awaitAll(controlPlane, placed, longestConditionLag, log);
  return new Map(placed.flatMap((situation) => withLogs(controlPlane, situation, unmet.get(situation.name))));
};
