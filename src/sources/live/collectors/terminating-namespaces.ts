import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { ClusterCollector } from './define-collector.ts';

export const terminatingNamespaces: ClusterCollector<'terminatingNamespaces'> = {
  fact: 'terminatingNamespaces',
  wave: 1,
  requires: [{ verb: 'list', group: '', resource: 'namespaces' }],
  // The server selects: most clusters have none, whatever their size.
  collect: (look) =>
    look.list(
      '/api/v1/namespaces?fieldSelector=status.phase%3DTerminating',
      objectSchemas.terminatingNamespaces,
      'list namespaces',
    ),
};
