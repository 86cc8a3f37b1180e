import { groupUsers } from '../../aggregation/group-users.ts';
import { defineCheck } from '../define-check.ts';
import { impactCauses } from '../outage-causes.ts';
import { outageDraft } from '../outage-impact.ts';

const SHOWN = 5;
const remedy =
  'Mend the group version; no client needs to be changed, and deleting the APIService only hides the outage.';

export default defineCheck({
  code: 'AA704',
  title: 'Clients that need the whole of discovery report errors or stop',
  source: 'client-go discovery/discovery_client.go (ErrGroupDiscoveryFailed)',
  explanation:
    'kubectl goes on for other kinds and prints an error. Clients that take any discovery error for fatal stop, whatever they were asked to do: backup tools and ' +
    'operators first of all. Helm warns of an orphaned API service and proposes to delete it, which is right only after an uninstall. Roles and webhooks that name ' +
    'the group tell who else uses it.',
  byHand: [
    'kubectl api-resources --api-group=<group>',
    'kubectl get --raw /apis/<group>/<version>',
    'kubectl get clusterroles -o yaml | grep -B 20 <group>',
  ],
  remedy,
  explainedBy: impactCauses,
  needs: [],
  uses: ['answer', 'groupRoles', 'admissionWebhooks'],
  run(outage) {
    const draft = outageDraft(outage, {
      message: (service) =>
        `Clients that need the whole of discovery report errors for what ${service} serves, or stop: kubectl api-resources, Helm, Argo CD, Velero.`,
      affects: [{ kind: 'Controller', name: 'namespace-controller' }],
      remedy,
    });
    const users = groupUsers(outage.apiService.group, outage.used);
    if (draft === null || 'undeterminedFor' in draft || users.length === 0) return draft;
    const { affects = [] } = draft;
    return {
      ...draft,
      evidence: [...draft.evidence, ...users.slice(0, SHOWN).map(({ evidence }) => evidence)],
      affects: [...affects, ...users.map(({ subject }) => subject)],
    };
  },
});
