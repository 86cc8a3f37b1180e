import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { type ClusterCollector, isWayBroken } from './define-collector.ts';

/** One tells who runs the cluster; of a large one that is enough. */
const MAX_NODES = 100;

export const nodes: ClusterCollector<'nodes'> = {
  fact: 'nodes',
  wave: 3,
  requires: [{ verb: 'list', group: '', resource: 'nodes' }],
  isNeeded: isWayBroken,
  collect: async (look) => {
    const page = await look.object(`/api/v1/nodes?limit=${MAX_NODES}`, objectSchemas.nodes, 'list nodes');
    return page?.items ?? [];
  },
};
