import type { AuthoritySource } from '../../../model/facts.ts';
import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { NamedCollector } from './define-collector.ts';

const names: readonly AuthoritySource[] = ['kube-root-ca.crt', 'extension-apiserver-authentication'];

export const authorities: NamedCollector<'authorities'> = {
  fact: 'authorities',
  wave: 1,
  requires: [{ verb: 'get', group: '', resource: 'configmaps' }],
  names: () => names,
  collect: (look, name) =>
    look.object(
      `/api/v1/namespaces/kube-system/configmaps/${name}`,
      objectSchemas.authorities,
      `get configmaps ${name} in namespace kube-system`,
    ),
};
