import type { RawAnswer, RawFactValues } from '../../../snapshot/raw-snapshot.ts';
import type { Look } from '../look.ts';
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

/**
 * May list everything (bootstrappolicy/controller_policy.go), and is no member of system:masters, whom a backend lets through
 * unasked; where it may not, the garbage collector is hit itself.
 */
const SUPERUSERS = 'system:masters';
const ORDINARY_USER = 'system:serviceaccount:kube-system:generic-garbage-collector';

/** Whether kube-apiserver itself lets that user list what it may by default; asked once. */
const allowances = new WeakMap<Look, Promise<boolean>>();

const isAllowed = (look: Look): Promise<boolean> => {
  const allowance =
    allowances.get(look) ??
    look.probe('/api/v1/namespaces?limit=1', ORDINARY_USER).then(({ httpStatus }) => httpStatus === 200);
  allowances.set(look, allowance);
  return allowance;
};

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
