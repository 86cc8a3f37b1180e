import * as v from 'valibot';

import type { ClusterCollector } from './define-collector.ts';

const review = v.object({
  status: v.object({ userInfo: v.object({ username: v.string(), groups: v.nullish(v.array(v.string())) }) }),
});

/** Who the API server takes the caller for, impersonation included; servers before 1.28 do not say. */
export const caller: ClusterCollector<'caller'> = {
  fact: 'caller',
  wave: 1,
  requires: [],
  collect: async (look) => {
    const { status } = await look.review(
      { kind: 'SelfSubjectReview' },
      review,
      'create selfsubjectreviews.authentication.k8s.io',
    );
    return { username: status.userInfo.username, groups: status.userInfo.groups ?? [] };
  },
};
