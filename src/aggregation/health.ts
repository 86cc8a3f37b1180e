import type { FindingCode } from '../model/catalogue.ts';
import type { Answer, ApiService, Fact, Pod, Service } from '../model/facts.ts';
import { type AnswerReading, readAnswer } from './answer.ts';
import { readCondition } from './condition.ts';
import { labelledPods } from './endpoints.ts';
import { type Failure, failureCodes } from './failure.ts';

import type { Verdict } from '../model/report.ts';

/** Half of the five seconds that kube-aggregator gives a discovery request (handler_proxy.go). */
export const SLOW_ANSWER_MS = 2500;

/** From this minor on the availability check verifies the serving certificate (remote_available_controller.go). */
export const FIRST_MINOR_THAT_VERIFIES = 36;

/** The one group whose list may be empty while all is well (custom-metrics-apiserver external metrics). */
export const mayBeEmpty = (apiService: ApiService): boolean => apiService.group === 'external.metrics.k8s.io';

/** Metrics APIs made with custom-metrics-apiserver: their lists change all the time, and their aggregated document lacks them. */
export const hasPassingResources = ({ group }: Pick<ApiService, 'group'>): boolean =>
  group === 'custom.metrics.k8s.io' || group === 'external.metrics.k8s.io';

/**
 * How long discovery and OpenAPI may take to follow the Available condition: they are read anew each minute, and a backend that
 * hangs holds that up for as long as two.
 */
const SETTLING_MS = 120_000;

/** Whether the condition is as it is for so long that all else should have followed. */
export const hasSettled = ({ availability }: ApiService, now: Date): boolean =>
  availability !== null && availability.since !== null && now.getTime() - Date.parse(availability.since) >= SETTLING_MS;

/** Whether no Pod behind the Service came or began to go of late: until discovery follows, one may serve what another does not. */
export const havePodsSettled = (
  { service, pods }: { readonly service: Fact<Service | null>; readonly pods: Fact<readonly Pod[]> },
  now: Date,
): boolean =>
  service.state !== 'known' ||
  service.value === null ||
  pods.state !== 'known' ||
  labelledPods(service.value, pods.value).every(
    ({ createdAt, deletedAt }) =>
      deletedAt === null && (createdAt === null || now.getTime() - Date.parse(createdAt) >= SETTLING_MS),
  );

/** An injector fills the bundle of a new APIService within seconds, and puts a renewed authority into it. */
const INJECTION_MS = 60_000;

/** Whether that instant is so short ago that what fills CA bundles may not have come round since. */
export const awaitsInjection = (since: Date, now: Date): boolean => now.getTime() - since.getTime() < INJECTION_MS;

/** Where the failure that holds now was read. */
export interface CurrentFailure {
  readonly failure: Failure;
  readonly from: 'answer' | 'condition';
}

/** The answer's reading, or null where no answer could be had. */
export const answerReading = (apiService: ApiService, answer: Fact<Answer> | undefined): AnswerReading | null =>
  answer?.state === 'known' ? readAnswer(answer.value, apiService) : null;

/**
 * What fails now, of condition and live answer together. An answer from behind the dial is newer and closer than the
 * condition, which up to 1.35 does not even see TLS; kube-aggregator's refusal to dial only repeats the condition, and a
 * kube-apiserver that is still starting tells nothing of the backend.
 */
export const currentFailure = (apiService: ApiService, answer: Fact<Answer> | undefined): CurrentFailure | null => {
  const reading = answerReading(apiService, answer);
  if (reading?.outcome === 'fails') return { failure: reading.failure, from: 'answer' };
  if (reading !== null && reading.outcome !== 'refusedUndialled' && reading.outcome !== 'starting') return null;
  const failure = apiService.availability && readCondition(apiService.availability);
  return failure ? { failure, from: 'condition' } : null;
};

/** A limit of the backend that the caller exceeds while kube-aggregator's own check passes: others may be served all the same. */
export const isThrottledAlone = ({ availability }: ApiService, { failure, from }: CurrentFailure): boolean =>
  from === 'answer' && failure.httpStatus === 429 && availability?.status === 'True';

/** Go names only the instant at which a certificate ended: one of the bundle that ends then is the authority that expired. */
export const isExpiredAuthority = ({ kind, boundary }: Failure, { caBundle }: ApiService): boolean =>
  kind === 'certificateExpired' && (caBundle?.certificates.some(({ notAfter }) => notAfter === boundary) ?? false);

/** The finding that a failure stands for; without a bundle it is the missing bundle that makes the authority unknown. */
export const failureCode = (failure: Failure, apiService: ApiService): FindingCode => {
  if (failure.kind === 'unknownAuthority' && apiService.caBundle === null) return 'AA305';
  return isExpiredAuthority(failure, apiService) ? 'AA307' : failureCodes[failure.kind];
};

export interface LiveVerdict {
  readonly verdict: Verdict;
  readonly code: FindingCode | null;
}

/** What the live answer alone shows. */
export const liveVerdict = (apiService: ApiService, answer: Answer): LiveVerdict => {
  const reading = readAnswer(answer, apiService);
  switch (reading.outcome) {
    case 'works':
      if (answer.latencyMs > SLOW_ANSWER_MS) return { verdict: 'degraded', code: 'AA214' };
      if (reading.resources === 0 && !mayBeEmpty(apiService)) return { verdict: 'degraded', code: 'AA412' };
      return { verdict: 'ok', code: null };
    case 'invalidDocument':
      return { verdict: 'broken', code: 'AA411' };
    case 'refusedUndialled':
      return { verdict: 'broken', code: null };
    case 'starting':
      return { verdict: 'unknown', code: null };
    case 'fails':
      return { verdict: 'broken', code: failureCode(reading.failure, apiService) };
  }
};

/** The verdict of status: never better than the condition or the live answer allows, and never a guess. */
export const verdictOf = (apiService: ApiService, answer: Fact<Answer> | undefined): Verdict => {
  const condition = apiService.availability?.status ?? null;
  if (apiService.service === null) return condition === 'True' ? 'ok' : condition === null ? 'unknown' : 'broken';
  const live = answer?.state === 'known' ? liveVerdict(apiService, answer.value).verdict : 'unknown';
  if (live === 'unknown') return condition === 'True' || condition === null ? 'unknown' : 'broken';
  return live === 'ok' && condition !== 'True' ? 'degraded' : live;
};
