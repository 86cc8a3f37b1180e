import { LEGACY } from './discovery-documents.ts';
import type { NamedCollector } from './define-collector.ts';

export const groupDocuments: NamedCollector<'groupDocuments'> = {
  fact: 'groupDocuments',
  wave: 2,
  requires: [{ verb: 'get', nonResourceURL: '/apis/*' }],
  names: ({ apiServices }) => [...new Set(apiServices.flatMap(({ spec }) => (spec.group ? [spec.group] : [])))],
  collect: (look, group) => look.documents.discovery(`/apis/${encodeURIComponent(group)}`, LEGACY),
};
