import { failureEvidence } from '../aggregation/evidence.ts';
import { type CurrentFailure, isThrottledAlone } from '../aggregation/health.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { Answer, Fact } from '../model/facts.ts';
import { type Subject, subjectText } from '../model/finding.ts';
import { type CannotTell, type Check, defineCheck, type Draft, type RemoteApiService } from './define-check.ts';
import { impactCauses } from './outage-causes.ts';

/** What every outage of a group version does to some client, whatever its cause. */
interface OutageImpact {
  readonly code: FindingCode;
  readonly title: string;
  readonly source: string;
  readonly explanation: string;
  readonly byHand: readonly string[];
  readonly remedy: string;
  readonly appliesTo?: (apiService: RemoteApiService) => boolean;
  /** Of what one Service serves: its group versions go out together. */
  readonly message: (service: string) => string;
  readonly affects: readonly Subject[];
}

interface Outage {
  readonly apiService: RemoteApiService;
  readonly current: CurrentFailure | null;
  readonly used: { readonly answer: Fact<Answer> };
}

/** What an outage does for as long as the group version does not answer; null where it answers. */
export const outageDraft = (
  { apiService, current, used: { answer } }: Outage,
  { message, affects, remedy }: Pick<OutageImpact, 'message' | 'affects' | 'remedy'>,
): Draft | CannotTell<'answer'> | null => {
  if (current === null) return answer.state === 'known' ? null : { undeterminedFor: 'answer' };
  if (isThrottledAlone(apiService, current)) return null;
  const { namespace, name } = apiService.service;
  const service = { kind: 'Service', namespace, name };
  return {
    message: message(subjectText(service)),
    evidence: failureEvidence(apiService, answer, current),
    confidence: 'likely',
    remedy: { text: remedy, commands: [] },
    sharedCause: service,
    affects,
  };
};

/** A consequence of every outage that is told by it alone. */
export const defineOutageImpact = ({ message, affects, ...documented }: OutageImpact): Check =>
  defineCheck({
    ...documented,
    explainedBy: impactCauses,
    needs: [],
    uses: ['answer'],
    run: (outage) => outageDraft(outage, { message, affects, remedy: documented.remedy }),
  });
