import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

/** The last minor whose availability check reads Endpoints; later servers deprecate them. */
const LAST_MINOR_WITH_ENDPOINTS = 33;

export const endpoints: NamedCollector<'endpoints'> = {
  fact: 'endpoints',
  requires: [{ verb: 'list', group: '', resource: 'endpoints' }],
  names: (targets) =>
    targets.minor === null || targets.minor > LAST_MINOR_WITH_ENDPOINTS ? [] : backendNamespaces(targets),
  collect: (look, namespace) =>
    look.list(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/endpoints`,
      objectSchemas.endpoints,
      `list endpoints in namespace ${namespace}`,
    ),
};
