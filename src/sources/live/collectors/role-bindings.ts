import { objectSchemas, type RawRoleBinding } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type ClusterCollector } from './define-collector.ts';

const GROUP = '/apis/rbac.authorization.k8s.io/v1';

/** Whether a binding can concern a ServiceAccount of one of these namespaces. */
const concerns = ({ subjects }: RawRoleBinding, namespaces: readonly string[]): boolean =>
  (subjects ?? []).some(
    ({ kind, name, namespace }) =>
      (kind === 'ServiceAccount' && namespaces.includes(namespace ?? '')) ||
      (kind === 'Group' && (/^system:serviceaccounts(?::|$)/.test(name) || name === 'system:authenticated')) ||
      (kind === 'User' && name.startsWith('system:serviceaccount:')),
  );

/** What ServiceAccounts of the backends' namespaces are bound to, in kube-system and in the whole cluster. */
export const roleBindings: ClusterCollector<'roleBindings'> = {
  fact: 'roleBindings',
  wave: 2,
  requires: [
    { verb: 'list', group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
    { verb: 'list', group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
  ],
  collect: async (look, found) => {
    const namespaces = backendNamespaces(found);
    if (namespaces.length === 0) return [];
    const lists = await Promise.all([
      look.list(
        `${GROUP}/namespaces/kube-system/rolebindings`,
        objectSchemas.roleBindings,
        'list rolebindings.rbac.authorization.k8s.io in namespace kube-system',
      ),
      look.list(
        `${GROUP}/clusterrolebindings`,
        objectSchemas.roleBindings,
        'list clusterrolebindings.rbac.authorization.k8s.io',
      ),
    ]);
    return lists.flat().filter((binding) => concerns(binding, namespaces));
  },
};
