import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { NamedCollector } from './define-collector.ts';

export const customResources: NamedCollector<'customResources'> = {
  fact: 'customResources',
  wave: 3,
  requires: [{ verb: 'get', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' }],
  names: ({ apiServices, facts: { customResourceNames } }) => {
    const groups = new Set(apiServices.map(({ spec }) => spec.group));
    // A name is `<plural>.<group>`, and a plural has no dot.
    return customResourceNames?.state === 'known'
      ? customResourceNames.value.filter((name) => groups.has(name.slice(name.indexOf('.') + 1)))
      : [];
  },
  collect: (look, name) =>
    look.object(
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${encodeURIComponent(name)}`,
      objectSchemas.customResources,
      `get customresourcedefinitions.apiextensions.k8s.io ${name}`,
    ),
};
