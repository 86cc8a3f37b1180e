import type { RawApiService, RawFactValues } from '../../../snapshot/raw-snapshot.ts';

/** A ready endpoint of the port that an APIService names. */
export interface ReadyEndpoint {
  /** `10.244.0.10:8443` */
  readonly address: string;
  readonly port: number;
  /** Null where the endpoint is no Pod. */
  readonly pod: string | null;
}

export const NO_POD = 'the endpoint is no Pod, so port-forward does not lead there';

const addressText = (address: string, port: number): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

/** In the order of the slices. */
export const readyEndpoints = (
  { spec }: RawApiService,
  services: RawFactValues['services'],
  endpointSlices: RawFactValues['endpointSlices'],
): readonly ReadyEndpoint[] => {
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
            : [
                {
                  address: addressText(address, port),
                  port,
                  pod: targetRef?.kind === 'Pod' ? (targetRef.name ?? null) : null,
                },
              ];
        });
    });
  // A dual-stack Service has a slice for each family, with the same Pods.
  return found.filter(
    ({ pod, port }, index) =>
      pod === null || found.findIndex((other) => other.pod === pod && other.port === port) === index,
  );
};
