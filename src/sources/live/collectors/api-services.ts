import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { ClusterCollector } from './define-collector.ts';

export const apiServices: ClusterCollector<'apiServices'> = {
  fact: 'apiServices',
  wave: 1,
  requires: [{ verb: 'list', group: 'apiregistration.k8s.io', resource: 'apiservices' }],
  collect: (look) =>
    look.list(
      '/apis/apiregistration.k8s.io/v1/apiservices',
      objectSchemas.apiServices,
      'list apiservices.apiregistration.k8s.io',
    ),
};
