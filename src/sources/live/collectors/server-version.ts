import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import type { Look } from '../look.ts';
import type { ClusterCollector } from './define-collector.ts';

export const serverVersion = {
  fact: 'serverVersion',
  wave: 1,
  requires: [{ verb: 'get', nonResourceURL: '/version' }],
  collect: async (look: Look) => {
    const version = await look.object('/version', objectSchemas.serverVersion, 'get /version');
    if (version === null)
      throw new RequestFailed('unreadable', 'get /version: HTTP status 404; is this a Kubernetes API server?');
    return version;
  },
} as const satisfies ClusterCollector<'serverVersion'>;
