import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

export const networkPolicies: NamedCollector<'networkPolicies'> = {
  fact: 'networkPolicies',
  wave: 2,
  requires: [{ verb: 'list', group: 'networking.k8s.io', resource: 'networkpolicies' }],
  names: backendNamespaces,
  collect: (look, namespace) =>
    look.list(
      `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`,
      objectSchemas.networkPolicies,
      `list networkpolicies.networking.k8s.io in namespace ${namespace}`,
    ),
};
