import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { checks } from '../../src/checks/index.ts';
import { doctorReport } from '../../src/diagnosis/report.ts';
import { statusList } from '../../src/diagnosis/status-list.ts';
import { renderJson } from '../../src/render/json.ts';
import { doctorText } from '../../src/render/text/doctor-text.ts';
import { statusNames, statusText } from '../../src/render/text/status-text.ts';
import { renderYaml } from '../../src/render/yaml.ts';
import { decode } from '../../src/snapshot/decode.ts';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { redact } from '../../src/snapshot/redact.ts';
import { SnapshotFormatError } from '../../src/snapshot/snapshot-format-error.ts';
import { readSnapshotFile } from '../../src/sources/snapshot-file.ts';
import { arbitrarySnapshot } from '../sources/arbitrary-snapshot.ts';

const SEED = Number(process.env['AA_SEED'] ?? 20_261_121);

const nested = (depth: number): unknown => {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** From JSON text: so `__proto__` is a key like any other. */
const oddValues: readonly unknown[] = [
  ...[
    '{"__proto__":{"state":"known"}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"state":"known"}',
    '{"state":"known","value":null}',
    '{"state":"known","value":[{}]}',
    '{"toString":1}',
    '{"length":3}',
    '[[[]]]',
    '1e308',
    '-1',
    '0.5',
  ].map((text) => JSON.parse(text) as unknown),
  null,
  true,
  0,
  '',
  'known',
  '\u001b[31mred\u009b',
  '\u202egnp.exe',
  '\ud800',
  'line\nline\r\n\u2028end',
  '2026-99-99T99:99:99Z',
  '2026-02-31T00:00:00Z',
  '9999999999-01-01T00:00:00Z',
  'not an instant',
  'x'.repeat(20_000),
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  nested(90),
];

interface Mutation {
  readonly steps: readonly number[];
  readonly kind: 'delete' | 'replace' | 'insert' | 'rename';
  readonly value: unknown;
  readonly key: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  steps: fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 }),
  kind: fc.constantFrom('delete', 'replace', 'insert', 'rename'),
  value: fc.oneof(fc.constantFrom(...oddValues), fc.jsonValue()),
  key: fc.constantFrom('__proto__', 'constructor', 'state', 'value', 'metadata', 'spec', 'form', '', 'a.b', '\u001b'),
});

/** A copy with one place changed: down from the root by `steps`, as far as there is a way. */
const mutated = (root: unknown, { steps, kind, value, key }: Mutation): unknown => {
  const change = (at: unknown, [step = 0, ...rest]: readonly number[]): unknown => {
    if (typeof at !== 'object' || at === null) return value;
    const entries = Object.entries(at);
    const index = entries.length === 0 ? 0 : step % entries.length;
    const inner = entries[index];
    const rebuild = (changed: readonly (readonly [string, unknown])[]): unknown =>
      Array.isArray(at) ? changed.map(([, item]) => item) : Object.fromEntries(changed);
    if (inner !== undefined && rest.length > 0 && typeof inner[1] === 'object' && inner[1] !== null) {
      return rebuild(
        entries.map((entry, position) => (position === index ? [entry[0], change(entry[1], rest)] : entry)),
      );
    }
    switch (kind) {
      case 'delete':
        return rebuild(entries.filter((_, position) => position !== index));
      case 'replace':
        return rebuild(entries.map((entry, position) => (position === index ? [entry[0], value] : entry)));
      case 'insert':
        return rebuild([...entries, [key, value]]);
      case 'rename':
        return rebuild(entries.map((entry, position) => (position === index ? [key, entry[1]] : entry)));
    }
  };
  return change(root, steps);
};

const styles = [
  { color: true, unicode: true, width: 80, headers: true },
  { color: false, unicode: false, width: null, headers: true },
] as const;

const textOutputs = (raw: RawSnapshot): readonly string[] => {
  const snapshot = decode(raw);
  const report = doctorReport(checks, snapshot, { skip: [], showPassed: true });
  const list = statusList(snapshot, () => true);
  const [, plain] = styles;
  for (const document of [report, list]) {
    expect(JSON.parse(renderJson(document))).toEqual(JSON.parse(JSON.stringify(document)));
    renderYaml(document);
  }
  for (const style of styles) {
    doctorText(report, style);
    for (const wide of [true, false])
      statusText(list, { style, wide, labels: true, hiddenLocal: 1, total: list.items.length });
  }
  return [
    doctorText(report, plain),
    statusText(list, { style: plain, wide: true, labels: true, hiddenLocal: 0, total: list.items.length }),
    statusNames(list),
  ];
};

