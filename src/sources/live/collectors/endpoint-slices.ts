import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

export const endpointSlices: NamedCollector<'endpointSlices'> = {
  fact: 'endpointSlices',
  wave: 2,
  requires: [{ verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices' }],
  names: backendNamespaces,
  collect: (look, namespace) =>
    look.list(
      `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`,
      objectSchemas.endpointSlices,
      `list endpointslices.discovery.k8s.io in namespace ${namespace}`,
    ),
};
