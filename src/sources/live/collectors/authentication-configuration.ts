import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { ClusterCollector } from './define-collector.ts';

const NAME = 'extension-apiserver-authentication';

/** What every kube-apiserver publishes for the servers behind it; null where it is not there. */
export const authenticationConfiguration: ClusterCollector<'authenticationConfiguration'> = {
  fact: 'authenticationConfiguration',
  wave: 1,
  requires: [{ verb: 'get', group: '', resource: 'configmaps', resourceName: NAME }],
  collect: (look) =>
    look.object(
      `/api/v1/namespaces/kube-system/configmaps/${NAME}`,
      objectSchemas.authenticationConfiguration,
      `get configmaps ${NAME} in namespace kube-system`,
    ),
};
