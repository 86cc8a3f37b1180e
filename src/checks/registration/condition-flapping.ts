import { type AnswerReading, readAnswer } from '../../aggregation/answer.ts';
import { receivedText } from '../../aggregation/evidence.ts';
import { groupVersionPath } from '../../aggregation/group-version.ts';
import { havePodsSettled, hasSettled } from '../../aggregation/health.ts';
import { type ApiServiceSample, conditionChanges } from '../../aggregation/samples.ts';
import type { ApiService, Availability } from '../../model/facts.ts';
import type { Evidence } from '../../model/finding.ts';
import { defineCheck, type Draft } from '../define-check.ts';

const SHOWN = 8;

/** How far a request over that connection came: to a backend, whatever that said; to no dial at all; or to one that failed. */
type Ending = 'answered' | 'not dialled' | 'not reached';

interface Ended {
  readonly sample: ApiServiceSample;
  readonly ending: Ending;
  readonly evidence: Evidence;
}

const endingOf = (reading: AnswerReading): Ending => {
  if (reading.outcome === 'refusedUndialled') return 'not dialled';
  return reading.outcome === 'fails' && reading.failure.httpStatus === null ? 'not reached' : 'answered';
};

const endingsOf = (apiService: ApiService, samples: readonly ApiServiceSample[]): readonly Ended[] =>
  samples.flatMap((sample): readonly Ended[] => {
    if (sample.answer.state !== 'known') return [];
    const reading = readAnswer(sample.answer.value, apiService);
    if (reading.outcome === 'starting') return [];
    return [
      {
        sample,
        ending: endingOf(reading),
        evidence: {
          from: `GET ${groupVersionPath(apiService)} in ${sample.name}`,
          value: receivedText(sample.answer.value),
        },
      },
    ];
  });

const availabilityText = (availability: Availability | null): string =>
  availability
    ? `${availability.status} since ${availability.since ?? 'an unknown time'}, ${availability.reason}: ${availability.message}`
    : 'absent';

const conditionEvidence = (apiService: ApiService, samples: readonly ApiServiceSample[]): readonly Evidence[] =>
  samples.flatMap(({ name, availability }) =>
    availability.state === 'known'
      ? [{ from: `status.conditions[Available] in ${name}`, value: availabilityText(availability.value) }]
      : [],
  );

/** One witness of each ending of each kube-apiserver. */
const witnesses = (endings: readonly Ended[]): readonly Evidence[] => [
  ...new Map(
    endings.map(({ sample, ending, evidence }) => [`${sample.server ?? ''} ${ending}`, evidence] as const),
  ).values(),
];

/** The kube-apiservers that a request got through each time, and those that it never did; each asked twice or more. */
const dividedServers = (
  endings: readonly Ended[],
): { readonly through: readonly string[]; readonly stuck: readonly string[] } | null => {
  const byServer = Map.groupBy(endings, ({ sample }) => sample.server ?? '');
  byServer.delete('');
  const named = (test: (ended: readonly Ended[]) => boolean): readonly string[] =>
    [...byServer].filter(([, ended]) => ended.length > 1 && test(ended)).map(([server]) => server);
  const through = named((ended) => ended.every(({ ending }) => ending === 'answered'));
  const stuck = named((ended) => ended.every(({ ending }) => ending !== 'answered'));
  return through.length > 0 && stuck.length > 0 && through.length + stuck.length === byServer.size
    ? { through, stuck }
    : null;
};

const remedyFor = ({ name }: ApiService, stuck: readonly string[]): Draft['remedy'] => ({
  text:
    stuck.length > 0
      ? `Make the backend reachable from every kube-apiserver, or restart those that hold old state: here the one with ${stuck.join(' and ')}.`
      : 'Ask each kube-apiserver by itself what its availability check says, and compare their routes, DNS and flags; with one kube-apiserver look for endpoints that come and go.',
  commands: [
    `kubectl get apiservice ${name} --watch`,
    'kubectl -n kube-system get pods -l component=kube-apiserver -o wide',
  ],
});

