import { RequestFailed } from '../cluster-reader.ts';
import type { NamedCollector } from './define-collector.ts';

export const answers: NamedCollector<'answers'> = {
  fact: 'answers',
  requires: [{ verb: 'get', nonResourceURL: '/apis/*' }],
  names: ({ apiServices }) => apiServices.map(({ metadata }) => metadata.name),
  collect: (look, name, { apiServices }) => {
    const spec = apiServices.find(({ metadata }) => metadata.name === name)?.spec;
    if (!spec?.version) throw new RequestFailed('unreadable', `APIService ${name} names no version to ask for`);
    const group = spec.group ? `/apis/${encodeURIComponent(spec.group)}` : '/api';
    return look.answer(`${group}/${encodeURIComponent(spec.version)}`);
  },
};
