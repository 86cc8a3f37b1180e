import { type DiscoveredResource, isPlaceholder } from './discovered-resource.ts';

/** In what two lists of one group version differ. */
export interface ResourceDifference {
  readonly resource: string;
  /** What differs: `presence`, `kind`, `scope`, `verbs` … */
  readonly aspect: string;
  readonly one: string;
  readonly other: string;
}

const setText = (texts: readonly string[]): string => [...new Set(texts)].toSorted().join(', ') || 'none';

/** Order is no difference: neither document promises one. */
const aspects: readonly (readonly [aspect: string, text: (resource: DiscoveredResource) => string | null])[] = [
  ['kind', ({ kind }) => kind ?? 'none'],
  ['scope', ({ namespaced }) => (namespaced ? 'Namespaced' : 'Cluster')],
  ['verbs', ({ verbs }) => setText(verbs)],
  ['short names', ({ shortNames }) => setText(shortNames)],
  ['categories', ({ categories }) => setText(categories)],
  ['subresources', ({ subresources }) => setText(subresources)],
  ['storage version hash', ({ storageVersionHash }) => storageVersionHash],
];

/** What is null on one side is not told there, and no difference. */
const differencesOf = (one: DiscoveredResource, other: DiscoveredResource): readonly ResourceDifference[] =>
  aspects.flatMap(([aspect, text]) => {
    const [left, right] = [text(one), text(other)];
    return left === null || right === null || left === right
      ? []
      : [{ resource: one.resource, aspect, one: left, other: right }];
  });

/** In the order of the first list; what only the second has comes last. */
export const resourceDifferences = (
  one: readonly DiscoveredResource[],
  other: readonly DiscoveredResource[],
): readonly ResourceDifference[] => {
  const others = new Map(other.map((resource) => [resource.resource, resource]));
  const names = new Set(one.map(({ resource }) => resource));
  return [
    ...one.flatMap((resource) => {
      const counterpart = others.get(resource.resource);
      if (counterpart) return differencesOf(resource, counterpart);
      return isPlaceholder(resource)
        ? []
        : [{ resource: resource.resource, aspect: 'presence', one: 'listed', other: 'absent' }];
    }),
    ...other
      .filter((resource) => !names.has(resource.resource) && !isPlaceholder(resource))
      .map(({ resource }) => ({ resource, aspect: 'presence', one: 'absent', other: 'listed' })),
  ];
};
