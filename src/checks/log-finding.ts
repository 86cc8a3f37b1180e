import type { FindingCode } from '../model/catalogue.ts';
import type { Fact } from '../model/facts.ts';
import type { Evidence, Remedy } from '../model/finding.ts';
import { type Check, defineCheck, type LogFinding, type RemoteApiService } from './define-check.ts';

/** The first line that says so and not only may; null where there is none, or no log was read. */
export const saidInLog = (logs: Fact<readonly LogFinding[]>, code: FindingCode): LogFinding | null =>
  (logs.state === 'known' ? logs.value : []).find(
    (finding) => finding.code === code && finding.confidence !== 'possible',
  ) ?? null;

export const logEvidence = ({ from, line }: LogFinding): Evidence => ({ from, value: line });

interface LogOnly {
  readonly code: FindingCode;
  readonly title: string;
  readonly source: string;
  readonly explanation: string;
  readonly byHand: readonly string[];
  readonly remedy: string;
  readonly message: (apiService: RemoteApiService) => string;
  readonly mend: (apiService: RemoteApiService) => Remedy;
}

/** A check of what only the log of a backend tells (doctor --logs). */
export const defineLogFinding = ({ message, mend, ...documented }: LogOnly): Check =>
  defineCheck({
    ...documented,
    needs: ['logFindings'],
    onRequest: 'logFindings',
    run({ apiService, logFindings }) {
      const said = saidInLog({ state: 'known', value: logFindings }, documented.code);
      return (
        said && {
          message: message(apiService),
          evidence: [logEvidence(said)],
          // A line may be older than what it tells of.
          confidence: 'likely',
          remedy: mend(apiService),
        }
      );
    },
  });
