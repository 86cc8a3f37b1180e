import * as v from 'valibot';

import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { areDependentsNeeded, type ClusterCollector, namesGroup } from './define-collector.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** The roles that name the group of a remote APIService, but for those that only collect the rules of others. */
export const groupRoles: ClusterCollector<'groupRoles'> = {
  fact: 'groupRoles',
  wave: 3,
  requires: ['roles', 'clusterroles'].map((resource) => ({ verb: 'list', group: GROUP, resource })),
  isNeeded: areDependentsNeeded,
  collect: async (look, found) => {
    // Cut as each is read: there can be thousands, and what is kept of a whole capture is bounded.
    const cut = v.pipe(
      objectSchemas.groupRoles,
      v.transform(({ metadata, aggregationRule, rules }) => ({
        metadata,
        rules: aggregationRule ? [] : (rules ?? []).filter(({ apiGroups }) => namesGroup(found, apiGroups)),
      })),
    );
    const lists = await Promise.all(
      ['clusterroles', 'roles'].map((resource) =>
        look.list(`/apis/${GROUP}/v1/${resource}`, cut, `list ${resource}.${GROUP}`),
      ),
    );
    return lists.flat().filter(({ rules }) => rules.length > 0);
  },
};
