import type { CaInjection, CaInjector, Pod, SpecWriter, Writer } from '../model/facts.ts';
import type { RawApiService, RawPod } from './raw-snapshot.ts';

interface Owned {
  readonly metadata: Pick<RawApiService['metadata'], 'name' | 'labels' | 'annotations' | 'ownerReferences'>;
}

type Metadata = Owned['metadata'];

const named = (kind: string, name: string | undefined, namespace?: string): string | null =>
  name ? `${kind} ${namespace ? `${namespace}/` : ''}${name}` : null;

/** Where the owner is only who takes the object along when it is deleted. */
const keepsNothing =
  /^(?:v1|(?:apps|batch|policy|autoscaling)\/\w+|(?:rbac\.authorization|apiextensions|apiregistration)\.k8s\.io\/\w+)$/;

/** The custom resource whose operator made the object: its controller, else the first owner of no built-in kind. */
const operatedBy = ({ ownerReferences }: Metadata): string | null => {
  const owners = (ownerReferences ?? []).filter(({ apiVersion }) => !keepsNothing.test(apiVersion ?? ''));
  const owner = owners.find(({ controller }) => controller) ?? owners[0];
  return named(owner?.kind ?? '', owner?.name);
};

/** Operators copy annotations to what they make: the id says which object the Application itself holds. */
const trackedBy = ({ name, annotations }: Metadata): string | null => {
  const id = annotations?.['argocd.argoproj.io/tracking-id'];
  return named('Argo CD Application', id?.endsWith(`/${name}`) ? id.split(':')[0] : undefined);
};

/** Rancher's wrangler, by which k3s and RKE2 apply the manifests of a server: `k3s.cattle.io/v1, Kind=Addon`. */
const appliedBy = ({ annotations }: Metadata): string | null => {
  const mark = (name: string): string | undefined => annotations?.[`objectset.rio.cattle.io/owner-${name}`];
  const kind = /\bKind=(\w+)$/.exec(mark('gvk') ?? '')?.[1];
  return kind === undefined ? null : named(kind, mark('name'), mark('namespace'));
};

/** Who keeps an object, closest witness first: the writer that would undo a change made by hand. */
export const ownerOf = ({ metadata }: Owned): string | null => {
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  return (
    (labels['kube-aggregator.kubernetes.io/automanaged'] ? 'kube-apiserver' : null) ??
    named('Flux HelmRelease', labels['helm.toolkit.fluxcd.io/name'], labels['helm.toolkit.fluxcd.io/namespace']) ??
    named(
      'Flux Kustomization',
      labels['kustomize.toolkit.fluxcd.io/name'],
      labels['kustomize.toolkit.fluxcd.io/namespace'],
    ) ??
    trackedBy(metadata) ??
    named('Argo CD Application', labels['argocd.argoproj.io/instance']) ??
    named('OLM ClusterServiceVersion', labels['olm.owner'], labels['olm.owner.namespace']) ??
    appliedBy(metadata) ??
    // In the other mode, EnsureExists, what is there is left as it is.
    (labels['addonmanager.kubernetes.io/mode'] === 'Reconcile' ? 'addon-manager' : null) ??
    named('Helm release', annotations['meta.helm.sh/release-name'], annotations['meta.helm.sh/release-namespace']) ??
    operatedBy(metadata) ??
    named('manager', labels['app.kubernetes.io/managed-by'])
  );
};

/** Who wrote the spec last: a tool or a person, who does not necessarily keep it so. */
export const fieldManagerOf = ({ metadata }: RawApiService): string | null =>
  metadata.managedFields?.findLast(({ subresource }) => !subresource)?.manager ?? null;

/** Who owns fields of the spec, by managedFields. */
export const specWritersOf = ({ metadata }: RawApiService): readonly SpecWriter[] =>
  (metadata.managedFields ?? []).flatMap(({ manager, operation, time, subresource, fieldsV1 }) =>
    subresource || !fieldsV1
      ? []
      : [
          {
            manager: manager ?? 'unknown',
            operation: operation ?? 'Update',
            at: time ?? null,
            fields: Object.keys(fieldsV1['f:spec']).map((field) => field.slice('f:'.length)),
          },
        ],
  );

/** Who owns spec.caBundle, by managedFields. */
export const caBundleWriterOf = ({ metadata }: RawApiService): Writer | null => {
  const entry = metadata.managedFields?.findLast(({ fieldsV1 }) => fieldsV1?.['f:spec']['f:caBundle']);
  return entry ? { manager: entry.manager ?? 'unknown', at: entry.time ?? null } : null;
};

/** What fills the CA bundle of an APIService so marked (cert-manager cainjector, OpenShift service-ca-operator, OLM). */
const injectionAnnotations: readonly (readonly [string, CaInjector])[] = [
  ['cert-manager.io/inject-ca-from', 'cert-manager'],
  ['cert-manager.io/inject-ca-from-secret', 'cert-manager'],
  ['cert-manager.io/inject-apiserver-ca', 'cert-manager'],
  ['service.beta.openshift.io/inject-cabundle', 'OpenShift service-ca'],
  ['service.alpha.openshift.io/inject-cabundle', 'OpenShift service-ca'],
];

export const caInjectionOf = ({ metadata }: RawApiService): CaInjection | null => {
  for (const [mark, by] of injectionAnnotations) {
    const value = metadata.annotations?.[mark];
    if (value && (value === 'true' || /-ca-from/.test(mark))) return { by, mark, value };
  }
  // OLM installs the APIServices that a ClusterServiceVersion owns, and the certificates behind them.
  const owner = metadata.labels?.['olm.owner'];
  return owner && (metadata.labels?.['olm.owner.kind'] ?? 'ClusterServiceVersion') === 'ClusterServiceVersion'
    ? { by: 'OLM', mark: 'olm.owner', value: owner }
    : null;
};

const restartable = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** A Deployment's ReplicaSet is named `<deployment>-<pod-template-hash>`, and its Pods carry that hash as a label. */
export const workloadOf = ({ metadata }: RawPod): Pod['workload'] => {
  for (const { kind, name } of metadata.ownerReferences ?? []) {
    const hash = metadata.labels?.['pod-template-hash'];
    if (kind === 'ReplicaSet' && hash && name.endsWith(`-${hash}`))
      return { kind: 'Deployment', name: name.slice(0, -hash.length - 1) };
    if (restartable.has(kind)) return { kind, name };
  }
  return null;
};
