import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { ClusterCollector } from './define-collector.ts';

export const autoscalers: ClusterCollector<'autoscalers'> = {
  fact: 'autoscalers',
  wave: 1,
  requires: [{ verb: 'list', group: 'autoscaling', resource: 'horizontalpodautoscalers' }],
  collect: (look) =>
    look.list(
      '/apis/autoscaling/v2/horizontalpodautoscalers',
      objectSchemas.autoscalers,
      'list horizontalpodautoscalers.autoscaling',
    ),
};
