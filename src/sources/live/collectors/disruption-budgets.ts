import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, type NamedCollector } from './define-collector.ts';

export const disruptionBudgets: NamedCollector<'disruptionBudgets'> = {
  fact: 'disruptionBudgets',
  wave: 2,
  requires: [{ verb: 'list', group: 'policy', resource: 'poddisruptionbudgets' }],
  names: backendNamespaces,
  collect: (look, namespace) =>
    look.list(
      `/apis/policy/v1/namespaces/${encodeURIComponent(namespace)}/poddisruptionbudgets`,
      objectSchemas.disruptionBudgets,
      `list poddisruptionbudgets.policy in namespace ${namespace}`,
    ),
};
