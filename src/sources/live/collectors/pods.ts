import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

export const pods: NamedCollector<'pods'> = {
  fact: 'pods',
  wave: 2,
  requires: [{ verb: 'list', group: '', resource: 'pods' }],
  names: backendNamespaces,
  collect: (look, namespace) =>
    look.list(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
      objectSchemas.pods,
      `list pods in namespace ${namespace}`,
    ),
};
