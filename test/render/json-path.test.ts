import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { JsonPathError, parsePath, parseTemplate } from '../../src/render/json-path.ts';
import { sortRows } from '../../src/render/rows.ts';
import { parseColumnsFile, parseCustomColumns } from '../../src/render/text/custom-columns.ts';

// What kubectl 1.36.3 printed: `kubectl label --local -f document.json a=b -o jsonpath=TEMPLATE` prints any document offline.
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'kubectl-jsonpath.json'), 'utf8')) as {
  readonly document: object;
  readonly printed: Readonly<Record<string, string>>;
};
const { document } = recorded;

describe('a template', () => {
  it.each(Object.entries(recorded.printed))('%s prints what kubectl prints', (template, printed) => {
    expect(parseTemplate(template)(document)).toBe(printed);
  });

  const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
  it.skipIf(!hasKubectl)('is printed by the kubectl of this machine as recorded', () => {
    // What a range that is not ended takes of the rest is kubectl's secret; `{..name}` comes in the random order of Go's maps.
    const all = Object.keys(recorded.printed)
      .filter((template) => template.split('{range').length === template.split('{end}').length)
      .filter((template) => template !== '{..name}')
      .join('|');
    const ran = spawnSync('kubectl', ['label', '--local', '-f', '-', 'a=b', '-o', `jsonpath=${all}`], {
      input: JSON.stringify(document),
      encoding: 'utf8',
    });
    expect(parseTemplate(all)(document)).toBe(ran.stdout);
  });

  it('prints objects and lists as JSON', () => {
    expect(JSON.parse(parseTemplate('{.metadata}')(document))).toEqual({ name: 'x', labels: { a: 'b' } });
  });

  it('finds nothing where kubectl fails on what is not there', () => {
    for (const template of ['{.rows[5].name}', '{.kind[0]}', '{.rows[?(@.num=="3")].name}'])
      expect(parseTemplate(template)(document)).toBe('');
  });

  it('finds no member that an object has only inherited', () => {
    expect(parseTemplate('{.constructor}{.rows[*].toString}{.__proto__}')(document)).toBe('');
  });

  it('shows what steers a terminal', () => {
    expect(parseTemplate('{.a}{"\\n"}')({ a: '\u001b[2J\nb' })).toBe('^[[2J\\nb\n');
  });

  // The words behind the comma are those of client-go util/jsonpath.
  it.each([
    ['{.a', 'unclosed {'],
    ['{"a}', 'unterminated quoted string'],
    ['{end}', 'not in range, nothing to end'],
    ['{foo}', 'unrecognized identifier foo'],
    ['{.a[x]}', 'invalid array index x'],
    ['{.a[?(@.b=="c" && @.d)]}', 'unrecognized operand "c" && @.d'],
    ['{.a..}', 'a name is needed after ..'],
  ])('%s cannot be read', (template, why) => {
    expect(() => parseTemplate(template)).toThrow(new JsonPathError(`error parsing jsonpath ${template}, ${why}`));
  });
});

describe('a path', () => {
  it.each(['{.a.b}', '.a.b', 'a.b', '{ a.b }', '$.a.b'])('may be written %s', (path) => {
    expect(parsePath(path)({ a: { b: 1 } })).toEqual([1]);
  });
});

describe('custom columns', () => {
  const style = { color: false, unicode: true, width: 20, headers: true };

  it('are as kubectl prints them, never wrapped', () => {
    expect(parseCustomColumns('NAME:.name,PORT:.service.port,LIST:.list[*]')({ items: recorded.document }, style)).toBe(
      'NAME     PORT     LIST\n<none>   <none>   <none>\n',
    );
    expect(parseCustomColumns('NAME:.name,PORT:.service.port,LIST:.list[*]')(document, style)).toBe(
      'NAME   PORT     LIST\nv1.b   443      a,b\nv1.a   <none>   <none>\n',
    );
  });

  it('have no headers where none are wanted', () => {
    expect(parseCustomColumns('A_LONG_HEADER:.name,N:.num')(document, { ...style, headers: false })).toBe(
      'v1.b   3\nv1.a   10\n',
    );
  });

  it('need a header and a path', () => {
    expect(() => parseCustomColumns('NAME')).toThrow(
      'unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>',
    );
  });

  it.each([
    ['NAME PORT\n.name {.service.port}\n'],
    [' NAME\t PORT \r\n.name   service.port\r\nmore'],
    ['NAME PORT\n.name .service.port'],
  ])('are read from a file: %j', (content) => {
    expect(parseColumnsFile(content)(document, style)).toBe('NAME   PORT\nv1.b   443\nv1.a   <none>\n');
  });

  // The words of kubectl pkg/cmd/get/customcolumn.go.
  it.each([
    ['', /^invalid template, missing header line\. Expected format is one line of space separated headers, /],
    ['NAME PORT\n', /^invalid template, missing spec line\. Expected format is one line of space separated headers, /],
    ['NAME PORT\n.name', /^number of headers \(2\) and field specifications \(1\) don't match$/],
  ])('are not read from a file that holds %j', (content, why) => {
    expect(() => parseColumnsFile(content)).toThrow(why);
  });
});

describe('rows', () => {
  const names = (sorted: object): string => parseTemplate('{.rows[*].name}')(sorted);

  it('are sorted by number and, within text, by number as well; what has none comes first', () => {
    const rows = [{ name: 'v10', num: 10 }, { name: 'v9', num: 9 }, { name: 'v1' }];
    expect(names(sortRows({ rows }, parsePath('.num')))).toBe('v1 v9 v10');
    expect(names(sortRows({ rows }, parsePath('.name')))).toBe('v1 v9 v10');
  });

  it('of a document without a list are the document', () => {
    expect(sortRows({ a: 1, b: ['text'] }, parsePath('.a'))).toEqual({ a: 1, b: ['text'] });
  });
});
