import { RequestFailed } from '../cluster-reader.ts';
import { apiServiceNames, type NamedCollector } from './define-collector.ts';

export const answers: NamedCollector<'answers'> = {
  fact: 'answers',
  wave: 2,
  requires: [{ verb: 'get', nonResourceURL: '/apis/*' }],
  names: apiServiceNames,
  collect: (look, name, { apiServices }) => {
    const spec = apiServices.find(({ metadata }) => metadata.name === name)?.spec;
    if (!spec?.version) throw new RequestFailed('unreadable', `APIService ${name} names no version to ask for`);
    const group = spec.group ? `/apis/${encodeURIComponent(spec.group)}` : '/api';
    return look.answer(`${group}/${encodeURIComponent(spec.version)}`);
  },
};
