import { failureEvidence } from '../aggregation/evidence.ts';
import type { FindingCode } from '../model/catalogue.ts';
import { type Subject, subjectText } from '../model/finding.ts';
import { type Check, defineCheck, type RemoteApiService } from './define-check.ts';
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

/** A consequence that is there for as long as the group version does not answer. */
export const defineOutageImpact = ({ message, affects, ...documented }: OutageImpact): Check =>
  defineCheck({
    ...documented,
    explainedBy: impactCauses,
    needs: [],
    uses: ['answer'],
    run({ apiService, current, used }) {
      if (current === null) return used.answer.state === 'known' ? null : { undeterminedFor: 'answer' };
      const { namespace, name } = apiService.service;
      const service = { kind: 'Service', namespace, name };
      return {
        message: message(subjectText(service)),
        evidence: failureEvidence(apiService, used.answer, current),
        confidence: 'likely',
        remedy: { text: documented.remedy, commands: [] },
        sharedCause: service,
        affects,
      };
    },
  });
