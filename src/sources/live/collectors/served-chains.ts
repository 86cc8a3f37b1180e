import type { RawApiService, RawFactValues, RawServedChains } from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import type { Look } from '../look.ts';
import { apiServiceNames, foundFor, type NamedCollector } from './define-collector.ts';

type Endpoint = RawServedChains['endpoints'][number];

/** A ready endpoint of the port that the APIService names. */
interface Candidate {
  readonly address: string;
  readonly port: number;
  /** Null where the endpoint is no Pod. */
  readonly pod: string | null;
}

const addressText = (address: string, port: number): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

const candidatesOf = (
  { spec }: RawApiService,
  services: RawFactValues['services'],
  endpointSlices: RawFactValues['endpointSlices'],
): readonly Candidate[] => {
  const ref = spec.service;
  const service = ref && services.find(({ metadata }) => metadata.name === ref.name);
  const servicePort = service?.spec.ports?.find(({ port }) => port === (ref?.port ?? 443));
  if (!service || !servicePort) return [];
  const found = endpointSlices
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
    .flatMap(({ ports, endpoints }) => {
      const port = ports?.find(({ name }) => (name ?? '') === (servicePort.name ?? ''))?.port;
      if (typeof port !== 'number') return [];
      return (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready ?? true)
        .flatMap(({ addresses, targetRef }) => {
          const [address] = addresses;
          return address === undefined
            ? []
            : [{ address, port, pod: targetRef?.kind === 'Pod' ? (targetRef.name ?? null) : null }];
        });
    });
  // A dual-stack Service has a slice for each family, with the same Pods.
  return found.filter(
    ({ pod, port }, index) =>
      pod === null || found.findIndex((other) => other.pod === pod && other.port === port) === index,
  );
};

const notReached = (candidate: Candidate, detail: string): Endpoint => ({
  address: addressText(candidate.address, candidate.port),
  pod: candidate.pod,
  chain: [],
  tlsVersion: null,
  outcome: 'notReached',
  detail,
});

const lookAt = async (look: Look, namespace: string, serverName: string, candidate: Candidate): Promise<Endpoint> => {
  const { pod, port, address } = candidate;
  if (pod === null) return notReached(candidate, 'the endpoint is no Pod, so port-forward does not lead there');
  const { chain, tlsVersion, outcome, detail, alert } = await look.handshake({ namespace, pod, port }, serverName);
  return {
    address: addressText(address, port),
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
    const candidates = candidatesOf(
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
