import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { Look } from '../look.ts';
import type { ClusterCollector } from './define-collector.ts';

export const apiServices = {
  fact: 'apiServices',
  wave: 1,
  requires: [
    { verb: 'list', group: 'apiregistration.k8s.io', resource: 'apiservices' },
    // For status --watch and wait.
    { verb: 'watch', group: 'apiregistration.k8s.io', resource: 'apiservices' },
  ],
  collect: (look: Look) =>
    look.list(
      '/apis/apiregistration.k8s.io/v1/apiservices',
      objectSchemas.apiServices,
      'list apiservices.apiregistration.k8s.io',
    ),
} as const satisfies ClusterCollector<'apiServices'>;
