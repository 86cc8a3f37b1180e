import type * as v from 'valibot';

import { parseWith } from '../../snapshot/parse-with.ts';
import type { RawAnswer } from '../../snapshot/raw-snapshot.ts';
import { textRedactor } from '../../snapshot/redact.ts';
import { parseBoundedJson, TOO_NESTED_OR_NUMEROUS } from './bounded-json.ts';
import { type ClusterReader, MAX_BODY_BYTES, type Received, RequestFailed } from './cluster-reader.ts';

const KEPT_TEXT = 1024;
const KEPT_STRING = 4096;
const KEPT_ITEMS = 10_000;

/** What one answer, and what all that one capture keeps, may weigh: about a byte for each unit. */
const MAX_ANSWER_WEIGHT = 4 * 1024 * 1024;
const MAX_CAPTURE_WEIGHT = 32 * 1024 * 1024;
/** Of an object, a list or a member, beside the text in it. */
const MEMBER_WEIGHT = 24;

/** What a JSON value weighs in memory; stops counting above `limit`. */
const weightOf = (value: unknown, limit: number): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  let weight = MEMBER_WEIGHT;
  for (const item of Object.values(value)) {
    weight += MEMBER_WEIGHT + weightOf(item, limit - weight);
    if (weight > limit) break;
  }
  return weight;
};

/** The first characters, as a text of its own: V8's slice would keep all of a body of 32 MiB alive. */
const beginningOf = (text: string, length: number): string =>
  text.length <= length ? text : Buffer.from(text.slice(0, length)).toString('utf8');

const TOO_MUCH = 'more than the tool keeps';

/** What is kept of what a server says: without the caller's secrets, cut, and within one weight for a whole capture. */
export interface Keeping {
  /** Without the secrets that are known by now. */
  readonly redacted: (text: string) => string;
  /** The first characters, redacted. */
  readonly cut: (text: string, length: number) => string;
  readonly answerBody: (received: Received) => RawAnswer['body'];
  /** The words of a refusal, in one line. */
  readonly statusMessage: (received: Received) => string;
  /** A document that was asked for and has to be there. @throws RequestFailed */
  readonly readDocument: (received: Received, what: string) => unknown;
  /** @throws RequestFailed where the value is not of that form */
  readonly fitting: <T extends v.GenericSchema>(schema: T, value: unknown, what: string) => v.InferOutput<T>;
  /** What a JSON value weighs in memory; what is beyond what there is room for is not counted. */
  readonly weigh: (value: unknown) => number;
  readonly hasRoomFor: (weight: number) => boolean;
  /** Takes up room. @throws RequestFailed where there is none */
  readonly keep: (weight: number, what: string) => void;
}

