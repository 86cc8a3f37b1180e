import { describe, expect, it } from 'vitest';

import { ownerOf } from '../../src/snapshot/owner.ts';

const helm = { 'meta.helm.sh/release-name': 'metrics-server', 'meta.helm.sh/release-namespace': 'kube-system' };
const objectSet = (gvk: string, name: string) => ({
  'objectset.rio.cattle.io/owner-gvk': gvk,
  'objectset.rio.cattle.io/owner-name': name,
  'objectset.rio.cattle.io/owner-namespace': 'kube-system',
});
const owned = (apiVersion: string, kind: string, name: string, controller = true) => ({
  ownerReferences: [{ apiVersion, kind, name, controller }],
});

describe('who keeps an object', () => {
  it.each([
    ['nobody that can be told', {}, null],
    [
      'Helm',
      { annotations: helm, labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      'Helm release kube-system/metrics-server',
    ],
    [
      "Flux's Helm controller, not the release that it makes",
      {
        annotations: helm,
        labels: { 'helm.toolkit.fluxcd.io/name': 'ms', 'helm.toolkit.fluxcd.io/namespace': 'flux' },
      },
      'Flux HelmRelease flux/ms',
    ],
    [
      'Flux',
      {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
      },
      'Flux Kustomization flux-system/apps',
    ],
    [
      'Argo CD, by annotation',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'keda:apps/Deployment:keda/api' } },
      'Argo CD Application keda',
    ],
    [
      'not Argo CD where an operator copied the annotation of its custom resource',
      {
        annotations: { 'argocd.argoproj.io/tracking-id': 'keda:keda.sh/KedaController:keda/main' },
        ...owned('keda.sh/v1alpha1', 'KedaController', 'main'),
      },
      'KedaController main',
    ],
    [
      'Argo CD, by a label of its own',
      { labels: { 'argocd.argoproj.io/instance': 'keda' } },
      'Argo CD Application keda',
    ],
    [
      'OLM',
      {
        labels: {
          'olm.owner': 'keda.v2.18.0',
          'olm.owner.kind': 'ClusterServiceVersion',
          'olm.owner.namespace': 'keda',
        },
        ...owned('operators.coreos.com/v1alpha1', 'ClusterServiceVersion', 'keda.v2.18.0', false),
      },
      'OLM ClusterServiceVersion keda/keda.v2.18.0',
    ],
    [
      'k3s',
      { annotations: objectSet('k3s.cattle.io/v1, Kind=Addon', 'metrics-server-deployment') },
      'Addon kube-system/metrics-server-deployment',
    ],
    ['the add-on manager', { labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' } }, 'addon-manager'],
    [
      'not the add-on manager where it only makes sure',
      { labels: { 'addonmanager.kubernetes.io/mode': 'EnsureExists' } },
      null,
    ],
    ['an operator', owned('monitoring.coreos.com/v1', 'Prometheus', 'k8s'), 'Prometheus k8s'],
    ['an operator that makes itself no controller', owned('operator.example.com/v1', 'Api', 'a', false), 'Api a'],
    [
      'the controller of two owners',
      {
        ownerReferences: [
          { apiVersion: 'example.com/v1', kind: 'Team', name: 't' },
          { apiVersion: 'example.com/v1', kind: 'Api', name: 'a', controller: true },
        ],
      },
      'Api a',
    ],
    [
      'not what only takes the object along when it goes',
      owned('rbac.authorization.k8s.io/v1', 'ClusterRole', 'api', false),
      null,
    ],
    ['not a Deployment', owned('apps/v1', 'Deployment', 'api'), null],
    [
      'whom only a label names',
      { labels: { 'app.kubernetes.io/managed-by': 'team-operator' } },
      'manager team-operator',
    ],
  ])('is %s', (_title, metadata, expected) => {
    expect(ownerOf({ metadata: { name: 'api', ...metadata } })).toBe(expected);
  });
});
