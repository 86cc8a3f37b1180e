import { readDiscovery } from '../../aggregation/discovery-document.ts';
import { podEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA416',
  title: 'The backend serves a version of its group that no APIService registers',
  source: 'kube-aggregator pkg/apiserver/apiserver.go (only registered group versions are proxied)',
  explanation:
    'kube-aggregator proxies what an APIService names and nothing else. A version that the backend serves beside it cannot be reached: ' +
    'often one that a newer release of the backend added, or one that was left out on purpose.',
  byHand: ['kubectl get apiservices', 'kubectl aa discovery <group>'],
  remedy: 'Register the version with an APIService of its own if it is meant to be used.',
  needs: ['backendGroups', 'apiServices'],
  run({ apiService, backendGroups, apiServices }) {
    // Who refuses strangers does as he should, and tells nothing.
    if (backendGroups === null) return null;
    const reading = readDiscovery(backendGroups.document);
    if (!reading.valid) return null;
    const { group, service } = apiService;
    const registered = new Set(apiServices.filter((each) => each.group === group).map(({ version }) => version));
    const versions = reading.groups.find((each) => each.group === group)?.versions ?? [];
    const others = versions.map(({ version }) => version).filter((version) => !registered.has(version));
    if (others.length === 0) return null;
    const which = others.map((version) => `${group}/${version}`).join(', ');
    return {
      message: `Service ${service.namespace}/${service.name} serves ${which}, which no APIService registers.`,
      evidence: [
        {
          from: podEvidence(backendGroups.endpoint, backendGroups.document).from,
          value: `${group}: ${versions.map(({ version }) => version).join(', ')}`,
        },
        { from: `APIServices of group ${group}`, value: [...registered].toSorted().join(', ') },
      ],
      sharedCause: { kind: 'Service', namespace: service.namespace, name: service.name },
      remedy: {
        text: `Create an APIService for ${which} with Service ${service.namespace}/${service.name} if clients are to use it.`,
        commands: [`kubectl get apiservice ${apiService.name} -o yaml`],
      },
    };
  },
});
