import { clientPreferredVersion, legacyOrder } from '../../aggregation/group-order.ts';
import { defineCheck } from '../define-check.ts';
import { failingRequests } from '../failing-requests.ts';

export default defineCheck({
  code: 'AA510',
  title: 'The version that clients take is not the one that the priorities ask for',
  source: 'client-go discovery/aggregated_discovery.go convertAPIGroup; kube-aggregator pkg/apiserver/handler_apis.go',
  explanation:
    'By spec.versionPriority another version comes first, and the legacy document says so whatever its state. Clients that read the aggregated document take ' +
    'the first version that is not Stale. So new and old clients use different versions of the group, and a new client silently another one than yesterday.',
  byHand: ['kubectl aa priority <group>', 'kubectl api-versions'],
  remedy: 'Find out why the version that should come first is Stale, and mend that.',
  explainedBy: [...failingRequests, 'AA414'],
  needs: ['apiServices', 'servedResources'],
  run({ apiService, apiServices, servedResources }) {
    const { name, group, version } = apiService;
    const registered = legacyOrder(apiServices.filter((other) => other.group === group)).find(
      (each) => each.group === group,
    );
    if (registered?.versions[0]?.apiService !== name) return null;
    const document = servedResources.groups.find((each) => each.group === group);
    const listed = document?.versions.find((each) => each.version === version);
    const taken = document ? clientPreferredVersion(document) : null;
    if (!document || !listed || taken === null || taken === version) return null;
    return {
      message:
        `Clients take version ${taken} of group ${group}, although APIService ${name} has the highest version priority` +
        (listed.freshness === 'Stale' ? ': its version is Stale in the aggregated discovery document.' : '.'),
      evidence: [
        ...registered.versions.map((each) => ({
          from: `APIService ${each.apiService} spec.versionPriority`,
          value: String(each.priority),
        })),
        {
          from: `GET /apis (aggregated discovery) ${group}`,
          value: document.versions.map((each) => `${each.version} ${each.freshness}`).join(', '),
        },
      ],
      remedy: {
        text: `Mend what keeps version ${version} from being served; until then name the version where it matters.`,
        commands: [`kubectl aa doctor ${name}`, `kubectl get --raw /apis/${group}/${version}`],
      },
    };
  },
});
