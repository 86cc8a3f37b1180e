import type { RawApiService } from './raw-snapshot.ts';

interface Owned {
  readonly metadata: Pick<RawApiService['metadata'], 'labels' | 'annotations' | 'ownerReferences'>;
}

/** Who keeps an APIService or its Service, closest witness first: the writer that would undo a change made by hand. */
export const ownerOf = ({ metadata }: Owned): string | null => {
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const named = (kind: string, name: string | undefined, namespace?: string): string | null =>
    name ? `${kind} ${namespace ? `${namespace}/` : ''}${name}` : null;
  const [reference] = metadata.ownerReferences ?? [];
  return (
    (labels['kube-aggregator.kubernetes.io/automanaged'] ? 'kube-apiserver' : null) ??
    named('Flux HelmRelease', labels['helm.toolkit.fluxcd.io/name'], labels['helm.toolkit.fluxcd.io/namespace']) ??
    named(
      'Flux Kustomization',
      labels['kustomize.toolkit.fluxcd.io/name'],
      labels['kustomize.toolkit.fluxcd.io/namespace'],
    ) ??
    named('Argo CD Application', annotations['argocd.argoproj.io/tracking-id']?.split(':')[0]) ??
    named('OLM ClusterServiceVersion', labels['olm.owner'], labels['olm.owner.namespace']) ??
    named('Helm release', annotations['meta.helm.sh/release-name'], annotations['meta.helm.sh/release-namespace']) ??
    named(reference?.kind ?? '', reference?.name) ??
    named('manager', labels['app.kubernetes.io/managed-by'])
  );
};

/** Who wrote the spec last: a tool or a person, who does not necessarily keep it so. */
export const fieldManagerOf = ({ metadata }: RawApiService): string | null =>
  metadata.managedFields?.findLast(({ subresource }) => !subresource)?.manager ?? null;
