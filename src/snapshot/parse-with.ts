import * as v from 'valibot';

/** Where a value departs from a schema, as `facts.pods.default.value[0].spec: …`; null when it fits. */
export const parseWith = <T extends v.GenericSchema>(
  schema: T,
  value: unknown,
):
  | { readonly ok: true; readonly value: v.InferOutput<T> }
  | { readonly ok: false; readonly field: string; readonly problem: string } => {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  return { ok: false, field: fieldPath(issue), problem: problemText(issue) };
};

// valibot's word for a key that is not there is the key itself, as what is expected.
const problemText = (issue: v.BaseIssue<unknown>): string =>
  issue.path?.at(-1)?.origin === 'key' ? 'missing' : `expected ${expectedText(issue)}, found ${receivedText(issue)}`;

const expectedText = ({ type, expected }: v.BaseIssue<unknown>): string =>
  type === 'iso_timestamp' ? 'an instant such as 2026-11-21T10:00:00Z' : (expected ?? 'another value');

// What stands in the wrong place may be a secret: only where a word out of a few is expected is the word found repeated.
const receivedText = ({ expected, received }: v.BaseIssue<unknown>): string => {
  if (!received.startsWith('"')) return received;
  return /^[("]/.test(expected ?? '') && received.length <= 64 ? received : 'a string';
};

const fieldPath = (issue: v.BaseIssue<unknown>): string =>
  (issue.path ?? []).reduce((path, { key }) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `${path}[${JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)}]`;
    return path === '' ? name : `${path}.${name}`;
  }, '');
