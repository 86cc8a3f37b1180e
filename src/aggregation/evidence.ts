import type { Answer, ApiService, DiscoveryDocument, Fact } from '../model/facts.ts';
import type { Evidence } from '../model/finding.ts';
import { answerText } from './answer.ts';
import type { DiscoveredVersion } from './discovery-document.ts';
import { groupVersionPath, groupVersionText } from './group-version.ts';
import type { CurrentFailure } from './health.ts';

/** The Available condition as it can be seen again, or that there is none. */
export const conditionEvidence = ({ name, availability }: ApiService): Evidence => ({
  from: `APIService ${name} status.conditions[Available]`,
  value: availability ? `${availability.status}, ${availability.reason}: ${availability.message}` : 'absent',
});

/** An answer in one line: status, content type and words. */
export const receivedText = (answer: Answer): string => {
  const text = answerText(answer);
  const status = `${answer.httpStatus}${answer.contentType === null ? '' : ` ${answer.contentType}`}`;
  return answer.body.form === 'empty'
    ? `${status}, empty body`
    : `${status}: ${text}${answer.body.form === 'text' && answer.body.leftOut > 0 ? ' …' : ''}`;
};

/** The API server's answer as it can be seen again. */
export const answerEvidence = (apiService: ApiService, answer: Answer): Evidence => ({
  from: `GET ${groupVersionPath(apiService)}`,
  value: receivedText(answer),
});

/** What a Pod answered by itself. */
export const podEvidence = (endpoint: string, document: DiscoveryDocument): Evidence => ({
  from: `GET ${document.path} of ${endpoint}`,
  value: receivedText(document),
});

/** The entry of a group version in the aggregated discovery document. */
export const entryEvidence = (
  apiService: Pick<ApiService, 'group' | 'version'>,
  entry: DiscoveredVersion | null,
): Evidence => ({
  from: `GET ${apiService.group === '' ? '/api' : '/apis'} as APIGroupDiscoveryList, ${groupVersionText(apiService)}`,
  value:
    entry === null
      ? 'absent'
      : `freshness ${entry.freshness}, ${entry.resources?.length === 0 ? 'no resources' : `resources ${entry.resources?.map(({ resource }) => resource).join(', ')}`}`,
});

/** The witnesses of a failure, the one it was read from first. */
export const failureEvidence = (
  apiService: ApiService,
  answer: Fact<Answer>,
  current: CurrentFailure | null,
): readonly Evidence[] => {
  const condition =
    apiService.availability?.status === 'True' && current?.from === 'answer' ? [] : [conditionEvidence(apiService)];
  const live = answer.state === 'known' ? [answerEvidence(apiService, answer.value)] : [];
  return current?.from === 'answer' ? [...live, ...condition] : [...condition, ...live];
};
