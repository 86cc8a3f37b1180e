import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

export const services: NamedCollector<'services'> = {
  fact: 'services',
  wave: 2,
  requires: [{ verb: 'list', group: '', resource: 'services' }],
  names: backendNamespaces,
  collect: (look, namespace) =>
    look.list(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/services`,
      objectSchemas.services,
      `list services in namespace ${namespace}`,
    ),
};