// Whatever may steer a terminal or turn a line round; line ends are the renderer's.
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

/** The steps of a path such as `facts.answers["v1.example.com"].value`. */
const stepsOf = (path: string): readonly (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted === undefined ? (name ?? '') : (JSON.parse(quoted) as string)) : Number(index),
  );

const at = (root: unknown, steps: readonly (string | number)[]): unknown =>
  steps.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | null | undefined)?.[step], root);

const counts = { refused: 0, accepted: 0 };

const expectOrderly = (value: unknown): void => {
  let raw: RawSnapshot;
  try {
    raw = redact(value, []);
  } catch (error) {
    counts.refused += 1;
    expect(error).toBeInstanceOf(SnapshotFormatError);
    const { message } = error as Error;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const path =
      /^([^:"]*(?:"(?:[^"\\]|\\.)*"[^:"]*)*): (?:missing$|expected [\s\S]+, found )/.exec(message)?.[1] ?? '';
    expect(path, message).not.toBe('');
    const steps = stepsOf(path);
    // A field that is named is there, or missing from an object that is.
    expect(at(value, steps) !== undefined || at(value, steps.slice(0, -1)) !== undefined, message).toBe(true);
    return;
  }
  counts.accepted += 1;
  for (const text of textOutputs(raw)) expect(steering.exec(text)?.[0]).toBeUndefined();
};

let recorded: RawSnapshot;
beforeAll(async () => {
  const folder = fileURLToPath(new URL('../clusters', import.meta.url));
  const [file] = readdirSync(folder).filter((name) => /\.aa\.json(?:\.gz)?$/.test(name));
  if (file !== undefined)
    recorded = await readSnapshotFile(join(folder, file), Readable.from([]), AbortSignal.timeout(10_000));
});

describe('a mangled snapshot', () => {
  it('is refused by the name of the field, or judged and shown', () => {
    fc.assert(
      fc.property(
        arbitrarySnapshot({ timedOut: true }),
        fc.array(mutation, { minLength: 1, maxLength: 2 }),
        (raw, mutations) => {
          expectOrderly(mutations.reduce<unknown>(mutated, raw));
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
    expect(counts.refused).toBeGreaterThan(50);
    expect(counts.accepted).toBeGreaterThan(30);
  });

  it('is so too where it comes from a real cluster', () => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
        expectOrderly(mutations.reduce<unknown>(mutated, recorded));
      }),
      { seed: SEED, numRuns: recorded === undefined ? 0 : 60 },
    );
  });

  it.each([
    [undefined, 'expected Object, found undefined'],
    [{}, 'apiVersion: missing'],
    [{ apiVersion: 'v1' }, 'apiVersion: expected "kubectl-aa/v1", found "v1"'],
    [{ apiVersion: 'kubectl-aa/v1', kind: 'StatusList' }, 'kind: expected "Snapshot", found "StatusList"'],
    [
      { apiVersion: 'kubectl-aa/v1', kind: 'Snapshot', capturedAt: 'yesterday' },
      'capturedAt: expected an instant such as 2026-11-21T10:00:00Z, found a string',
    ],
  ])('%j says: %s', (value, message) => {
    expect(() => redact(value, [])).toThrow(new SnapshotFormatError(message));
  });

  it('keeps names that JavaScript has its own ideas about', () => {
    const names = { constructor: '1', prototype: '2', toString: '3', hasOwnProperty: '4' };
    const value = structuredClone(recorded);
    const known = { state: 'known', value: [] } as const;
    Object.assign(value.facts.pods, { constructor: known, prototype: known });
    if (value.facts.apiServices.state === 'known' && value.facts.apiServices.value[0])
      value.facts.apiServices.value[0].metadata.labels = names;
    const { facts } = redact(value, []);
    expect(Object.entries(facts.pods)).toEqual(expect.arrayContaining([['constructor', known]]));
    expect(Object.entries(facts.pods)).toEqual(expect.arrayContaining([['prototype', known]]));
    expect(facts.apiServices.state === 'known' && facts.apiServices.value[0]?.metadata.labels).toEqual(names);
  });

  it('does not repeat what stands in the wrong place: it may be a secret', () => {
    const value = structuredClone(recorded) as unknown as { facts: { apiServices: { value: { spec: unknown }[] } } };
    const [first] = value.facts.apiServices.value;
    if (first) first.spec = 'hunter2-hunter2';
    expect(() => redact(value, [])).toThrow(
      new SnapshotFormatError('facts.apiServices.value[0].spec: expected Object, found a string'),
    );
  });
});
