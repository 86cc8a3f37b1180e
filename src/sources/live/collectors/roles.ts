import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { NamedCollector } from './define-collector.ts';

const GROUP = '/apis/rbac.authorization.k8s.io/v1';
const CLUSTER_ROLE = 'ClusterRole/';

/** The roles that the bindings name, as `ClusterRole/<name>` or, in kube-system, `Role/<name>`; null where there is none. */
export const roles: NamedCollector<'roles'> = {
  fact: 'roles',
  wave: 3,
  requires: [
    { verb: 'get', group: 'rbac.authorization.k8s.io', resource: 'roles' },
    { verb: 'get', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
  ],
  names: ({ apiServices, facts }) => {
    if (facts.roleBindings?.state !== 'known') return [];
    const accounts = new Set(
      apiServices.flatMap(({ spec }) => {
        const pods = facts.pods?.[spec.service?.namespace ?? ''];
        return pods?.state === 'known'
          ? pods.value.map(
              (pod) =>
                `${pod.metadata.namespace ?? spec.service?.namespace}/${pod.spec.serviceAccountName ?? 'default'}`,
            )
          : [];
      }),
    );
    return [
      ...new Set(
        facts.roleBindings.value
          .filter(({ subjects }) =>
            subjects?.some(
              ({ kind, namespace, name }) => kind !== 'ServiceAccount' || accounts.has(`${namespace}/${name}`),
            ),
          )
          .map(({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
      ),
    ];
  },
  collect: (look, name) => {
    const isCluster = name.startsWith(CLUSTER_ROLE);
    const role = name.slice(name.indexOf('/') + 1);
    const path = `${isCluster ? 'clusterroles' : 'namespaces/kube-system/roles'}/${encodeURIComponent(role)}`;
    return look.object(
      `${GROUP}/${path}`,
      objectSchemas.roles,
      `get ${isCluster ? 'clusterroles' : 'roles'}.rbac.authorization.k8s.io ${role}${isCluster ? '' : ' in namespace kube-system'}`,
    );
  },
};
