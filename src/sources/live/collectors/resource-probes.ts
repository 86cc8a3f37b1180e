import type { RawAnswer, RawFactValues } from '../../../snapshot/raw-snapshot.ts';
import type { Look } from '../look.ts';
import { apiServiceNames, foundFor, type NamedCollector } from './define-collector.ts';
import { oncePerLook } from './once-per-look.ts';

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

/** Whom a backend lets through unasked. */
const SUPERUSERS = 'system:masters';
/** May list everything (bootstrappolicy/controller_policy.go) and is no superuser; where it may not, the garbage collector is hit itself. */
const ORDINARY_USER = 'system:serviceaccount:kube-system:generic-garbage-collector';

/** Whether kube-apiserver itself lets that user list what it may by default. */
const isAllowed = oncePerLook(async (look) => {
  const { httpStatus } = await look.probe('/api/v1/namespaces?limit=1', ORDINARY_USER);
  return httpStatus === 200;
});

/** In the name of an ordinary user; null where that tells nothing of the backend. */
const asOrdinary = async (look: Look, path: string): Promise<RawFactValues['resourceProbes']> => {
  const [allowed, probe] = await Promise.all([isAllowed(look), look.probe(path, ORDINARY_USER)]);
  return allowed ? probe : null;
};

/** A list of one object at most, asked for as the caller: only its status and an error's words are kept. Null where nothing can be listed. Where it succeeds for a superuser, what an ordinary user gets counts. */
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
    const path = `/apis/${encodeURIComponent(spec.group)}/${encodeURIComponent(spec.version)}/${place}${encodeURIComponent(resource.name)}?limit=1`;
    const isSuperuser = facts.caller?.state === 'known' && facts.caller.value.groups.includes(SUPERUSERS);
    const [own, ordinary] = await Promise.all([
      look.probe(path),
      // What is asked beside must not spoil what is asked for.
      isSuperuser ? asOrdinary(look, path).catch(() => null) : null,
    ]);
    return own.httpStatus < 400 && ordinary !== null && ordinary.httpStatus >= 400 ? ordinary : own;
  },
};
