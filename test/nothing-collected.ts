import type { RawFacts } from '../src/snapshot/raw-snapshot.ts';

const missing = { state: 'notCollected', detail: 'left out by the test' } as const;

/** The facts of a snapshot in which nothing was looked at; a test overrides what it is about. */
export const nothingCollected: RawFacts = {
  serverVersion: missing,
  apiServices: missing,
  namespaces: {},
  services: {},
  endpointSlices: {},
  endpoints: {},
  pods: {},
  answers: {},
  servedChains: {},
  discoveryDocuments: {},
  groupDocuments: {},
  localLists: {},
  openApi: missing,
  backendDocuments: {},
  customResourceNames: missing,
  customResources: {},
  serverClock: missing,
  secrets: {},
  authorities: {},
  certificates: {},
  injectors: {},
  terminatingNamespaces: missing,
  autoscalers: missing,
  caller: missing,
  authenticationConfiguration: missing,
  roleBindings: missing,
  roles: {},
  networkPolicies: {},
  disruptionBudgets: {},
  resourceProbes: {},
  clientCache: missing,
  samples: missing,
};
