import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { hasCertManager, namesIn } from './ca-injection.ts';
import type { NamedCollector } from './define-collector.ts';

export const certificates: NamedCollector<'certificates'> = {
  fact: 'certificates',
  wave: 2,
  requires: [{ verb: 'get', group: 'cert-manager.io', resource: 'certificates' }],
  names: ({ apiServices }) => namesIn(apiServices, 'cert-manager.io/inject-ca-from'),
  collect: async (look, name, found) => {
    if (!hasCertManager(found)) return null;
    const [namespace = '', certificate = ''] = name.split('/').map(encodeURIComponent);
    return look.object(
      `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates/${certificate}`,
      objectSchemas.certificates,
      `get certificates.cert-manager.io ${name}`,
    );
  },
};
