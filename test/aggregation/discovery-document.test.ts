import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readAnswer } from '../../src/aggregation/answer.ts';
import { readDiscovery } from '../../src/aggregation/discovery-document.ts';
import { resourceDifferences } from '../../src/aggregation/resource-differences.ts';
import type { Answer } from '../../src/model/facts.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const answer = (value: unknown, contentType = AGGREGATED): Answer => ({
  httpStatus: 200,
  contentType,
  location: null,
  latencyMs: 1,
  body: { form: 'json', value },
});

const widget = {
  resource: 'widgets',
  responseKind: { group: 'example.com', version: 'v1', kind: 'Widget' },
  scope: 'Namespaced',
  singularResource: 'widget',
  verbs: ['get', 'list'],
  shortNames: ['w'],
  subresources: [{ subresource: 'status', verbs: ['get'] }],
};

const version = { version: 'v1', freshness: 'Current', resources: [widget] };
const group = { metadata: { name: 'example.com' }, versions: [version] };
const document = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: [group] };

const withResource = (change: object): unknown => ({
  ...document,
  items: [{ ...group, versions: [{ ...version, resources: [{ ...widget, ...change }] }] }],
});

describe('an aggregated document', () => {
  it('holds groups, versions and resources in their order', () => {
    expect(readDiscovery(answer(document))).toMatchObject({
      valid: true,
      form: 'v2',
      groups: [
        {
          group: 'example.com',
          preferredVersion: null,
          versions: [
            {
              version: 'v1',
              freshness: 'Current',
              resources: [
                { resource: 'widgets', kind: 'Widget', namespaced: true, shortNames: ['w'], subresources: ['status'] },
              ],
            },
          ],
        },
      ],
    });
  });

  it.each([
    [{ responseKind: null }, 'items[0].versions[0].resources[0].responseKind.kind', 'resource widgets has no kind'],
    [{ verbs: [] }, 'items[0].versions[0].resources[0].verbs', 'resource widgets has no verbs'],
    [{ scope: 'Galaxy' }, 'items[0].versions[0].resources[0].scope', 'resource widgets has the scope "Galaxy"'],
    [{ resource: 'wid gets' }, 'items[0].versions[0].resources[0].resource', '"wid gets" is no name of a resource'],
  ])('names an entry that cannot be used: %j', (change, field, problem) => {
    const reading = readDiscovery(answer(withResource(change)));
    expect(reading.valid && [...reading.problems]).toEqual([['example.com/v1', [{ field, problem }]]]);
  });

  it('does not mind a parent that stands there for its subresources only', () => {
    const reading = readDiscovery(answer(withResource({ responseKind: {}, verbs: null, scope: 'Namespaced' })));
    expect(reading.valid && reading.problems.size).toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['kind', { ...document, kind: 'Pod' }, 'Content-Type'],
    ['apiVersion', { ...document, apiVersion: 'v1' }, 'apiVersion'],
    ['items', { kind: document.kind, apiVersion: document.apiVersion }, 'items'],
    ['a group of another type', { ...document, items: ['example.com'] }, 'items[0]'],
    ['a version without name', { ...document, items: [{ ...group, versions: [{}] }] }, 'items[0].versions[0].version'],
    ['verbs of another type', withResource({ verbs: 'get' }), 'items[0].versions[0].resources[0].verbs'],
    ['a list', [document], ''],
  ])('is not believed for its %s', (_what, value, field) => {
    expect(readDiscovery(answer(value))).toMatchObject({ valid: false, field });
  });

  it('goes by its content type, as clients do', () => {
    expect(readDiscovery(answer(document, 'application/json'))).toMatchObject({ valid: false, field: 'Content-Type' });
  });
});

describe('a legacy document', () => {
  it.each([
    [
      {
        kind: 'APIGroupList',
        groups: [{ name: 'apps', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } }],
      },
      [{ group: 'apps', preferredVersion: 'v1', versions: [{ version: 'v1', freshness: null, resources: null }] }],
    ],
    [
      { kind: 'APIGroup', name: 'apps', versions: [{ version: 'v1' }] },
      [{ group: 'apps', preferredVersion: null, versions: [{ version: 'v1', freshness: null, resources: null }] }],
    ],
    [
      { kind: 'APIVersions', versions: ['v1'] },
      [{ group: '', preferredVersion: 'v1', versions: [{ version: 'v1', freshness: null, resources: null }] }],
    ],
  ])('%j', (value, groups) => {
    expect(readDiscovery(answer(value, 'application/json'))).toMatchObject({ valid: true, form: 'legacy', groups });
  });
});

describe('hostile documents', () => {
  const words = fc.constantFrom(
    'kind',
    'apiVersion',
    'items',
    'metadata',
    'name',
    'versions',
    'version',
    'resources',
    'verbs',
    '__proto__',
  );
  const junk = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 1, true, '', 'v1', '\u001b[2J', 'APIGroupDiscoveryList', 'APIResourceList'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(words, tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  /** The document with junk in one place of it. */
  const spoiled = fc.tuple(fc.nat(30), junk).map(([place, value]) => {
    let at = -1;
    const visit = (held: unknown): unknown => {
      at += 1;
      if (at === place) return value;
      if (Array.isArray(held)) return held.map(visit);
      if (typeof held !== 'object' || held === null) return held;
      return Object.fromEntries(Object.entries(held).map(([key, item]) => [key, visit(item)]));
    };
    return visit(document);
  });

  it('are read without a throw', () => {
    fc.assert(
      fc.property(fc.oneof(junk, spoiled), fc.constantFrom(AGGREGATED, 'application/json', ''), (value, type) => {
        const reading = readDiscovery(answer(value, type));
        expect(typeof reading.valid).toBe('boolean');
        const list = readAnswer(answer(value, type), { group: 'example.com', version: 'v1' });
        expect(['works', 'invalidDocument']).toContain(list.outcome);
      }),
      { numRuns: 3000 },
    );
  });

  it('are read in a time that grows as they do', () => {
    const elapsedFor = (count: number): number => {
      const resources = Array.from({ length: count }, (_each, index) => ({
        ...widget,
        resource: `widgets${index % 7}`,
      }));
      const many = { ...document, items: [{ ...group, versions: [{ ...version, resources }] }] };
      const started = performance.now();
      const reading = readDiscovery(answer(many));
      const read = reading.valid ? (reading.groups[0]?.versions[0]?.resources ?? []) : [];
      expect(read).toHaveLength(count);
      expect(resourceDifferences(read, read)).toEqual([]);
      return performance.now() - started;
    };
    const least = (count: number): number => Math.min(elapsedFor(count), elapsedFor(count), elapsedFor(count));
    // Twenty times as many: were each compared with each, it would be four hundred times as long.
    expect(least(40_000) / least(2_000)).toBeLessThan(100);
  });
});
