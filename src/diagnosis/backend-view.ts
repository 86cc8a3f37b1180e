import { readyAddressesInEndpoints, readyAddressesInSlices, servicePort } from '../aggregation/endpoints.ts';
import type { BackendFactName, BackendFacts, RemoteApiService } from '../checks/define-check.ts';
import type { Fact, FactName, Facts, FactsByName, Missing } from '../model/facts.ts';

/** A backend fact with the snapshot fact behind it, which a missing one names. */
type Viewed<Name extends BackendFactName> = { readonly source: FactName; readonly fact: Fact<BackendFacts[Name]> };

export type BackendView = { readonly [Name in BackendFactName]: Viewed<Name> };

/** The last minor whose availability check reads Endpoints; later ones read EndpointSlices. */
const LAST_MINOR_WITH_ENDPOINTS = 33;

const at = <T>(facts: FactsByName<T>, name: string): Fact<T> =>
  (Object.hasOwn(facts, name) ? facts[name] : undefined) ?? {
    state: 'notCollected',
    detail: 'not part of this snapshot',
  };

const map = <A, B>(fact: Fact<A>, convert: (value: A) => B): Fact<B> =>
  fact.state === 'known' ? { state: 'known', value: convert(fact.value) } : fact;

/** All of them, or the first that is missing. */
const allOf = <T>(facts: FactsByName<T>): Fact<Readonly<Record<string, T>>> => {
  const values: Record<string, T> = {};
  for (const [name, fact] of Object.entries(facts)) {
    if (fact.state !== 'known') return fact;
    values[name] = fact.value;
  }
  return { state: 'known', value: values };
};

const readsEndpoints = ({ serverVersion }: Facts): boolean =>
  serverVersion.state === 'known' && serverVersion.value.minor <= LAST_MINOR_WITH_ENDPOINTS;

const readyAddresses = (facts: Facts, { service: ref }: RemoteApiService): Viewed<'readyAddresses'> => {
  const services = at(facts.services, ref.namespace);
  if (services.state !== 'known') return { source: 'services', fact: services };
  const service = services.value.find(({ name }) => name === ref.name);
  const port = service && servicePort(service, ref);
  if (!service || !port) return { source: 'services', fact: { state: 'known', value: [] } };
  return readsEndpoints(facts)
    ? {
        source: 'endpoints',
        fact: map(at(facts.endpoints, ref.namespace), (endpoints) =>
          readyAddressesInEndpoints(endpoints, service, port),
        ),
      }
    : {
        source: 'endpointSlices',
        fact: map(at(facts.endpointSlices, ref.namespace), (slices) => readyAddressesInSlices(slices, service, port)),
      };
};

/** What can be known of the backend of one APIService. */
export const backendView = (facts: Facts, apiService: RemoteApiService): BackendView => {
  const { namespace, name } = apiService.service;
  return {
    serverVersion: { source: 'serverVersion', fact: facts.serverVersion },
    namespace: { source: 'namespaces', fact: at(facts.namespaces, namespace) },
    service: {
      source: 'services',
      fact: map(at(facts.services, namespace), (services) => services.find((service) => service.name === name) ?? null),
    },
    readyAddresses: readyAddresses(facts, apiService),
    pods: { source: 'pods', fact: at(facts.pods, namespace) },
    answer: { source: 'answers', fact: at(facts.answers, apiService.name) },
    servedChains: { source: 'servedChains', fact: at(facts.servedChains, apiService.name) },
    terminatingNamespaces: { source: 'terminatingNamespaces', fact: facts.terminatingNamespaces },
    autoscalers: { source: 'autoscalers', fact: facts.autoscalers },
    caller: { source: 'caller', fact: facts.caller },
    authenticationConfiguration: { source: 'authenticationConfiguration', fact: facts.authenticationConfiguration },
    roleBindings: { source: 'roleBindings', fact: facts.roleBindings },
    roles: { source: 'roles', fact: allOf(facts.roles) },
    networkPolicies: { source: 'networkPolicies', fact: at(facts.networkPolicies, namespace) },
    disruptionBudgets: { source: 'disruptionBudgets', fact: at(facts.disruptionBudgets, namespace) },
    resourceProbe: { source: 'resourceProbes', fact: at(facts.resourceProbes, apiService.name) },
  };
};

/** The first of the needed facts that is missing, with the snapshot fact it comes from. */
export const firstMissing = (
  view: BackendView,
  needs: readonly BackendFactName[],
): { readonly source: FactName; readonly missing: Missing } | null => {
  for (const need of needs) {
    const { source, fact } = view[need];
    if (fact.state !== 'known') return { source, missing: fact };
  }
  return null;
};
