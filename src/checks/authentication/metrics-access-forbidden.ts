import type { ApiService, Autoscaler } from '../../model/facts.ts';
import { defineCheck } from '../define-check.ts';
import { isMetricsGroup } from '../metrics-groups.ts';

const SHOWN = 5;

/** Who is refused, by the words of the autoscaler's condition. */
const refusedUser = ({ scalingActive }: Autoscaler, { group }: ApiService): string | null => {
  if (scalingActive?.status !== 'False') return null;
  const [, user, inGroup] =
    /is forbidden: User "([^"]+)" cannot \w+ resource "[^"]*" in API group "([^"]*)"/.exec(scalingActive.message) ?? [];
  return user !== undefined && inGroup === group ? user : null;
};

export default defineCheck({
  code: 'AA608',
  title: 'Who needs the metrics may not read them',
  source: 'kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go (horizontal-pod-autoscaler)',
  explanation:
    'The group answers, and RBAC refuses the one who asks: the autoscaler controller runs under a ServiceAccount whose role was cut down, or the adapter authorizes by rules of its own.',
  byHand: ['kubectl -n <namespace> describe hpa <name>', 'kubectl auth can-i list pods.<group> --as=<user>'],
  remedy: 'Let the user named in the message read the resources of the group.',
  appliesTo: isMetricsGroup,
  needs: ['autoscalers'],
  run({ apiService, autoscalers }) {
    const refused = autoscalers.filter((autoscaler) => refusedUser(autoscaler, apiService) !== null);
    const [first] = refused;
    const user = first && refusedUser(first, apiService);
    if (!first || !user) return null;
    const { group } = apiService;
    return {
      message: `User ${user} may not read what ${refused.length === 1 ? `HorizontalPodAutoscaler ${first.namespace}/${first.name} needs` : `${refused.length} HorizontalPodAutoscalers need`} of ${group}.`,
      evidence: refused.slice(0, SHOWN).map(({ namespace, name, scalingActive }) => ({
        from: `HorizontalPodAutoscaler ${namespace}/${name} status.conditions[ScalingActive]`,
        value: scalingActive?.message ?? '',
      })),
      affects: refused.map(({ namespace, name }) => ({ kind: 'HorizontalPodAutoscaler', namespace, name })),
      remedy: {
        text: `Let ${user} get and list the resources of ${group}.`,
        commands: [
          `kubectl create clusterrole ${group.replaceAll('.', '-')}-reader --verb=get,list --resource='*.${group}'`,
          `kubectl create clusterrolebinding ${group.replaceAll('.', '-')}-reader --clusterrole=${group.replaceAll('.', '-')}-reader --user='${user}'`,
        ],
      },
    };
  },
});
