import { compile, JSONPathError as LibraryError } from 'json-p3';

import { printable } from './text/printable.ts';

// kubectl's dialect (client-go util/jsonpath/parser.go) is older than RFC 9535: each path is translated for the library, and
// what is around the paths, text, literals and ranges, is read here. Where kubectl fails, on an index out of bounds or on
// values of two types, the RFC finds nothing, and so do we: the exit status does not depend on the format.

/** A path or template that cannot be read; `message` says what and where. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

/** Where the bracket or brace that was opened before `from` is closed, whatever quotes hold. */
const closingAt = (text: string, from: number, open: string, close: string): number => {
  let quote = '';
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\') at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === open) depth += 1;
    else if (character === close && depth === 0) return at;
    else if (character === close) depth -= 1;
  }
  throw new JsonPathError(quote === '' ? `unclosed ${open}` : 'unterminated quoted string');
};

/** The text of `"a\n"` and `'a'`; null where it is not quoted. */
const unquoted = (text: string): string | null => {
  const [, quote, inner = ''] = /^(["'])([\s\S]*)\1$/.exec(text) ?? [];
  if (quote === undefined) return null;
  const body = quote === '"' ? inner : inner.replace(/\\'/g, "'").replace(/(?<!\\)"/g, String.raw`\"`);
  try {
    return JSON.parse(`"${body}"`) as string;
  } catch {
    throw new JsonPathError(`cannot unquote ${text}`);
  }
};

const literal = /^(?:[+-]?\d+(?:\.\d+)?|true|false)$/;

/** One side of a comparison, in the words of RFC 9535. */
const operand = (text: string): string => {
  const quoted = unquoted(text);
  if (quoted !== null) return JSON.stringify(quoted);
  if (literal.test(text)) return text.replace('+', '');
  if (!/^[@$.[]/.test(text)) throw new JsonPathError(`unrecognized operand ${text}`);
  const [path = '', another] = translate(text);
  if (another !== undefined) throw new JsonPathError(`can only compare one element at a time: ${text}`);
  return `@${path}`;
};

/** The selectors that stand between brackets, with their own; several where a union has paths in it. */
const selectors = (text: string): readonly string[] => {
  const [, condition] = /^\?\(([\s\S]*)\)$/.exec(text) ?? [];
  if (condition !== undefined) {
    const [, left = condition, operator, right = ''] =
      /^([^!<>=]+?)\s*(==|!=|<=|>=|<|>)([^!<>=][\s\S]*)$/.exec(condition) ?? [];
    const compared = operator === undefined ? '' : ` ${operator} ${operand(right.trim())}`;
    return [`[?${operand(left.trim())}${compared}]`];
  }
  return text.split(',').flatMap((part) => {
    const one = part.trim();
    const [, key] = /^'([^']*)'$/.exec(one) ?? [];
    // A key in quotes is a path again, with its dots escaped.
    if (key !== undefined) return translate(`.${key}`);
    if (!/^(?:\*|-?\d+|-?\d*:(?:-?\d*)?(?::\d*)?)$/.test(one)) throw new JsonPathError(`invalid array index ${one}`);
    return [`[${one}]`];
  });
};

/** The queries of RFC 9535, without `$`, that a path stands for: one, unless it has a union of paths. */
const translate = (path: string): readonly string[] => {
  let queries: readonly string[] = [''];
  let descent = '';
  const add = (segments: readonly string[]): void => {
    const before = descent;
    // All that the first part of a union finds comes first.
    queries = segments.flatMap((segment) => queries.map((start) => `${start}${before}${segment}`));
    descent = '';
  };
  let at = 0;
  while (at < path.length) {
    const character = path[at] ?? '';
    if (path.startsWith('..', at)) {
      descent = '..';
      at += path[at + 2] === '[' ? 2 : 1;
    } else if (character === '.') {
      const [whole, name = ''] = /^\.((?:\\[\s\S]|[^\s.,[\]$@{}\\])*)/.exec(path.slice(at)) ?? ['.'];
      if (name !== '') add([name === '*' ? '[*]' : `[${JSON.stringify(name.replace(/\\/g, ''))}]`]);
      at += whole.length;
    } else if (character === '[') {
      const end = closingAt(path, at + 1, '[', ']');
      add(selectors(path.slice(at + 1, end)));
      at = end + 1;
    } else if (/[ \t@$]/.test(character)) at += 1;
    else throw new JsonPathError(`unrecognized character ${character}`);
  }
  if (descent !== '') throw new JsonPathError('a name is needed after ..');
  return queries;
};

/** Finds values, in the order of the document. */
export type Find = (value: unknown) => readonly unknown[];

const finderOf = (path: string): Find => {
  const queries = translate(path).map((found) => compile(`$${found}`));
  return (value) => queries.flatMap((found): readonly unknown[] => found.query(value as null).values());
};

const parsing = <T>(text: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof JsonPathError || error instanceof LibraryError)
      throw new JsonPathError(`error parsing jsonpath ${text}, ${error.message}`);
    throw error;
  }
};

