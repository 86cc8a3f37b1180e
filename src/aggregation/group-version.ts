import type { ApiService, ServiceReference } from '../model/facts.ts';

/** Where kube-apiserver serves the group version; the legacy core group has a path of its own. */
export const groupVersionPath = ({ group, version }: Pick<ApiService, 'group' | 'version'>): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

/** `metrics.k8s.io/v1beta1`; `v1` for the core group. */
export const groupVersionText = ({ group, version }: Pick<ApiService, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** The name kube-aggregator verifies; it never asks for the cluster domain (kube-aggregator handler_proxy.go, updateAPIService). */
export const expectedServerName = (ref: ServiceReference): string => `${ref.name}.${ref.namespace}.svc`;
