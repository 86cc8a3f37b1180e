/** A resource of one group version as a client knows it. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  /** The plural. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
}

/** By which of its names a resource was meant. */
export type NameForm = 'plural' | 'singular' | 'shortName' | 'kind';

export interface Match {
  readonly served: ServedResource;
  readonly by: NameForm;
}

/** `deployments.v1.apps` taken apart both ways that kubectl tries; absent parts are empty. */
interface Typed {
  readonly name: string;
  readonly version: string;
  readonly group: string;
}

/** apimachinery pkg/runtime/schema/group_version.go ParseResourceArg and ParseKindArg. */
const readingsOf = (text: string): readonly Typed[] => {
  const [name = '', ...rest] = text.split('.');
  const [version = '', ...group] = rest;
  const withoutVersion = { name, version: '', group: rest.join('.') };
  return group.length > 0 ? [{ name, version, group: group.join('.') }, withoutVersion] : [withoutVersion];
};

const fullName = ({ resource, singular }: ServedResource, name: string): 'plural' | 'singular' | null =>
  resource === name ? 'plural' : singular === name ? 'singular' : null;

/** A short name stands for its resource only where nothing has it as a full name (client-go restmapper/shortcut.go). */
const expanded = (
  resources: readonly ServedResource[],
  typed: Typed,
): { readonly typed: Typed; readonly short: boolean } => {
  const { name, group } = typed;
  const inGroup = resources.filter((served) => group === '' || served.group === group);
  if (inGroup.some((served) => fullName(served, name) !== null)) return { typed, short: false };
  const long =
    inGroup.find(({ shortNames }) => shortNames.includes(name)) ??
    resources.find((served) => group !== '' && served.group.startsWith(group) && served.shortNames.includes(name));
  return long
    ? {
        typed: { name: long.resource, version: inGroup.includes(long) ? '' : typed.version, group: long.group },
        short: true,
      }
    : { typed, short: false };
};

/** Of a group, one whose name only begins so will do: `storageclasses.storage` (apimachinery pkg/api/meta/restmapper.go). */
const named = (resources: readonly ServedResource[], given: Typed): Match | null => {
  const { typed, short } = expanded(resources, given);
  const name = typed.name.toLowerCase();
  for (const served of resources) {
    const form = fullName(served, name);
    const fits =
      typed.version === ''
        ? served.group.startsWith(typed.group)
        : served.group === typed.group && served.version === typed.version;
    if (form !== null && fits) return { served, by: short ? 'shortName' : form };
  }
  return null;
};

const ofKind = (resources: readonly ServedResource[], { name, version, group }: Typed): Match | null => {
  const served = resources.find(
    (candidate) =>
      candidate.group === group && candidate.kind === name && (version === '' || candidate.version === version),
  );
  return served ? { served, by: 'kind' } : null;
};

/**
 * What kubectl takes a name for: a resource, singular or short name, else a kind, with or without group or version and group;
 * null where nothing has it (kubectl's cli-runtime pkg/resource/builder.go mappingFor). Of several, the first of `resources`:
 * client-go asks core first, then each group's preferred version, then its others (restmapper/discovery.go).
 */
export const resolveName = (resources: readonly ServedResource[], text: string): Match | null => {
  const readings = readingsOf(text);
  for (const look of [named, ofKind]) {
    for (const typed of readings) {
      const match = look(resources, typed);
      if (match) return match;
    }
  }
  return null;
};

/**
 * Every name that a resource has without its group, and the resources that have it, in the order in which clients take them:
 * those whose full name it is go before those that are only called so for short.
 */
export const namesakes = (resources: readonly ServedResource[]): ReadonlyMap<string, readonly Match[]> => {
  const full = new Map<string, Match[]>();
  const short = new Map<string, Match[]>();
  const add = (index: Map<string, Match[]>, name: string, match: Match): void => {
    const there = index.get(name);
    if (there) there.push(match);
    else index.set(name, [match]);
  };
  for (const served of resources) {
    const { resource, singular, shortNames } = served;
    add(full, resource, { served, by: 'plural' });
    if (singular !== resource) add(full, singular, { served, by: 'singular' });
    for (const name of new Set(shortNames))
      if (name !== resource && name !== singular) add(short, name, { served, by: 'shortName' });
  }
  for (const [name, matches] of short) full.set(name, [...(full.get(name) ?? []), ...matches]);
  return full;
};
