import type { RawServedChains } from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import type { Look } from '../look.ts';
import { apiServiceNames, foundFor, type NamedCollector } from './define-collector.ts';
import { NO_POD, readyEndpoints, type ReadyEndpoint } from './ready-endpoints.ts';

type Endpoint = RawServedChains['endpoints'][number];

const notReached = (candidate: ReadyEndpoint, detail: string): Endpoint => ({
  address: candidate.address,
  pod: candidate.pod,
  chain: [],
  tlsVersion: null,
  outcome: 'notReached',
  detail,
});

const lookAt = async (
  look: Look,
  namespace: string,
  serverName: string,
  candidate: ReadyEndpoint,
): Promise<Endpoint> => {
  const { pod, port, address } = candidate;
  if (pod === null) return notReached(candidate, NO_POD);
  const { chain, tlsVersion, outcome, detail, alert } = await look.handshake({ namespace, pod, port }, serverName);
  return {
    address,
    pod,
    chain: (chain ?? []).map((der) => Buffer.from(der).toString('base64')),
    tlsVersion,
    outcome,
    detail: alert === null ? detail : `alert ${alert.name}${detail === '' ? '' : `: ${detail}`}`,
  };
};

export const servedChains: NamedCollector<'servedChains'> = {
  fact: 'servedChains',
  wave: 3,
  // A WebSocket upgrade is a GET; from 1.35 on the API server asks for create as well.
  requires: [
    { verb: 'get', group: '', resource: 'pods/portforward' },
    { verb: 'create', group: '', resource: 'pods/portforward' },
  ],
  names: apiServiceNames,
  collect: async (look, name, { apiServices, facts, maxEndpoints }) => {
    const apiService = apiServices.find(({ metadata }) => metadata.name === name);
    const service = apiService?.spec.service;
    if (!apiService || !service) return { endpoints: [], leftOut: 0 };
    const { namespace } = service;
    const candidates = readyEndpoints(
      apiService,
      foundFor(facts.services, namespace),
      foundFor(facts.endpointSlices, namespace),
    );
    const failures: RequestFailed[] = [];
    const endpoints = await Promise.all(
      candidates.slice(0, maxEndpoints).map(async (candidate) => {
        try {
          return await lookAt(look, namespace, `${service.name}.${namespace}.svc`, candidate);
        } catch (error) {
          if (!(error instanceof RequestFailed)) throw error;
          failures.push(error);
          return notReached(candidate, error.message);
        }
      }),
    );
    // Nothing could be looked at: that is a missing fact, not an empty one.
    const [failure] = failures;
    if (failure && failures.length === endpoints.length) throw failure;
    return { endpoints, leftOut: Math.max(0, candidates.length - maxEndpoints) };
  },
};
