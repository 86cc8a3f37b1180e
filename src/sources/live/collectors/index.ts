import type { RawFactName } from '../../../snapshot/raw-snapshot.ts';
import { answers } from './answers.ts';
import { apiServices } from './api-services.ts';
import type { Collector } from './define-collector.ts';
import { discoveryDocuments } from './discovery-documents.ts';
import { endpointSlices } from './endpoint-slices.ts';
import { endpoints } from './endpoints.ts';
import { namespaces } from './namespaces.ts';
import { pods } from './pods.ts';
import { servedChains } from './served-chains.ts';
import { authenticationConfiguration } from './authentication-configuration.ts';
import { autoscalers } from './autoscalers.ts';
import { caller } from './caller.ts';
import { disruptionBudgets } from './disruption-budgets.ts';
import { networkPolicies } from './network-policies.ts';
import { resourceProbes } from './resource-probes.ts';
import { roleBindings } from './role-bindings.ts';
import { roles } from './roles.ts';
import { terminatingNamespaces } from './terminating-namespaces.ts';
import { serverVersion } from './server-version.ts';
import { services } from './services.ts';

/** One collector for each fact: a new fact without one does not compile. In this order, answers first: they take longest. */
export const collectors = {
  serverVersion,
  apiServices,
  answers,
  namespaces,
  services,
  endpointSlices,
  endpoints,
  pods,
  servedChains,
  discoveryDocuments,
  terminatingNamespaces,
  autoscalers,
  caller,
  authenticationConfiguration,
  roleBindings,
  roles,
  networkPolicies,
  disruptionBudgets,
  resourceProbes,
} as const satisfies { readonly [Name in RawFactName]: Collector<Name> };
