import type { Endpoints, EndpointSlice, Pod, Service, ServicePort, ServiceReference } from '../model/facts.ts';

/** The Service's port that the APIService names: by number alone (remote_available_controller.go, sync). */
export const servicePort = (service: Service, ref: ServiceReference): ServicePort | null =>
  service.ports.find(({ port }) => port === ref.port) ?? null;

/**
 * Ready addresses as the availability check of 1.34 and later counts them: the slice carries the Service's name as label, and
 * holds both a ready endpoint and a numbered port of the Service port's name.
 */
export const readyAddressesInSlices = (
  slices: readonly EndpointSlice[],
  service: Service,
  port: ServicePort,
): readonly string[] =>
  slices
    .filter(
      ({ serviceName, ports }) =>
        serviceName === service.name &&
        ports.some((candidate) => candidate.name === port.name && candidate.port !== null),
    )
    .flatMap(({ endpoints }) => endpoints.filter(({ ready }) => ready).flatMap(({ addresses }) => addresses));

/** The same up to 1.33: the Endpoints object named like the Service, subset by subset. */
export const readyAddressesInEndpoints = (
  endpoints: readonly Endpoints[],
  service: Service,
  port: ServicePort,
): readonly string[] =>
  endpoints
    .filter(({ name }) => name === service.name)
    .flatMap(({ subsets }) =>
      subsets.filter(({ ports }) => ports.some(({ name }) => name === port.name)).flatMap(({ ready }) => ready),
    );

/**
 * The Pods behind a Service; none without selector, whose endpoints somebody else writes, and none for an ExternalName, which
 * ignores it. What has ended or is being deleted is no endpoint, and counts only where there is nothing else
 * (k8s.io/endpointslice util ShouldPodBeInEndpoints).
 */
export const selectedPods = (service: Service, pods: readonly Pod[]): readonly Pod[] => {
  const found = labelledPods(service, pods);
  const staying = found.filter(isStaying);
  return staying.length > 0 ? staying : found;
};

/** Those that its selector matches, whatever becomes of them. */
export const labelledPods = (service: Service, pods: readonly Pod[]): readonly Pod[] => {
  const wanted = Object.entries(service.selector);
  return wanted.length === 0 || service.type === 'ExternalName'
    ? []
    : pods.filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value));
};

/** Of a Pod that never runs again. */
export const hasEnded = (phase: string): boolean => phase === 'Succeeded' || phase === 'Failed';

const isStaying = ({ phase, deletedAt }: Pod): boolean => deletedAt === null && !hasEnded(phase);

export const selectorText = (service: Service): string =>
  Object.entries(service.selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
