import { factAt } from '../aggregation/fact-at.ts';
import { currentFailure } from '../aggregation/health.ts';
import { onServerClock } from '../aggregation/server-clock.ts';
import {
  type AnyCheck,
  type Check,
  type ClusterCheck,
  type Draft,
  isRemote,
  type RemoteApiService,
} from '../checks/define-check.ts';
import type { ApiService, ClusterSnapshot, FactName, Missing } from '../model/facts.ts';
import type { Subject } from '../model/finding.ts';
import { type BackendView, backendView, firstMissing } from './backend-view.ts';

export type Outcome =
  | { readonly state: 'passed' | 'notApplicable' }
  | { readonly state: 'failed'; readonly draft: Draft }
  | { readonly state: 'undetermined'; readonly source: FactName; readonly missing: Missing }
  | { readonly state: 'crashed'; readonly detail: string };

/** What one check says of one subject. */
export interface CheckVerdict {
  readonly check: AnyCheck;
  /** Null for a check of the whole cluster, or where its finding names no single object. */
  readonly apiService: ApiService | null;
  readonly subject: Subject;
  readonly outcome: Outcome;
}

const passedOr = (draft: Draft | null): Outcome => (draft === null ? { state: 'passed' } : { state: 'failed', draft });

const judge = (check: Check, apiService: RemoteApiService, view: BackendView, onServer: Date): Outcome => {
  if (check.appliesTo?.(apiService) === false) return { state: 'notApplicable' };
  if (check.onRequest && view[check.onRequest].fact.state === 'notCollected') return { state: 'notApplicable' };
  const answer = view.answer.fact;
  const current = currentFailure(apiService, answer);
  const missing = firstMissing(view, check.needs);
  if (missing) {
    const draft = check.stated?.({ apiService, answer, current }) ?? null;
    return draft === null ? { state: 'undetermined', ...missing } : { state: 'failed', draft };
  }
  const values = Object.fromEntries(
    check.needs.map((need) => {
      const { fact } = view[need];
      return [need, fact.state === 'known' ? fact.value : null];
    }),
  );
  const used = Object.fromEntries((check.uses ?? []).map((use) => [use, view[use].fact]));
  const result = check.run(
    { apiService, current, ...values, used } as unknown as Parameters<Check['run']>[0],
    onServer,
  );
  if (result === null || !('undeterminedFor' in result)) return passedOr(result);
  const { source, fact } = view[result.undeterminedFor];
  return fact.state === 'known' ? { state: 'passed' } : { state: 'undetermined', source, missing: fact };
};

const crashed = (error: unknown): Outcome => ({
  state: 'crashed',
  detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
});

// What one check did not foresee must not cost the others' findings.
const isolated = (run: () => Outcome): Outcome => {
  try {
    return run();
  } catch (error) {
    return crashed(error);
  }
};

const apiServiceOf = ({ kind, name }: Subject, apiServices: readonly ApiService[]): ApiService | null =>
  (kind === 'APIService' && apiServices.find((apiService) => apiService.name === name)) || null;

const runClusterCheck = (
  check: ClusterCheck,
  { facts, capturedAt, cluster }: ClusterSnapshot,
  apiServices: readonly ApiService[],
): readonly CheckVerdict[] => {
  const whole: Subject = { kind: 'Cluster', name: cluster.context ?? 'unknown' };
  const verdict = (outcome: Outcome, subject = whole): CheckVerdict => ({
    check,
    apiService: apiServiceOf(subject, apiServices),
    subject,
    outcome,
  });
  for (const need of check.needs) {
    const fact = facts[need];
    if (fact.state !== 'known') return [verdict({ state: 'undetermined', source: need, missing: fact })];
  }
  for (const name of check.needsDocuments ?? []) {
    const fact = factAt(facts.discoveryDocuments, name);
    if (fact.state !== 'known')
      return [verdict({ state: 'undetermined', source: 'discoveryDocuments', missing: fact })];
  }
  try {
    const drafts = check
      .run(facts, onServerClock(new Date(capturedAt), facts.serverClock))
      .filter(({ subject }) => subject.kind !== 'APIService' || apiServiceOf(subject, apiServices) !== null);
    return drafts.length === 0
      ? [verdict({ state: 'passed' })]
      : drafts.map((draft) => verdict({ state: 'failed', draft }, draft.subject));
  } catch (error) {
    return [verdict(crashed(error))];
  }
};

/** Every verdict of the checks on the APIServices given; a crash stays with its check. */
export const runChecks = (
  checks: readonly AnyCheck[],
  snapshot: ClusterSnapshot,
  apiServices: readonly ApiService[],
): readonly CheckVerdict[] => {
  const { facts } = snapshot;
  const now = new Date(snapshot.capturedAt);
  // What checks compare the time with was written by the control plane.
  const onServer = onServerClock(now, facts.serverClock);
  const views = new Map(
    apiServices.filter(isRemote).map((apiService) => [apiService, backendView(facts, apiService, now)]),
  );
  return checks.flatMap((check): readonly CheckVerdict[] => {
    if (check.scope === 'Cluster') return runClusterCheck(check, snapshot, apiServices);
    return apiServices.map((apiService) => {
      const subject = { kind: 'APIService', name: apiService.name };
      const view = isRemote(apiService) ? views.get(apiService) : undefined;
      const outcome: Outcome =
        isRemote(apiService) && view
          ? isolated(() => judge(check, apiService, view, onServer))
          : { state: 'notApplicable' };
      return { check, apiService, subject, outcome };
    });
  });
};
