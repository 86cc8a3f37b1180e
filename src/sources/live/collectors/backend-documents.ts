import { backendKey, type ServiceReference } from '../../../model/facts.ts';
import type { RawApiService, RawBackendDocuments, RawFact } from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import type { Documents } from '../look.ts';
import { AGGREGATED, LEGACY } from './discovery-documents.ts';
import { type Found, foundFor, type NamedCollector } from './define-collector.ts';
import { NO_POD, readyEndpoints } from './ready-endpoints.ts';

const referenceOf = ({ spec }: RawApiService): ServiceReference | null =>
  spec.service ? { ...spec.service, port: spec.service.port ?? 443 } : null;

const keyOf = (apiService: RawApiService): string | null => {
  const reference = referenceOf(apiService);
  return reference && backendKey(reference);
};

/** After a request that failed nothing else is asked in the same turn. */
const inTurn = (): (<T>(ask: () => Promise<T>) => Promise<RawFact<T>>) => {
  let failure: string | null = null;
  return async (ask) => {
    if (failure !== null) return { state: 'notCollected', detail: `not asked, since: ${failure}` };
    try {
      return { state: 'known', value: await ask() };
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      failure = error.message;
      return { state: error.state, detail: error.message };
    }
  };
};

const discoveryOf = async (
  documents: Documents,
  apiServices: readonly RawApiService[],
): Promise<Pick<RawBackendDocuments, 'groups' | 'lists'>> => {
  const attempt = inTurn();
  const groups = await attempt(() => documents.discovery('/apis', AGGREGATED));
  const lists: RawBackendDocuments['lists'] = {};
  for (const { metadata, spec } of apiServices) {
    const path = `/apis/${encodeURIComponent(spec.group ?? '')}/${encodeURIComponent(spec.version ?? '')}`;
    lists[metadata.name] = await attempt(() => documents.discovery(path, LEGACY));
  }
  return { groups, lists };
};

const openApiOf = async (documents: Documents): Promise<Pick<RawBackendDocuments, 'openApiV3' | 'openApiV2'>> => {
  const attempt = inTurn();
  return {
    openApiV3: await attempt(() => documents.openApi('/openapi/v3')),
    openApiV2: await attempt(() => documents.openApi('/openapi/v2')),
  };
};

const servedBy = ({ apiServices }: Found, key: string): readonly RawApiService[] =>
  apiServices.filter((apiService) => keyOf(apiService) === key);

export const backendDocuments: NamedCollector<'backendDocuments'> = {
  fact: 'backendDocuments',
  wave: 3,
  requires: [
    { verb: 'get', group: '', resource: 'pods/portforward' },
    { verb: 'create', group: '', resource: 'pods/portforward' },
  ],
  names: ({ apiServices }) => [...new Set(apiServices.flatMap((apiService) => keyOf(apiService) ?? []))],
  collect: async (look, key, found) => {
    const apiServices = servedBy(found, key);
    const [first] = apiServices;
    const service = first && referenceOf(first);
    if (!service) return null;
    const { namespace, name } = service;
    const ready = readyEndpoints(
      first,
      foundFor(found.facts.services, namespace),
      foundFor(found.facts.endpointSlices, namespace),
    );
    const endpoint = ready.find(({ pod }) => pod !== null) ?? ready[0];
    if (!endpoint) return null;
    const { address, port, pod } = endpoint;
    if (pod === null) throw new RequestFailed('unreachable', NO_POD);
    const serverName = `${name}.${namespace}.svc`;
    const [discovery, openApi] = await Promise.all([
      look.podDocuments({ namespace, pod, port }, serverName, (documents) => discoveryOf(documents, apiServices)),
      look.podDocuments({ namespace, pod, port }, serverName, openApiOf),
    ]);
    const parts = [discovery.groups, openApi.openApiV3];
    const [failure] = parts;
    // Not even a connection: that is a missing fact, not an empty one.
    if (
      failure &&
      failure.state !== 'known' &&
      failure.state !== 'timedOut' &&
      parts.every(({ state }) => state === failure.state)
    )
      throw new RequestFailed(failure.state, failure.detail);
    return { address, pod, ...discovery, ...openApi };
  },
};
