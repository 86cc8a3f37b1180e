import type { RawApiService, RawFactName, RawFactValues } from '../../../snapshot/raw-snapshot.ts';
import type { Look } from '../look.ts';

/** One rule of the ClusterRole that a collector needs; `nonResourceURL` for a path that is no resource. */
export type Permission =
  | { readonly verb: 'get' | 'list' | 'create'; readonly group: string; readonly resource: string }
  | { readonly verb: 'get'; readonly nonResourceURL: string };

/** What is known before the second wave: the remote APIServices that are asked about, and the server's minor version. */
export interface Targets {
  readonly apiServices: readonly RawApiService[];
  readonly minor: number | null;
}

/** Reads one fact of the whole cluster, in the first wave. */
export interface ClusterCollector<Name extends RawFactName> {
  readonly fact: Name;
  readonly requires: readonly Permission[];
  readonly collect: (look: Look) => Promise<RawFactValues[Name]>;
}

/** Reads one fact for each of several names, in the second wave. */
export interface NamedCollector<Name extends RawFactName> {
  readonly fact: Name;
  readonly requires: readonly Permission[];
  readonly names: (targets: Targets) => readonly string[];
  readonly collect: (look: Look, name: string, targets: Targets) => Promise<RawFactValues[Name]>;
}

/** What is known before the third wave of one APIService's backend. */
export interface FoundBackend {
  readonly services: RawFactValues['services'];
  readonly endpointSlices: RawFactValues['endpointSlices'];
}

/** Reads one fact for each APIService from what the second wave found, in the third wave. */
export interface BackendCollector<Name extends RawFactName> {
  readonly fact: Name;
  readonly requires: readonly Permission[];
  readonly collectBackend: (
    look: Look,
    apiService: RawApiService,
    found: FoundBackend,
    maxEndpoints: number,
  ) => Promise<RawFactValues[Name]>;
}

export type Collector<Name extends RawFactName> =
  | ClusterCollector<Name>
  | NamedCollector<Name>
  | BackendCollector<Name>;

/** The namespaces in which the Services of these APIServices live. */
export const backendNamespaces = ({ apiServices }: Targets): readonly string[] => [
  ...new Set(apiServices.flatMap(({ spec }) => (spec.service ? [spec.service.namespace] : []))),
];
