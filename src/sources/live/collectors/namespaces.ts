import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

export const namespaces: NamedCollector<'namespaces'> = {
  fact: 'namespaces',
  wave: 2,
  requires: [{ verb: 'get', group: '', resource: 'namespaces' }],
  names: backendNamespaces,
  collect: (look, name) =>
    look.object(`/api/v1/namespaces/${encodeURIComponent(name)}`, objectSchemas.namespaces, `get namespaces ${name}`),
};