export default defineCheck({
  code: 'AA113',
  title: 'The Available condition changes back and forth, or kube-apiserver replicas disagree about it',
  source:
    'kube-aggregator pkg/controllers/status/remote/remote_available_controller.go (every replica writes to one object, and checks again after each change); pkg/apiserver/handler_proxy.go (each goes by its own copy)',
  explanation:
    'Every kube-apiserver checks every backend for itself and writes what it finds to the one condition of the APIService. Where one reaches the backend and another does not, each overwrites the other, ' +
    'and calls succeed or fail by the replica that they come to. Only several looks show it: `--samples N` asks N times, a second apart, each over a connection of its own, so that a balancer can lead it to another replica. ' +
    'Without it the check does not apply. What changes twice or more while it is looked at changes back and forth; a single change is none. A balancer that spreads single requests instead of connections hides which replica said what.',
  byHand: [
    'kubectl get apiservice <name> --watch -o custom-columns=SINCE:.status.conditions[0].lastTransitionTime,STATUS:.status.conditions[0].status',
    'kubectl get --raw /apis/<group>/<version> --server https://<each kube-apiserver>:6443',
  ],
  remedy:
    'Compare the kube-apiservers: routes and firewalls to the backend, DNS, flags (`--enable-aggregator-routing`, egress selector), CA files and clocks; restart one that holds old state.',
  onRequest: 'samples',
  needs: ['samples'],
  uses: ['completeSamples', 'readyAddresses', 'service', 'pods'],
  run({ apiService, samples, used }, capturedAt) {
    const { completeSamples, readyAddresses } = used;
    const { name } = apiService;
    const endings = endingsOf(apiService, samples);
    const divided = dividedServers(endings);
    const changes = conditionChanges(samples);
    const remedy = remedyFor(apiService, divided?.stuck ?? []);
    // A Pod that is replaced takes the condition to False and back, once.
    if (changes > 2 || (changes > 1 && (divided || havePodsSettled(used, capturedAt))))
      return {
        message: `The Available condition of APIService ${name} changed at least ${changes} times in ${samples.length} samples${
          divided
            ? `: a request gets through the kube-apiserver with ${divided.through.join(' and ')}, and not through the one with ${divided.stuck.join(' and ')}`
            : ''
        }.`,
        evidence: [...conditionEvidence(apiService, samples).slice(0, SHOWN), ...(divided ? witnesses(endings) : [])],
        remedy,
      };
    const evidence = [...conditionEvidence(apiService, samples).slice(0, 1), ...witnesses(endings).slice(0, SHOWN)];
    const undialled = endings.filter(({ ending }) => ending === 'not dialled').length;
    // A replica refuses by its own copy of the condition, which follows within a second.
    if (changes === 0 && undialled > 0 && undialled < endings.length && hasSettled(apiService, capturedAt))
      return {
        message: `kube-apiserver replicas disagree whether APIService ${name} is available: ${undialled} of ${endings.length} requests are refused without a dial, although the condition did not change meanwhile.`,
        evidence,
        // The same words stand for a Service that could not be resolved (handler_proxy.go, ResolveEndpoint).
        ...(divided ? {} : { confidence: 'likely' }),
        remedy,
      };
    // Of several endpoints a single one may be what fails, and who meets it is chance.
    if (divided && readyAddresses.state === 'known' && readyAddresses.value.length === 1)
      return {
        message: `kube-apiserver replicas disagree about APIService ${name}: a request gets through the one with ${divided.through.join(' and ')}, and not through the one with ${divided.stuck.join(' and ')}.`,
        evidence,
        confidence: 'likely',
        remedy,
      };
    return completeSamples.state === 'known' ? null : { undeterminedFor: 'completeSamples' };
  },
});