/**
 * A path alone, as --sort-by and custom-columns take it: `{.a.b}`, `.a.b` or `a.b`
 * (kubectl pkg/cmd/get/customcolumn.go, RelaxedJSONPathExpression).
 * @throws JsonPathError
 */
export const parsePath = (text: string): Find =>
  parsing(text, () => {
    const [, inner = text] = /^\{([\s\S]*)\}$/.exec(text.trim()) ?? [];
    return finderOf(/^[.[$@]/.test(inner.trim()) ? inner : `.${inner.trim()}`);
  });

/** A value as kubectl prints it: text as it is, all else as JSON. */
export const valueText = (value: unknown): string =>
  printable(typeof value === 'string' ? value : JSON.stringify(value ?? null));

type Print = (value: unknown) => string;

const all =
  (parts: readonly Print[]): Print =>
  (value) =>
    parts.map((print) => print(value)).join('');

const actionOf = (action: string): Print => {
  const text = unquoted(action) ?? (literal.test(action) ? String(JSON.parse(action.replace('+', ''))) : null);
  if (text !== null) return () => text;
  if (!/^(?:$|[.[$@])/.test(action)) throw new JsonPathError(`unrecognized identifier ${action}`);
  const find = finderOf(action);
  return (value) => find(value).map(valueText).join(' ');
};

/**
 * A template of text, `{paths}`, `{"literals"}` and `{range path}…{end}`. Prints nothing for what is not there.
 * @throws JsonPathError
 */
export const parseTemplate = (template: string): Print =>
  parsing(template, () => {
    /** What is printed so far: of the template, and of each range that is open. */
    const open: Print[][] = [[]];
    const ranges: Find[] = [];
    const end = (): void => {
      const find = ranges.pop();
      if (!find) throw new JsonPathError('not in range, nothing to end');
      const body = all(open.pop() ?? []);
      open.at(-1)?.push((value) => find(value).map(body).join(''));
    };
    let at = 0;
    while (at < template.length) {
      const start = template.indexOf('{', at);
      const text = template.slice(at, start < 0 ? undefined : start);
      if (text !== '') open.at(-1)?.push(() => text);
      if (start < 0) break;
      const close = closingAt(template, start + 1, '{', '}');
      const action = template.slice(start + 1, close).trim();
      const [, path] = /^range\s+([\s\S]*)$/.exec(action) ?? [];
      if (path !== undefined) {
        ranges.push(finderOf(path));
        open.push([]);
      } else if (action === 'end') end();
      else open.at(-1)?.push(actionOf(action));
      at = close + 1;
    }
    // As with kubectl, what is not ended ends with the template.
    while (ranges.length > 0) end();
    return all(open[0] ?? []);
  });
