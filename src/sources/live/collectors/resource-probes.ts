import type { RawAnswer } from '../../../snapshot/raw-snapshot.ts';
import { apiServiceNames, foundFor, type NamedCollector } from './define-collector.ts';

interface Listable {
  readonly name: string;
  readonly namespaced: boolean;
}

/** The first resource of the group version that can be listed; a namespaced one is asked for in one namespace, which is least work. */
const listable = ({ body }: RawAnswer): Listable | null => {
  if (body.form !== 'json') return null;
  const { resources } = (body.value ?? {}) as { readonly resources?: unknown };
  for (const resource of Array.isArray(resources) ? resources : []) {
    const { name, namespaced, verbs } = (resource ?? {}) as {
      readonly name?: unknown;
      readonly namespaced?: unknown;
      readonly verbs?: unknown;
    };
    if (typeof name === 'string' && !name.includes('/') && Array.isArray(verbs) && verbs.includes('list'))
      return { name, namespaced: namespaced === true };
  }
  return null;
};

/** A list of one object at most, asked for as the caller: only its status and an error's words are kept. Null where nothing can be listed. */
export const resourceProbes: NamedCollector<'resourceProbes'> = {
  fact: 'resourceProbes',
  wave: 3,
  requires: [],
  names: apiServiceNames,
  collect: async (look, name, { apiServices, facts }) => {
    const spec = apiServices.find(({ metadata }) => metadata.name === name)?.spec;
    const resource = listable(foundFor(facts.answers, name));
    if (!spec?.group || !spec.version || resource === null) return null;
    const place = resource.namespaced ? 'namespaces/default/' : '';
    return look.probe(
      `/apis/${encodeURIComponent(spec.group)}/${encodeURIComponent(spec.version)}/${place}${encodeURIComponent(resource.name)}?limit=1`,
    );
  },
};
