import fc from 'fast-check';
import type { KubernetesObject } from '../lab/api-client.ts';
import type { ApiServiceSpec } from '../lab/situation.ts';

/** Names that several groups have, so that something has to decide between them. */
const nouns = ['deployment', 'widget', 'gadget', 'job', 'event', 'order', 'zoo', 'pod', 'node', 'ingresse'] as const;
const shortNames = ['deploy', 'wd', 'po', 'ev', 'ord', 'hpa', 'gadget', 'x'] as const;
const versions = ['v1', 'v2', 'v10', 'v1beta1', 'v1beta2', 'v2alpha1', 'v11alpha2', 'foo1', 'foo10', 'zeta'] as const;
/** Few, so that there are ties; the bounds, and what built-in groups and CRDs have. */
const groupPriorities = [1, 100, 999, 1000, 1001, 2000, 16100, 17800, 18000, 20000] as const;
const versionPriorities = [1, 10, 100, 1000] as const;

export const groupPriority = fc.constantFrom(...groupPriorities);

const servedResource = fc.record({
  noun: fc.constantFrom(...nouns),
  short: fc.subarray([...shortNames], { maxLength: 2 }),
});

const apiServiceOf = fc.record({
  version: fc.constantFrom(...versions),
  groupPriorityMinimum: groupPriority,
  versionPriority: fc.constantFrom(...versionPriorities),
  /** Whether the backend knows it; else it is registered and never Available. */
  served: fc.boolean(),
  resource: servedResource,
});

const group = fc.record({
  remote: fc.uniqueArray(apiServiceOf, { selector: ({ version }) => version, maxLength: 4 }),
  custom: fc.option(
    fc.record({
      versions: fc.uniqueArray(fc.constantFrom(...versions), { minLength: 1, maxLength: 5 }),
      resource: servedResource,
    }),
    { freq: 2 },
  ),
});

/** Names that begin alike: a dot, a dash and a digit sort differently from what one thinks. */
const groupNames = (count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, index) =>
      [`g${index}.example.com`, `g-${index}.example.com`, `${'zyxw'[index % 4]}${index}.g.example.com`][index % 3] ??
      '',
  );

const kindOf = (noun: string): string => `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;

export interface GeneratedCluster {
  readonly apiServices: readonly ApiServiceSpec[];
  readonly customResources: readonly KubernetesObject[];
  /** The documents of the group versions that the backend serves. */
  readonly routes: readonly { readonly path: string; readonly json: unknown }[];
  /** Names to be typed at kubectl. */
  readonly typed: readonly string[];
}

/** Groups with remote versions, with CRDs, and with both, even of one version; the same for the same seed. */
export const generatedCluster = (seed: number, groups: number): GeneratedCluster => {
  const made = fc
    .sample(group, { seed, numRuns: groups })
    .map((each, index) => ({ ...each, name: groupNames(groups)[index] ?? '' }));
  const remote = made.flatMap(({ name, remote: apiServices }) => apiServices.map((each) => ({ ...each, group: name })));
  return {
    apiServices: remote.map(({ version, group: name, groupPriorityMinimum, versionPriority }) => ({
      name: `${version}.${name}`,
      groupPriorityMinimum,
      versionPriority,
    })),
    customResources: made.flatMap(({ name, custom }) =>
      custom
        ? [
            {
              apiVersion: 'apiextensions.k8s.io/v1',
              kind: 'CustomResourceDefinition',
              metadata: { name: `${custom.resource.noun}s.${name}` },
              spec: {
                group: name,
                scope: 'Namespaced',
                names: {
                  plural: `${custom.resource.noun}s`,
                  singular: custom.resource.noun,
                  kind: kindOf(custom.resource.noun),
                  shortNames: custom.resource.short,
                },
                versions: custom.versions.map((version, index) => ({
                  name: version,
                  served: true,
                  storage: index === 0,
                  schema: { openAPIV3Schema: { type: 'object' } },
                })),
              },
            },
          ]
        : [],
    ),
    routes: remote
      .filter(({ served }) => served)
      .map(({ version, group: name, resource: { noun, short } }) => ({
        path: `/apis/${name}/${version}`,
        json: {
          kind: 'APIResourceList',
          apiVersion: 'v1',
          groupVersion: `${name}/${version}`,
          resources: [
            {
              name: `${noun}s`,
              singularName: noun,
              namespaced: true,
              kind: kindOf(noun),
              verbs: ['get', 'list'],
              shortNames: short,
            },
          ],
        },
      })),
    typed: [
      ...nouns.flatMap((noun) => [`${noun}s`, noun, kindOf(noun)]),
      ...shortNames,
      'deployments.apps',
      'deployments.v1.apps',
      'deploy.apps',
      'deployments.ap',
      'ev.events.k8s.io',
      'hpa.autoscaling',
      'nodes.metrics',
      'Deployment.v1.apps',
      'Pod.v1.',
      'nosuchthings',
      'jobs.nosuch.example.com',
      ...remote
        .slice(0, 10)
        .flatMap(({ version, group: name, resource: { noun, short } }) => [
          `${noun}s.${name}`,
          `${noun}.${version}.${name}`,
          `${kindOf(noun)}.${version}.${name}`,
          ...short.map((each) => `${each}.${name}`),
        ]),
    ],
  };
};
