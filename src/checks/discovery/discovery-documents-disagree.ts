import { readAnswer } from '../../aggregation/answer.ts';
import type { DiscoveredResource } from '../../aggregation/discovered-resource.ts';
import { type DiscoveredVersion, readDiscovery } from '../../aggregation/discovery-document.ts';
import { entryEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath, groupVersionText } from '../../aggregation/group-version.ts';
import { hasPassingResources, havePodsSettled, hasSettled } from '../../aggregation/health.ts';
import { type ResourceDifference, resourceDifferences } from '../../aggregation/resource-differences.ts';
import type { ApiService, DiscoveryDocument, Fact } from '../../model/facts.ts';
import type { Evidence } from '../../model/finding.ts';
import { type ApiServiceSample, conditionChanges } from '../../aggregation/samples.ts';
import { type CannotTell, defineCheck, type Draft, type FromPod, type RemoteApiService } from '../define-check.ts';

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
    'or replicas that are not the same. kube-apiserver replicas each make a document of their own, and clients see now one and now another: `--samples N` asks several.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'kubectl aa discovery <group>'],
  remedy: 'Let the backend make both documents from one list, and run one release of it in every replica.',
  needs: ['aggregated', 'answer'],
  uses: ['backendGroups', 'backendList', 'samples', 'completeSamples', 'service', 'pods'],
  explainedBy: ['AA113'],
  run({ apiService, aggregated, answer, used }, capturedAt) {
    const { backendGroups, backendList, samples, completeSamples } = used;
    const sameRelease = havePodsSettled(used, capturedAt);
    if (samples.state === 'known') {
      const disagreement = replicaDisagreement(
        apiService,
        samples.value,
        sameRelease && hasSettled(apiService, capturedAt),
      );
      if (disagreement) return disagreement;
    }
    const untold: CannotTell<'completeSamples'> | null =
      samples.state === 'known' && completeSamples.state !== 'known' ? { undeterminedFor: 'completeSamples' } : null;
    const reading = readAnswer(answer, apiService);
    if (reading.outcome !== 'works' || aggregated === 'notOffered' || hasPassingResources(apiService)) return untold;
    const path = groupVersionPath(apiService);
    if (aggregated === 'absent') {
      if (apiService.availability?.status !== 'True' || !hasSettled(apiService, capturedAt)) return untold;
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
    if (!sameRelease) return untold;
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
    if (!own || ownReading?.outcome !== 'works') return untold;
    const differences = resourceDifferences(reading.list, ownReading.list);
    if (differences.length === 0) return untold;
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

type Entry = ApiServiceSample['entry'] & { readonly state: 'known' };

const offered = ({ value }: Entry): DiscoveredVersion | null =>
  value === 'absent' || value === 'notOffered' ? null : value;

/** What tells one replica's entry from another's, in words; empty where nothing does. */
const entryDifferences = (one: Entry, other: Entry): readonly ResourceDifference[] => {
  const [left, right] = [offered(one), offered(other)];
  const state = (entry: DiscoveredVersion | null): string => (entry ? (entry.freshness ?? 'listed') : 'absent');
  if (state(left) !== state(right))
    return [{ resource: 'the version', aspect: 'freshness', one: state(left), other: state(right) }];
  return left?.freshness === 'Current' && left.resources && right?.resources
    ? resourceDifferences(left.resources, right.resources)
    : [];
};

/** Of two samples whose aggregated documents differ; a change of a moment ago, which each replica sees in its time, is none. */
const replicaDisagreement = (
  apiService: RemoteApiService,
  samples: readonly ApiServiceSample[],
  settled: boolean,
): Draft | null => {
  const known = samples.flatMap(({ name, entry }) =>
    entry.state === 'known' && entry.value !== 'notOffered' ? [{ name, entry }] : [],
  );
  const [first] = known;
  if (!first || hasPassingResources(apiService)) return null;
  if (!settled && conditionChanges(samples) < 2) return null;
  const other = known.find(({ entry }) => entryDifferences(first.entry, entry).length > 0);
  if (!other) return null;
  const differences = entryDifferences(first.entry, other.entry);
  const others = known.filter(({ entry }) => entryDifferences(first.entry, entry).length > 0).length;
  return {
    message: `kube-apiserver replicas disagree about ${groupVersionText(apiService)} in the aggregated discovery document: ${inWords(differences)} ${differences.length === 1 ? 'differs' : 'differ'} in ${others} of ${known.length} samples.`,
    evidence: evidenceOf(differences, [first.name, other.name]),
    confidence: 'likely',
    remedy: {
      text: 'Ask again in two minutes; if it stays, ask each kube-apiserver by itself, and let every one of them reach every replica of the backend.',
      commands: ['kubectl -n kube-system get pods -l component=kube-apiserver -o wide'],
    },
  };
};
