import type { RawApiService, RawFact, RawFactName, RawFacts, RawFactValues } from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import type { Look } from '../look.ts';

/**
 * One rule of the ClusterRole that a collector needs; `nonResourceURL` for a path that is no resource. Every user may make
 * self-reviews (ClusterRole system:basic-user), so they are not named.
 */
export type Permission =
  | {
      readonly verb: 'get' | 'list' | 'watch' | 'create';
      readonly group: string;
      readonly resource: string;
      readonly resourceName?: string;
      /** Who asks for it; without it, everybody. It is then no part of the role. */
      readonly optional?: string;
    }
  | { readonly verb: 'get'; readonly nonResourceURL: string };

/** What is known before a wave. */
export interface Found {
  /** The remote APIServices that are asked about; none before the second wave. */
  readonly apiServices: readonly RawApiService[];
  /** The server's minor version; null where unknown. */
  readonly minor: number | null;
  /** The facts of the earlier waves, as far as they were asked for. */
  readonly facts: Partial<RawFacts>;
  /** Endpoints of one Service that are looked at. */
  readonly maxEndpoints: number;
  /** Connections over which `samples` asks. */
  readonly samples: number;
  /** Whether what names the groups is asked for although they answer. */
  readonly dependents: boolean;
}

interface AnyCollector<Name extends RawFactName> {
  readonly fact: Name;
  readonly requires: readonly Permission[];
  /** 1: needs nothing; 2: needs the APIServices; 3: needs facts of the second. */
  readonly wave: 1 | 2 | 3;
}

/** Reads one fact of the whole cluster. */
export interface ClusterCollector<Name extends RawFactName> extends AnyCollector<Name> {
  /** Whether what was found so far asks for it; default: always. */
  readonly isNeeded?: (found: Found) => boolean;
  readonly collect: (look: Look, found: Found) => Promise<RawFactValues[Name]>;
}

/** Reads one fact for each of several names. */
export interface NamedCollector<Name extends RawFactName> extends AnyCollector<Name> {
  readonly names: (found: Found) => readonly string[];
  readonly collect: (look: Look, name: string, found: Found) => Promise<RawFactValues[Name]>;
}

export type Collector<Name extends RawFactName> = ClusterCollector<Name> | NamedCollector<Name>;

/** The namespaces in which the Services of these APIServices live. */
export const backendNamespaces = ({ apiServices }: Found): readonly string[] => [
  ...new Set(apiServices.flatMap(({ spec }) => (spec.service ? [spec.service.namespace] : []))),
];

/** Those of which condition or answer says that requests fail: what stands behind them is worth more requests. */
export const failingOnes = ({ apiServices, facts }: Found): readonly RawApiService[] =>
  apiServices.filter(({ metadata, status }) => {
    const condition = status?.conditions?.find(({ type }) => type === 'Available');
    const answer = facts.answers?.[metadata.name];
    return (
      condition?.status !== 'True' ||
      (answer?.state === 'known' && (answer.value.httpStatus < 200 || answer.value.httpStatus > 299))
    );
  });

export const failingNamespaces = (found: Found): readonly string[] =>
  backendNamespaces({ ...found, apiServices: failingOnes(found) });

/** Whether a request got lost between kube-apiserver and a backend, as far as reason and status tell. */
export const isWayBroken = (found: Found): boolean =>
  failingOnes(found).some(({ status }) => {
    const condition = status?.conditions?.find(({ type }) => type === 'Available');
    return condition?.status === 'True' || condition?.reason === 'FailedDiscoveryCheck';
  });

/** Whether anybody wants to know who depends on the groups: where one fails, or where it was asked for. */
export const areDependentsNeeded = (found: Found): boolean => found.dependents || failingOnes(found).length > 0;

/** Whether a webhook is called through one of these APIServices' Services, or through the API server as an APIService may be. */
export const leadsToBackend = (
  { apiServices }: Found,
  service: { readonly namespace: string; readonly name: string } | null | undefined,
): boolean =>
  Boolean(service) &&
  [{ namespace: 'default', name: 'kubernetes' }, ...apiServices.flatMap(({ spec }) => spec.service ?? [])].some(
    ({ namespace, name }) => namespace === service?.namespace && name === service.name,
  );

/** Whether one of these groups is named: by `*` none is. */
export const namesGroup = ({ apiServices }: Found, groups: readonly string[] | null | undefined): boolean =>
  apiServices.some(({ spec }) => spec.group && groups?.includes(spec.group));

export const apiServiceNames = ({ apiServices }: Found): readonly string[] =>
  apiServices.map(({ metadata }) => metadata.name);

/**
 * What an earlier wave read under a name.
 * @throws RequestFailed where it could not be read, for the same reason
 */
export const foundFor = <T>(facts: Readonly<Record<string, RawFact<T>>> | undefined, name: string): T => {
  const fact = facts?.[name];
  if (fact?.state === 'known') return fact.value;
  throw new RequestFailed(fact?.state ?? 'notCollected', fact?.detail ?? 'what leads there was not read');
};
