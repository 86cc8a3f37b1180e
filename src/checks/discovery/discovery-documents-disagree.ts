import { readAnswer } from '../../aggregation/answer.ts';
import type { DiscoveredResource } from '../../aggregation/discovered-resource.ts';
import { readDiscovery } from '../../aggregation/discovery-document.ts';
import { entryEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath, groupVersionText } from '../../aggregation/group-version.ts';
import { hasPassingResources, hasSettled } from '../../aggregation/health.ts';
import { type ResourceDifference, resourceDifferences } from '../../aggregation/resource-differences.ts';
import type { ApiService, DiscoveryDocument, Fact } from '../../model/facts.ts';
import type { Evidence } from '../../model/finding.ts';
import { defineCheck, type Draft, type FromPod, type RemoteApiService } from '../define-check.ts';

const SHOWN = 8;

const evidenceOf = (
  differences: readonly ResourceDifference[],
  [one, other]: readonly [one: string, other: string],
): readonly Evidence[] => [
  ...differences.slice(0, SHOWN).map((difference) => ({
    from: `${difference.resource}, ${difference.aspect}`,
    value: `${difference.one} in ${one}; ${difference.other} in ${other}`,
  })),
  ...(differences.length > SHOWN ? [{ from: 'further differences', value: `${differences.length - SHOWN} more` }] : []),
];

const inWords = ([first, ...more]: readonly ResourceDifference[]): string =>
  first === undefined ? '' : `${first.resource} (${first.aspect})${more.length > 0 ? ` and ${more.length} more` : ''}`;

const remedyFor = ({ service, ...apiService }: RemoteApiService): Draft['remedy'] => ({
  text: `Let the server behind Service ${service.namespace}/${service.name} make both documents from one list, and every replica the same one.`,
  commands: [`kubectl get --raw ${groupVersionPath(apiService)}`],
});

export default defineCheck({
  code: 'AA415',
  title: 'Legacy, aggregated and own discovery document of the version disagree',
  source:
    'kube-aggregator pkg/apiserver/handler_discovery.go; client-go discovery/discovery_client.go (reads one or the other)',
  explanation:
    'Old clients read the list of the version, newer ones the aggregated document. Where these differ in resources, verbs, scope or names, ' +
    'what works with one client fails with another. The aggregated document is at most a minute old; a difference that stays is a mistake of the backend, ' +
    'or replicas that are not the same.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'kubectl aa discovery <group>'],
  remedy: 'Let the backend make both documents from one list, and run one release of it in every replica.',
  needs: ['aggregated', 'answer'],
  uses: ['backendGroups', 'backendList'],
  run({ apiService, aggregated, answer, used: { backendGroups, backendList } }, capturedAt) {
    const reading = readAnswer(answer, apiService);
    if (reading.outcome !== 'works' || aggregated === 'notOffered' || hasPassingResources(apiService)) return null;
    const path = groupVersionPath(apiService);
    if (aggregated === 'absent') {
      if (apiService.availability?.status !== 'True' || !hasSettled(apiService, capturedAt)) return null;
      return {
        message: `The aggregated discovery document lacks ${groupVersionText(apiService)}, although ${path} answers with a valid list.`,
        evidence: [entryEvidence(apiService, null), { from: `GET ${path}`, value: `${reading.resources} resources` }],
        confidence: 'likely',
        remedy: {
          text: 'Ask again in two minutes, and each kube-apiserver replica by itself; one of them has not taken the registration up.',
          commands: [`kubectl get --raw ${path}`],
        },
      };
    }
    // Stale is AA414, empty AA412 or AA413.
    if (aggregated.freshness === 'Current' && aggregated.resources !== null && aggregated.resources.length > 0) {
      const differences = resourceDifferences(reading.list, aggregated.resources);
      if (differences.length > 0) {
        const own = ownDifferences(apiService, backendGroups, reading.list);
        return {
          message: `${path} and the aggregated discovery document disagree about ${inWords(differences)}.`,
          evidence: evidenceOf(differences, [path, 'the aggregated document']),
          confidence: own ? 'certain' : 'likely',
          remedy: remedyFor(apiService),
        };
      }
    }
    const own = backendList.state === 'known' ? backendList.value : null;
    const ownReading = own && readAnswer(own.document, apiService);
    if (!own || ownReading?.outcome !== 'works') return null;
    const differences = resourceDifferences(reading.list, ownReading.list);
    if (differences.length === 0) return null;
    return {
      message: `${path} through the API server and from ${own.endpoint} disagree about ${inWords(differences)}.`,
      evidence: evidenceOf(differences, ['the answer of the API server', `the answer of ${own.endpoint}`]),
      confidence: 'likely',
      remedy: remedyFor(apiService),
    };
  },
});

/** Whether the backend's own aggregated document already differs from the list. */
const ownDifferences = (
  { group, version }: ApiService,
  fact: Fact<FromPod<DiscoveryDocument> | null>,
  list: readonly DiscoveredResource[],
): boolean => {
  const reading = fact.state === 'known' && fact.value ? readDiscovery(fact.value.document) : null;
  const own = reading?.valid
    ? reading.groups.find((each) => each.group === group)?.versions.find((each) => each.version === version)
    : undefined;
  return own?.resources ? resourceDifferences(list, own.resources).length > 0 : false;
};
