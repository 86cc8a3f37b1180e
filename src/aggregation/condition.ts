import type { Availability } from '../model/facts.ts';
import type { Failure, FailureKind } from './failure.ts';
import { readGoError, readHttpStatus } from './go-error.ts';

const plain = (kind: FailureKind, text: string): Failure => ({
  kind,
  text,
  address: null,
  port: null,
  url: null,
  httpStatus: null,
  boundary: null,
});

const hostOf = (url: string): { address: string | null; port: number | null } => {
  const parts = /^https?:\/\/(?:\[([^\]]+)\]|([^/:]+))(?::(\d+))?/.exec(url);
  return { address: parts?.[1] ?? parts?.[2] ?? null, port: parts?.[3] === undefined ? null : Number(parts[3]) };
};

/** The inner words of a FailedDiscoveryCheck, without their wrappers (remote_available_controller.go, sync). */
const readDiscoveryFailure = (message: string): Failure => {
  const waited = /^timed out waiting for (\S+)$/.exec(message);
  if (waited?.[1] !== undefined)
    return { ...plain('connectionTimedOut', message), url: waited[1], ...hostOf(waited[1]) };
  // `no response from`: up to 1.10.
  const wrapped = /^(?:failing or missing|no) response from (\S+): ([\s\S]*)$/.exec(message);
  if (wrapped?.[1] === undefined || wrapped[2] === undefined) return readResolution(message);
  const [, url, rest] = wrapped;
  const status = /^bad status from \S+: (\d{3})$/.exec(rest);
  const failure = status
    ? readHttpStatus(Number(status[1]), rest)
    : readGoError(rest.replace(/^Get "?[^"\s]*?"?: /, ''));
  const host = hostOf(url);
  return { ...failure, url, address: failure.address ?? host.address, port: failure.port ?? host.port };
};

/**
 * The sentences of the availability check before it dials (remote_available_controller.go, sync) and of the Service resolver
 * (apiserver pkg/util/proxy/proxy.go).
 */
const undialled: readonly (readonly [RegExp, FailureKind])[] = [
  [/\bservice\/\S+ in "[^"]*" is not present|\bservice "[^"]*" not found/, 'serviceMissing'],
  [/\bservice\/\S+ in "[^"]*" is not listening on port|\bno service port \d+ found for service /, 'servicePortMissing'],
  [
    /\bcannot find endpoint(?:slice)?s for service\/|\bendpoint(?:slice)?s for service\/\S+ in "[^"]*" have no addresses|\bno endpoints available for service |\b[Ee]ndpoints "[^"]*" not found/,
    'endpointsMissing',
  ],
  [/\bcannot route to service with ClusterIP "/, 'serviceHeadless'],
  [
    /\bservice\/\S+ in "[^"]*" cannot be checked due to|\bunsupported service type |\bservice (?:"[^"]*"|\S+) is not of type /,
    'serviceNotCheckable',
  ],
];

/** The kind of the first such sentence in the text; null where there is none. */
export const findUndialled = (text: string): FailureKind | null =>
  undialled.find(([pattern]) => pattern.test(text))?.[1] ?? null;

const readResolution = (message: string): Failure => {
  const kind = findUndialled(message);
  return kind === null ? readGoError(message) : plain(kind, message);
};

const byReason: ReadonlyMap<string, (message: string) => Failure> = new Map(
  Object.entries({
    ServiceNotFound: (message) => plain('serviceMissing', message),
    ServicePortError: (message) => plain('servicePortMissing', message),
    EndpointsNotFound: (message) => plain('endpointsMissing', message),
    MissingEndpoints: (message) => plain('endpointsMissing', message),
    ServiceAccessError: (message) => plain('serviceNotCheckable', message),
    EndpointsAccessError: (message) => plain('serviceNotCheckable', message),
    FailedDiscoveryCheck: readDiscoveryFailure,
  }),
);

/**
 * What an Available condition that is not True says, for every wording of 1.19 to 1.36; null when it is True.
 * A reason that kube-apiserver does not write (another program did) is read by its message alone.
 */
export const readCondition = ({ status, reason, message }: Availability): Failure | null =>
  status === 'True' ? null : (byReason.get(reason) ?? readDiscoveryFailure)(message);
