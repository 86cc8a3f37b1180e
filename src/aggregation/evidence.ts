import type { Answer, ApiService, Fact } from '../model/facts.ts';
import type { Evidence } from '../model/finding.ts';
import { answerText } from './answer.ts';
import { groupVersionPath } from './group-version.ts';
import type { CurrentFailure } from './health.ts';

/** The Available condition as it can be seen again, or that there is none. */
export const conditionEvidence = ({ name, availability }: ApiService): Evidence => ({
  from: `APIService ${name} status.conditions[Available]`,
  value: availability ? `${availability.status}, ${availability.reason}: ${availability.message}` : 'absent',
});

/** The API server's answer as it can be seen again. */
export const answerEvidence = (apiService: ApiService, answer: Answer): Evidence => {
  const text = answerText(answer);
  const status = `${answer.httpStatus}${answer.contentType === null ? '' : ` ${answer.contentType}`}`;
  return {
    from: `GET ${groupVersionPath(apiService)}`,
    value:
      answer.body.form === 'empty'
        ? `${status}, empty body`
        : `${status}: ${text}${answer.body.form === 'text' && answer.body.leftOut > 0 ? ' …' : ''}`,
  };
};

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