export const keeping = (reader: Pick<ClusterReader, 'secrets'>): Keeping => {
  // Text is redacted before it is cut: half a token is a secret too.
  let secrets: readonly string[] = [];
  let redact = textRedactor(secrets);
  const redacted = (text: string): string => {
    const now = reader.secrets();
    // Files rotate and plugins are asked again meanwhile: there are only ever more.
    if (now.length !== secrets.length) {
      secrets = now;
      redact = textRedactor(secrets);
    }
    return redact(text);
  };
  let weightLeft = MAX_CAPTURE_WEIGHT;

  const cut = (text: string, length: number): string => beginningOf(redacted(text), length);

  /** One line's worth of what a server says; cutting it again changes nothing. */
  const quoted = (text: string): string => {
    const clean = redacted(text);
    if (clean.length <= KEPT_TEXT) return clean;
    const kept = KEPT_TEXT - 40;
    return `${beginningOf(clean, kept)}… (${clean.length - kept} characters left out)`;
  };

  /** A JSON value cut to what a snapshot keeps; cutting it again changes nothing. */
  const bounded = (value: unknown): unknown => {
    if (typeof value === 'string') return cut(value, KEPT_STRING);
    if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
    if (Array.isArray(value)) return value.slice(0, KEPT_ITEMS).map(bounded);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, KEPT_ITEMS)
        .map(([key, item]) => [cut(key, KEPT_STRING), bounded(item)]),
    );
  };

  const answerBody = ({ body, contentType }: Received): RawAnswer['body'] => {
    if (body === null) return { form: 'tooLarge', why: `larger than ${MAX_BODY_BYTES} bytes` };
    if (body === '') return { form: 'empty' };
    if (/^\s*[{[]/.test(body) || contentType?.includes('json')) {
      const parsed = parseBoundedJson(body);
      if (parsed.state === 'tooLarge') return { form: 'tooLarge', why: TOO_NESTED_OR_NUMEROUS };
      if (parsed.state === 'value') {
        if (weightOf(parsed.value, MAX_ANSWER_WEIGHT) > Math.min(MAX_ANSWER_WEIGHT, weightLeft))
          return { form: 'tooLarge', why: TOO_MUCH };
        const value = bounded(parsed.value);
        weightLeft -= weightOf(value, weightLeft);
        return { form: 'json', value };
      }
    }
    const { text, length } = beginning(body);
    return { form: 'text', text, leftOut: length - text.length };
  };

  /** The first of a text, redacted, and the length of all of it. */
  const beginning = (whole: string): { readonly text: string; readonly length: number } => {
    const head = whole.slice(0, KEPT_TEXT * 16);
    const clean = redacted(head);
    // What ends a head that is cut off may be half a token: it must not be among what is kept, or all has to be looked at.
    const isSafe = head.length === whole.length || /\s/.test(clean.slice(KEPT_TEXT, -KEPT_TEXT * 4));
    const all = isSafe ? clean : redacted(whole);
    return { text: beginningOf(all, KEPT_TEXT), length: all.length + (isSafe ? whole.length - head.length : 0) };
  };

  const statusMessage = ({ body, httpStatus }: Received): string => {
    if (body === null) return `more than ${MAX_BODY_BYTES} bytes`;
    const parsed = parseBoundedJson(body);
    const message = parsed.state === 'value' ? (parsed.value as { message?: unknown } | null)?.message : undefined;
    if (typeof message === 'string') return quoted(message);
    const isPage = /^\s*</.test(body);
    const words = isPage ? 'a page of HTML' : quoted(beginning(body).text.trim());
    return isPage || httpStatus === 404 ? `${words}; is this a Kubernetes API server?` : words;
  };

  const readDocument = (received: Received, what: string): unknown => {
    const { httpStatus, body, location } = received;
    if (httpStatus === 401) {
      throw new RequestFailed(
        'unreadable',
        `${what}: 401 Unauthorized: ${statusMessage(received)}; the credential is missing, expired or not meant for this server`,
      );
    }
    if (httpStatus === 403) throw new RequestFailed('forbidden', `${what}: ${statusMessage(received)}`);
    if (httpStatus >= 300 && httpStatus < 400) {
      throw new RequestFailed(
        'unreadable',
        `${what}: redirected to ${location === null ? 'nowhere' : quoted(location)}, which is not followed`,
      );
    }
    if (httpStatus !== 200)
      throw new RequestFailed('unreadable', `${what}: HTTP status ${httpStatus}: ${statusMessage(received)}`);
    if (body === null)
      throw new RequestFailed('unreadable', `${what}: the answer is larger than ${MAX_BODY_BYTES} bytes`);
    const parsed = parseBoundedJson(body);
    if (parsed.state === 'tooLarge')
      throw new RequestFailed('unreadable', `${what}: the answer is ${TOO_NESTED_OR_NUMEROUS}`);
    if (parsed.state === 'notJson')
      throw new RequestFailed('unreadable', `${what}: the answer is not JSON; is this a Kubernetes API server?`);
    return parsed.value;
  };

  const fitting = <T extends v.GenericSchema>(schema: T, value: unknown, what: string): v.InferOutput<T> => {
    const result = parseWith(schema, value);
    if (!result.ok)
      throw new RequestFailed(
        'unreadable',
        quoted(`${what}: ${result.field === '' ? 'the answer' : result.field}: ${result.problem}`),
      );
    return result.value;
  };

  const weigh = (value: unknown): number => weightOf(value, weightLeft);

  const keep = (weight: number, what: string): void => {
    if (weight > weightLeft) throw new RequestFailed('unreadable', `${what}: the cluster says ${TOO_MUCH}`);
    weightLeft -= weight;
  };

  return {
    redacted,
    cut,
    answerBody,
    statusMessage,
    readDocument,
    fitting,
    weigh,
    hasRoomFor: (weight) => weight <= weightLeft,
    keep,
  };
};
