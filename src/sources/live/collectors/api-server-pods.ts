import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { type ClusterCollector, isWayBroken } from './define-collector.ts';

/** By the label that kubeadm and most installers give the static Pod (kubeadm app/util/staticpod/utils.go). */
export const apiServerPods: ClusterCollector<'apiServerPods'> = {
  fact: 'apiServerPods',
  wave: 3,
  requires: [{ verb: 'list', group: '', resource: 'pods' }],
  isNeeded: isWayBroken,
  collect: (look) =>
    look.list(
      '/api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-apiserver',
      objectSchemas.apiServerPods,
      'list pods in namespace kube-system',
    ),
};
