import { readAnswer } from '../../aggregation/answer.ts';
import { readDiscovery } from '../../aggregation/discovery-document.ts';
import { answerEvidence, conditionEvidence, entryEvidence, podEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath, groupVersionText } from '../../aggregation/group-version.ts';
import { havePodsSettled, hasSettled } from '../../aggregation/health.ts';
import type { Answer, ApiService, DiscoveryDocument, Fact } from '../../model/facts.ts';
import type { Confidence, Evidence } from '../../model/finding.ts';
import { defineCheck, type FromPod } from '../define-check.ts';
import { outageCauses } from '../outage-causes.ts';

/** What kube-aggregator waits for /apis and for the list (handler_discovery.go). */
const DISCOVERY_TIMEOUT_MS = 5000;

interface Cause {
  /** A clause. */
  readonly text: string;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
}

/** What the request for the backend's /apis leads to; null where the discovery manager goes on to the list. */
const groupsCause = (fact: Fact<FromPod<DiscoveryDocument> | null>): Cause | null => {
  if (fact.state === 'timedOut')
    return {
      text: 'the backend does not answer /apis within five seconds',
      confidence: 'likely',
      evidence: [{ from: 'GET /apis through port-forward', value: fact.detail }],
    };
  if (fact.state !== 'known' || fact.value === null) return null;
  const { endpoint, document } = fact.value;
  const evidence = [podEvidence(endpoint, document)];
  if (document.latencyMs > DISCOVERY_TIMEOUT_MS)
    return {
      text: `the backend takes ${Math.round(document.latencyMs)} ms to answer /apis, longer than the five seconds that kube-aggregator waits`,
      confidence: 'certain',
      evidence,
    };
  if (document.httpStatus === 503)
    return {
      text: 'the backend answers /apis with status 503, after which kube-aggregator does not ask for the list',
      confidence: 'certain',
      evidence,
    };
  const reading = readDiscovery(document);
  const isAggregated = document.httpStatus === 200 && document.contentType?.includes('as=APIGroupDiscoveryList');
  return isAggregated && !reading.valid
    ? { text: `the aggregated document of the backend ${reading.problem}`, confidence: 'certain', evidence }
    : null;
};

/** Where the list serves the caller: what keeps it from kube-aggregator, which asks as a user without groups. */
const listCause = (
  apiService: ApiService,
  answer: Answer,
  groups: Fact<FromPod<DiscoveryDocument> | null>,
): Cause | null => {
  const { body } = answer;
  const reading = readAnswer(answer, apiService);
  if (reading.outcome !== 'works' || body.form !== 'json') return null;
  const evidence = [answerEvidence(apiService, answer)];
  const mixed = reading.problems.find(({ problem }) => problem.includes('has another scope than its resource'));
  if (mixed)
    return { text: `in the list of the backend, ${mixed.field}, ${mixed.problem}`, confidence: 'certain', evidence };
  if (answer.latencyMs > DISCOVERY_TIMEOUT_MS)
    return {
      text: 'the list takes longer than the five seconds that kube-aggregator waits',
      confidence: 'certain',
      evidence,
    };
  const own = groups.state === 'known' && groups.value ? readDiscovery(groups.value.document) : null;
  if (own?.valid && own.form !== 'legacy') return null;
  return {
    text: 'the backend gives kube-aggregator no aggregated document and seems to refuse the list to it: it asks as system:kube-aggregator without any group, which nobody else can repeat',
    confidence: own === null ? 'possible' : 'likely',
    evidence:
      groups.state === 'known' && groups.value ? [podEvidence(groups.value.endpoint, groups.value.document)] : [],
  };
};

export default defineCheck({
  code: 'AA414',
  title: 'The aggregated discovery document marks the version as Stale',
  source:
    'kube-aggregator pkg/apiserver/handler_discovery.go; client-go discovery/aggregated_discovery.go (a Stale version is left out)',
  explanation:
    'kube-aggregator asks the backend for /apis as system:kube-aggregator in system:masters and, where that gives no aggregated document, for the list of the version ' +
    'as the same user without groups. Where that fails the version is marked Stale and loses its resources, and the reason is dropped: clients act as if it did not exist, ' +
    'even where the condition is True and every request succeeds.',
  byHand: [
    'kubectl get --raw /apis/<group>/<version>',
    "curl -H 'Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' https://localhost:8443/apis  # through kubectl port-forward",
  ],
  remedy:
    'Let the backend answer /apis within five seconds with an aggregated document or with 404 or 406, and the list to any authenticated user.',
  explainedBy: ['AA803', ...outageCauses, 'AA113'],
  needs: ['aggregated'],
  uses: ['answer', 'backendGroups', 'service', 'pods'],
  run({ apiService, aggregated, used }, capturedAt) {
    const { answer, backendGroups } = used;
    if (typeof aggregated === 'string' || aggregated.freshness !== 'Stale') return null;
    const works = answer.state === 'known' && readAnswer(answer.value, apiService).outcome === 'works';
    const cause = works ? (groupsCause(backendGroups) ?? listCause(apiService, answer.value, backendGroups)) : null;
    // It may have recovered just now, and the document follows within a minute or two.
    const hasFollowed = hasSettled(apiService, capturedAt) && havePodsSettled(used, capturedAt);
    if (works && cause?.confidence !== 'certain' && !hasFollowed) return null;
    const path = groupVersionPath(apiService);
    const { namespace, name } = apiService.service;
    const why =
      cause?.text ??
      (works ? 'why cannot be seen from here' : 'kube-aggregator gets no answer from the backend that it can use');
    return {
      message: `The aggregated discovery document marks ${groupVersionText(apiService)} as Stale, so that clients leave it out: ${why}.`,
      evidence: [entryEvidence(apiService, aggregated), ...(cause?.evidence ?? []), conditionEvidence(apiService)],
      severity: works ? 'warning' : 'error',
      confidence: cause?.confidence ?? (works ? 'possible' : 'likely'),
      remedy: {
        text: `Let the server behind Service ${namespace}/${name} answer /apis within five seconds, with an aggregated document or status 406, and ${path} to every authenticated user.`,
        commands: [
          `kubectl get --raw ${path}`,
          `kubectl -n ${namespace} logs service/${name} --all-containers --tail=50`,
        ],
      },
    };
  },
});
