import type { ClusterCollector } from './define-collector.ts';

export const serverClock: ClusterCollector<'serverClock'> = {
  fact: 'serverClock',
  // What the answers of the first wave brought with them.
  wave: 2,
  requires: [],
  collect: async (look) => look.clock(),
};
