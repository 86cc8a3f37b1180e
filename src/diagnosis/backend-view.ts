import { readyAddressesInEndpoints, readyAddressesInSlices, servicePort } from '../aggregation/endpoints.ts';
import type { BackendFactName, BackendFacts, RemoteApiService } from '../checks/define-check.ts';
import { type ServedResources, servedResources } from '../aggregation/served-resources.ts';
import type { CustomResourceDefinition, Fact, FactName, Facts, FactsByName, Missing } from '../model/facts.ts';

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

const customResources = (facts: Facts, { group }: RemoteApiService): Viewed<'customResources'> => {
  const { customResourceNames: names } = facts;
  if (names.state !== 'known') return { source: 'customResourceNames', fact: names };
  const found: CustomResourceDefinition[] = [];
  for (const name of names.value.filter((each) => each.slice(each.indexOf('.') + 1) === group)) {
    const fact = at(facts.customResources, name);
    if (fact.state !== 'known') return { source: 'customResources', fact };
    if (fact.value) found.push(fact.value);
  }
  return { source: 'customResources', fact: { state: 'known', value: found } };
};

/** The documents are large, and the same for every APIService of a snapshot. */
const served = new WeakMap<Facts, Fact<ServedResources>>();

const servedOnce = (facts: Facts): Fact<ServedResources> => {
  const fact = served.get(facts) ?? servedResources(facts);
  served.set(facts, fact);
  return fact;
};

/** What can be known of the backend of one APIService. */
export const backendView = (facts: Facts, apiService: RemoteApiService): BackendView => {
  const { namespace, name } = apiService.service;
  return {
    serverVersion: { source: 'serverVersion', fact: facts.serverVersion },
    apiServices: { source: 'apiServices', fact: facts.apiServices },
    namespace: { source: 'namespaces', fact: at(facts.namespaces, namespace) },
    service: {
      source: 'services',
      fact: map(at(facts.services, namespace), (services) => services.find((service) => service.name === name) ?? null),
    },
    readyAddresses: readyAddresses(facts, apiService),
    pods: { source: 'pods', fact: at(facts.pods, namespace) },
    answer: { source: 'answers', fact: at(facts.answers, apiService.name) },
    customResources: customResources(facts, apiService),
    servedResources: { source: 'discoveryDocuments', fact: servedOnce(facts) },
    servedChains: { source: 'servedChains', fact: at(facts.servedChains, apiService.name) },
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
