import { LAST_MINOR_WITH_ENDPOINTS } from '../../../model/facts.ts';
import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

export const endpoints: NamedCollector<'endpoints'> = {
  fact: 'endpoints',
  wave: 2,
  requires: [{ verb: 'list', group: '', resource: 'endpoints' }],
  names: (found) => (found.minor === null || found.minor > LAST_MINOR_WITH_ENDPOINTS ? [] : backendNamespaces(found)),
  collect: (look, namespace) =>
    look.list(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/endpoints`,
      objectSchemas.endpoints,
      `list endpoints in namespace ${namespace}`,
    ),
};
