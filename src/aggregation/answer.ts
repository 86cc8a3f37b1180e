import type { Answer, ApiService } from '../model/facts.ts';
import type { Failure } from './failure.ts';
import { readGoError, readHttpStatus } from './go-error.ts';
import type { ResourceEntries } from './discovered-resource.ts';
import { readResourceList } from './resource-list.ts';

/** What the API server's answer to GET /apis/<group>/<version> tells. */
export type AnswerReading =
  /** A valid list of this group version. */
  | {
      readonly outcome: 'works';
      /** Entries, subresources too. */
      readonly resources: number;
      readonly list: ResourceEntries['resources'];
      readonly problems: ResourceEntries['problems'];
    }
  /** 2xx, but no valid list. */
  | { readonly outcome: 'invalidDocument'; readonly field: string; readonly problem: string }
  /** kube-aggregator's own gate: it did not dial, because the condition it holds is not True. */
  | { readonly outcome: 'refusedUndialled' }
  /** kube-apiserver has not yet installed all paths. */
  | { readonly outcome: 'starting' }
  /** kube-aggregator or the backend says what failed. */
  | { readonly outcome: 'fails'; readonly failure: Failure };

const fails = (failure: Failure): AnswerReading => ({ outcome: 'fails', failure });

/** The words of an answer in one string: a text body, a Status' message, or the value as JSON. */
export const answerText = ({ body }: Answer): string => {
  switch (body.form) {
    case 'empty':
      return '';
    case 'text':
      return body.text.trim();
    case 'tooLarge':
    case 'damaged':
      return `(${body.why})`;
    case 'json': {
      const message =
        typeof body.value === 'object' && body.value !== null
          ? (body.value as { message?: unknown }).message
          : undefined;
      return typeof message === 'string' ? message : JSON.stringify(body.value);
    }
  }
};

// The aggregator's own answers are plain text (handler_proxy.go, http.Error); no header names their origin.
const aggregatorsWords = (httpStatus: number, text: string): AnswerReading | null => {
  if (httpStatus === 503 && text === 'service unavailable') return { outcome: 'refusedUndialled' };
  if (httpStatus === 503) {
    const inner = /^error trying to reach service: ([\s\S]*)$/.exec(text)?.[1];
    if (inner !== undefined) return fails(readGoError(inner));
    if (text.startsWith('the request has been made before all known HTTP paths have been installed'))
      return { outcome: 'starting' };
  }
  if (httpStatus === 500 && text.startsWith('unable to load root certificates: ')) return fails(readGoError(text));
  if (httpStatus === 502 && text.startsWith('the backend attempted to redirect this request'))
    return fails({ ...readHttpStatus(302, text), httpStatus: null });
  if (httpStatus === 504 && text.startsWith('Timeout: request did not complete within'))
    return fails({ ...readGoError('context deadline exceeded'), text });
  return null;
};

/** kube-aggregator's own words for a path that it does not know; a backend written in Go has the same. */
export const isUnknownPath = (answer: Answer): boolean =>
  answer.httpStatus === 404 && answerText(answer) === '404 page not found';

const looksLikeHtml = (text: string): boolean => /^\s*(?:<!doctype html|<html|<head|<body)/i.test(text);

/** Reads an answer; see aggregator behaviour in handler_proxy.go (proxyHandler.ServeHTTP) and apimachinery upgradeaware.go. */
export const readAnswer = (answer: Answer, apiService: Pick<ApiService, 'group' | 'version'>): AnswerReading => {
  const groupVersion = `${apiService.group}/${apiService.version}`;
  const known = readings.get(answer);
  if (known?.groupVersion === groupVersion) return known.reading;
  const reading = readAnew(answer, apiService);
  readings.set(answer, { groupVersion, reading });
  return reading;
};

/** An answer is read for verdict, reason and every check, and never changes. */
const readings = new WeakMap<Answer, { readonly groupVersion: string; readonly reading: AnswerReading }>();

const readAnew = (answer: Answer, apiService: Pick<ApiService, 'group' | 'version'>): AnswerReading => {
  const { httpStatus, body } = answer;
  if (httpStatus < 200 || httpStatus > 299) {
    const text = answerText(answer);
    return aggregatorsWords(httpStatus, text) ?? fails(readHttpStatus(httpStatus, text));
  }
  switch (body.form) {
    case 'empty':
      return { outcome: 'invalidDocument', field: '', problem: 'is empty' };
    case 'tooLarge':
      return { outcome: 'invalidDocument', field: '', problem: `is too large to be read: ${body.why}` };
    case 'damaged':
      return { outcome: 'invalidDocument', field: '', problem: `cannot be read: ${body.why}` };
    case 'text':
      return {
        outcome: 'invalidDocument',
        field: '',
        problem: looksLikeHtml(body.text) ? 'is an HTML page' : 'is not JSON',
      };
    case 'json': {
      const list = readResourceList(body.value, apiService);
      return list.valid
        ? { outcome: 'works', resources: list.resources, list: list.entries.resources, problems: list.entries.problems }
        : { outcome: 'invalidDocument', field: list.field, problem: list.problem };
    }
  }
};
