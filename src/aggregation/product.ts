import type { ApiService, Pod } from '../model/facts.ts';

/** The labels that Kubernetes recommends, and the one that charts had before them. */
const PART_OF = 'app.kubernetes.io/part-of';
const INSTANCE = 'app.kubernetes.io/instance';
const RELEASE = 'release';

/** What tells that a Pod is of the product that an APIService is of. */
export interface ProductMark {
  readonly label: string;
  readonly value: string;
}

/** A Helm release, or Flux's, is named in one namespace. */
const releaseOf = ({ owner }: ApiService): { readonly namespace: string; readonly name: string } | null => {
  const [, namespace, name] = /^(?:Helm release|Flux HelmRelease) ([^/]+)\/(.+)$/.exec(owner ?? '') ?? [];
  return namespace !== undefined && name !== undefined ? { namespace, name } : null;
};

/**
 * The label by which a Pod belongs to the APIService's product; null where none tells. An Argo CD Application or a Flux
 * Kustomization may hold many products, so neither counts.
 */
export const productMark = (apiService: ApiService, { namespace, labels }: Pod): ProductMark | null => {
  const release = releaseOf(apiService);
  for (const label of [PART_OF, INSTANCE]) {
    const value = apiService.labels[label];
    if (value && labels[label] === value) return { label, value };
  }
  if (release?.namespace !== namespace) return null;
  const label = [INSTANCE, RELEASE].find((each) => labels[each] === release.name);
  return label === undefined ? null : { label, value: release.name };
};

/** Whether two APIServices are of one product. */
export const sameProduct = (one: ApiService, other: ApiService): boolean =>
  (releaseOf(one) !== null && one.owner === other.owner) ||
  [PART_OF, INSTANCE].some((label) => one.labels[label] && one.labels[label] === other.labels[label]);
