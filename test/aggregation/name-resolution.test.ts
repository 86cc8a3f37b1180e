import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { namesakes, resolveName, type ServedResource } from '../../src/aggregation/name-resolution.ts';

const resource = (group: string, version: string, plural: string, short: readonly string[] = []): ServedResource => ({
  group,
  version,
  resource: plural,
  singular: plural.replace(/s$/, ''),
  kind: plural.charAt(0).toUpperCase() + plural.slice(1).replace(/s$/, ''),
  namespaced: true,
  shortNames: short,
});

const cluster = [
  resource('', 'v1', 'pods', ['po']),
  resource('', 'v1', 'events', ['ev']),
  resource('apps', 'v1', 'deployments', ['deploy']),
  resource('events.k8s.io', 'v1', 'events', ['ev']),
  resource('shop.example.com', 'v2', 'orders', ['deploy', 'ord']),
  resource('shop.example.com', 'v1', 'orders', ['ord']),
  resource('shop.example.com', 'v1', 'baskets'),
  resource('metrics.k8s.io', 'v1beta1', 'pods'),
  { ...resource('adapter.example.com', 'v1', 'pods'), singular: 'sample', kind: 'MetricValueList' },
];

const means = (name: string): string | null => {
  const match = resolveName(cluster, name);
  return match && `${match.served.group}/${match.served.version} ${match.served.resource} by ${match.by}`;
};

// What kubectl does with each form is compared live (test/live/ordering.test.ts); here is one of each.
describe('a name', () => {
  it.each([
    ['pods', '/v1 pods by plural'],
    ['pod', '/v1 pods by singular'],
    ['Pod', '/v1 pods by singular'],
    ['po', '/v1 pods by shortName'],
    ['events', '/v1 events by plural'],
    ['events.events.k8s.io', 'events.k8s.io/v1 events by plural'],
    ['ev.events.k8s.io', 'events.k8s.io/v1 events by shortName'],
    ['pods.metrics', 'metrics.k8s.io/v1beta1 pods by plural'],
    ['deploy', 'apps/v1 deployments by shortName'],
    ['deploy.shop.example.com', 'shop.example.com/v2 orders by shortName'],
    ['orders', 'shop.example.com/v2 orders by plural'],
    ['orders.v1.shop.example.com', 'shop.example.com/v1 orders by plural'],
    ['ord.v1.shop.example.com', 'shop.example.com/v2 orders by shortName'],
    ['baskets', 'shop.example.com/v1 baskets by plural'],
    ['MetricValueList', null],
    ['MetricValueList.adapter.example.com', 'adapter.example.com/v1 pods by kind'],
    ['MetricValueList.v1.adapter.example.com', 'adapter.example.com/v1 pods by kind'],
    ['MetricValueList.v2.adapter.example.com', null],
    ['nosuch', null],
    ['', null],
    ['...', null],
  ])('%s means %s', (name, expected) => {
    expect(means(name)).toBe(expected);
  });

  it('without a group means the first of its namesakes', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'as', 'bs');
    const served = fc
      .record({
        group: fc.constantFrom('', 'x', 'y'),
        plural: fc.constantFrom('as', 'bs', 'cs'),
        shortNames: fc.uniqueArray(names),
      })
      .map(({ group, plural, shortNames }) => resource(group, 'v1', plural, shortNames));
    fc.assert(
      fc.property(fc.array(served, { maxLength: 6 }), names, (resources, name) => {
        const [first] = namesakes(resources).get(name) ?? [];
        const match = resolveName(resources, name);
        // A short name leads to the first resource with that plural, which another group may have.
        if (first?.by === 'shortName') expect(match?.served.resource).toBe(first.served.resource);
        else expect(match?.served).toBe(first?.served);
      }),
      { numRuns: 5000 },
    );
  });
});
