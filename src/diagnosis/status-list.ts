import { answerText } from '../aggregation/answer.ts';
import { readCondition } from '../aggregation/condition.ts';
import type { Failure } from '../aggregation/failure.ts';
import { answerReading, currentFailure, liveVerdict, verdictOf } from '../aggregation/health.ts';
import type { Answer, ApiService, Availability, ClusterSnapshot, Fact } from '../model/facts.ts';
import type { StatusItem, StatusList, Verdict } from '../model/report.ts';
import { compareText } from '../model/wording.ts';
import { quoteLine } from './received-text.ts';
import { clusterSummary, knownApiServices } from './cluster-summary.ts';

/** What the answer tells in one line. */
const liveDetail = (apiService: ApiService, answer: Answer): string => {
  const reading = answerReading(apiService, { state: 'known', value: answer });
  if (reading?.outcome === 'works') return `${reading.resources} resources`;
  if (reading?.outcome === 'invalidDocument') return `the answer ${reading.problem}`;
  return answerText(answer);
};

// Of a FailedDiscoveryCheck the innermost words say most; their wrappers only repeat the URL.
const conditionReason = (availability: Availability): string => {
  const failure = readCondition(availability);
  return `${availability.reason}: ${failure === null ? availability.message : failureReason(failure)}`;
};

const failureReason = ({ httpStatus, text }: Failure): string =>
  httpStatus !== null && text.startsWith('bad status from ') ? `the backend answers HTTP ${httpStatus}` : text;

/** The reason that is true now, of condition and answer together. */
const reasonOf = (apiService: ApiService, answer: Fact<Answer> | undefined, verdict: Verdict): string => {
  const { availability, service } = apiService;
  const condition = availability ? conditionReason(availability) : 'no Available condition yet';
  if (service === null) return verdict === 'ok' ? '' : condition;
  const current = currentFailure(apiService, answer);
  if (answer?.state !== 'known') return current ? condition : `not asked: ${answer?.detail ?? 'no request was made'}`;
  const reading = answerReading(apiService, answer);
  const saysTrue = availability?.status === 'True';
  const unseen = saysTrue ? ' (the condition does not see it: Available=True)' : '';
  switch (reading?.outcome) {
    case 'works':
      if (!saysTrue) return `answers now, though the condition says ${availability?.status ?? 'nothing'}`;
      if (verdict === 'ok') return '';
      return reading.resources === 0
        ? 'answers with an empty resource list'
        : `answers slowly: ${(answer.value.latencyMs / 1000).toFixed(1)} s`;
    case 'invalidDocument':
      return `the answer ${reading.problem}${unseen}`;
    case 'refusedUndialled':
      return saysTrue ? 'kube-apiserver refuses to dial the backend, though the condition says True' : condition;
    case 'starting':
      return 'kube-apiserver is starting';
    default:
      return current
        ? `${current.failure.httpStatus === null ? '' : `HTTP ${current.failure.httpStatus}: `}${failureReason(current.failure)}${unseen}`
        : condition;
  }
};

const statusItem = (apiService: ApiService, answer: Fact<Answer> | undefined): StatusItem => {
  const { name, group, version, service, availability, caBundle } = apiService;
  const owner =
    apiService.owner ?? (apiService.fieldManager === null ? null : `field manager ${apiService.fieldManager}`);
  const verdict = verdictOf(apiService, answer);
  return {
    name,
    group,
    version,
    service,
    available: availability && { ...availability, message: quoteLine(availability.message) },
    live:
      service !== null && answer?.state === 'known'
        ? {
            ...liveVerdict(apiService, answer.value),
            httpStatus: answer.value.httpStatus,
            detail: quoteLine(liveDetail(apiService, answer.value)),
            latencyMs: Math.round(answer.value.latencyMs),
          }
        : null,
    caBundle:
      service === null
        ? null
        : {
            present: caBundle !== null,
            // Certificates are parsed only for those who show them.
            get certificates() {
              return caBundle?.certificates.length ?? 0;
            },
            get earliestExpiry() {
              return caBundle?.certificates.map(({ notAfter }) => notAfter).toSorted()[0] ?? null;
            },
            insecureSkipTLSVerify: apiService.insecureSkipTlsVerify,
          },
    priority: { group: apiService.groupPriorityMinimum, version: apiService.versionPriority },
    verdict,
    reason: quoteLine(reasonOf(apiService, answer, verdict)),
    owner: owner === null ? null : quoteLine(owner),
    labels: Object.fromEntries(
      Object.entries(apiService.labels).map(([key, value]) => [quoteLine(key), quoteLine(value)]),
    ),
  };
};

const worstFirst: readonly Verdict[] = ['broken', 'degraded', 'unknown', 'ok'];

/** Every APIService that passes the filter, worst first, then by name. */
export const statusList = (
  snapshot: ClusterSnapshot,
  keep: (apiService: ApiService, verdict: Verdict) => boolean,
): StatusList => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'StatusList',
  capturedAt: snapshot.capturedAt,
  cluster: clusterSummary(snapshot),
  items: knownApiServices(snapshot.facts)
    .map((apiService) => ({ apiService, item: statusItem(apiService, snapshot.facts.answers[apiService.name]) }))
    .filter(({ apiService, item }) => keep(apiService, item.verdict))
    .map(({ item }) => item)
    .toSorted((a, b) => worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict) || compareText(a.name, b.name)),
});
