import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { failingNamespaces, isWayBroken, type NamedCollector } from './define-collector.ts';

const kinds = { deployments: 'Deployment', statefulsets: 'StatefulSet', daemonsets: 'DaemonSet' } as const;

export const workloads: NamedCollector<'workloads'> = {
  fact: 'workloads',
  wave: 3,
  requires: Object.keys(kinds).map((resource) => ({ verb: 'list', group: 'apps', resource })),
  // Tunnels and network plugins run in kube-system.
  names: (found) => [...new Set([...failingNamespaces(found), ...(isWayBroken(found) ? ['kube-system'] : [])])],
  collect: async (look, namespace) => {
    const lists = await Promise.all(
      Object.entries(kinds).map(async ([resource, kind]) => {
        const items = await look.list(
          `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`,
          objectSchemas.workloads,
          `list ${resource}.apps in namespace ${namespace}`,
        );
        return items.map((item) => ({ ...item, kind }));
      }),
    );
    return lists.flat();
  },
};
