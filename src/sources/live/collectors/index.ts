import type { RawFactName } from '../../../snapshot/raw-snapshot.ts';
import { answers } from './answers.ts';
import { admissionWebhooks } from './admission-webhooks.ts';
import { apiServices } from './api-services.ts';
import { backendDocuments } from './backend-documents.ts';
import { authorities } from './authorities.ts';
import { certificates } from './certificates.ts';
import type { Collector } from './define-collector.ts';
import { customResourceConversions } from './custom-resource-conversions.ts';
import { customResourceNames } from './custom-resource-names.ts';
import { customResources } from './custom-resources.ts';
import { discoveryDocuments } from './discovery-documents.ts';
import { endpointSlices } from './endpoint-slices.ts';
import { endpoints } from './endpoints.ts';
import { groupDocuments } from './group-documents.ts';
import { groupRoles } from './group-roles.ts';
import { localLists } from './local-lists.ts';
import { injectors } from './injectors.ts';
import { namespaces } from './namespaces.ts';
import { openApi, openApiV2 } from './open-api.ts';
import { pods } from './pods.ts';
import { servedChains } from './served-chains.ts';
import { secrets } from './secrets.ts';
import { samples } from './samples.ts';
import { serverClock } from './server-clock.ts';
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
import { events } from './events.ts';
import { logs } from './logs.ts';
import { nodes } from './nodes.ts';
import { apiServerPods } from './api-server-pods.ts';
import { workloads } from './workloads.ts';

/** One collector for each fact: a new fact without one does not compile. In this order, answers first: they take longest; handshakes last in their wave, since they may use up the time. */
export const collectors = {
  serverVersion,
  apiServices,
  answers,
  namespaces,
  services,
  endpointSlices,
  endpoints,
  pods,
  secrets,
  servedChains,
  discoveryDocuments,
  groupDocuments,
  localLists,
  openApi,
  openApiV2,
  backendDocuments,
  samples,
  customResourceNames,
  customResources,
  serverClock,
  authorities,
  certificates,
  injectors,
  terminatingNamespaces,
  autoscalers,
  caller,
  authenticationConfiguration,
  roleBindings,
  roles,
  groupRoles,
  admissionWebhooks,
  customResourceConversions,
  networkPolicies,
  disruptionBudgets,
  resourceProbes,
  workloads,
  events,
  logs,
  nodes,
  apiServerPods,
  // kubectl's cache is files of the caller's: capture-cluster.ts reads it.
} as const satisfies { readonly [Name in Exclude<RawFactName, 'clientCache'>]: Collector<Name> };
