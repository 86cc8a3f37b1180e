import * as v from 'valibot';

import {
  objectSchemas,
  type RawApiService,
  type RawDiscoveryDocument,
  type RawFact,
  type RawFactValues,
  type RawSample,
} from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import type { Look, SeparateLook } from '../look.ts';
import { AGGREGATED } from './discovery-documents.ts';
import type { ClusterCollector, Found } from './define-collector.ts';

/** Between the beginnings of two samples: a condition that kube-apiserver replicas overwrite in turn changes within it. */
const PAUSE_MS = 1000;

const lease = v.object({ spec: v.object({ renewTime: v.nullish(v.string()) }) });

/** Each kube-apiserver renews its own every ten seconds (kubernetes pkg/controlplane/apiserver/server.go, since 1.26). */
const LEASES =
  '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?labelSelector=apiserver.kubernetes.io%2Fidentity%3Dkube-apiserver';
const LATE_RENEWAL_MS = 60_000;

/** How many kube-apiservers renew a Lease: those that lag behind the newest by much are gone. */
const renewedLeases = async (look: Look): Promise<number> => {
  const found = await look.list(LEASES, lease, 'list leases.coordination.k8s.io in namespace kube-system');
  const times = found.map(({ spec }) => Date.parse(spec.renewTime ?? '')).filter((time) => !Number.isNaN(time));
  return times.filter((time) => Math.max(...times) - time < LATE_RENEWAL_MS).length;
};

const attempt = async <T>(ask: () => Promise<T>): Promise<RawFact<T>> => {
  try {
    return { state: 'known', value: await ask() };
  } catch (error) {
    if (error instanceof RequestFailed) return { state: error.state, detail: error.message };
    throw error;
  }
};

type Items = readonly { readonly name?: unknown; readonly metadata?: { readonly name?: unknown } | null }[];

/** The document with the groups asked about only: it may be of megabytes, and is read anew for each sample. */
const ofGroups = (document: RawDiscoveryDocument, groups: ReadonlySet<string>): RawDiscoveryDocument => {
  const value = document.body.form === 'json' ? (document.body.value as Record<string, unknown> | null) : null;
  const field = ['items', 'groups'].find((name) => Array.isArray(value?.[name]));
  if (!value || field === undefined) return document;
  const kept = (value[field] as Items).filter((item) => groups.has(String(item?.metadata?.name ?? item?.name)));
  return { ...document, body: { form: 'json', value: { ...value, [field]: kept } } };
};

const pathOf = ({ spec }: RawApiService): string =>
  `/apis/${encodeURIComponent(spec.group ?? '')}/${encodeURIComponent(spec.version ?? '')}`;

const conditionsOf = (
  items: readonly RawApiService[],
  wanted: ReadonlySet<string>,
): (RawSample['statuses'] & { state: 'known' })['value'] =>
  Object.fromEntries(
    items
      .filter(({ metadata }) => wanted.has(metadata.name))
      .map(({ metadata, status }) => [metadata.name, { conditions: status?.conditions ?? [] }]),
  );

const apiServiceList = [
  '/apis/apiregistration.k8s.io/v1/apiservices',
  objectSchemas.apiServices,
  'list apiservices.apiregistration.k8s.io',
] as const;

const sampleOf = async (look: SeparateLook, { apiServices }: Found): Promise<RawSample> => {
  const names = new Set(apiServices.map(({ metadata }) => metadata.name));
  const groups = new Set(apiServices.map(({ spec }) => spec.group ?? ''));
  const [statuses, document, answers] = await Promise.all([
    attempt(async () => conditionsOf(await look.list(...apiServiceList), names)),
    attempt(async () => ofGroups(await look.documents.discovery('/apis', AGGREGATED), groups)),
    Promise.all(
      apiServices.map(
        async (apiService) => [apiService.metadata.name, await attempt(() => look.answer(pathOf(apiService)))] as const,
      ),
    ),
  ]);
  return { peer: look.peer(), statuses, document, answers: Object.fromEntries(answers) };
};

/** The same questions over several connections: a balancer before kube-apiserver replicas can give each to another one. */
export const samples: ClusterCollector<'samples'> = {
  fact: 'samples',
  wave: 2,
  requires: [
    { verb: 'get', nonResourceURL: '/apis' },
    { verb: 'get', nonResourceURL: '/apis/*' },
    { verb: 'list', group: 'apiregistration.k8s.io', resource: 'apiservices' },
    { verb: 'list', group: 'coordination.k8s.io', resource: 'leases' },
  ],
  collect: async (look, found): Promise<RawFactValues['samples']> => {
    const [kubeApiServers, ...taken] = await Promise.all([
      attempt(() => renewedLeases(look)),
      // Begun one after the other, but not waiting for each other: an answer may take six seconds.
      ...Array.from({ length: found.samples }, (_, index) =>
        look.separately(index * PAUSE_MS, (separate) => sampleOf(separate, found)),
      ),
    ]);
    return { kubeApiServers, taken };
  },
};
