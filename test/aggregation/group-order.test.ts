import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  aggregatedOrder,
  AUTOMANAGED_LABEL,
  clientPreferredVersion,
  legacyOrder,
  notPlacedInAggregated,
  type OrderedGroup,
} from '../../src/aggregation/group-order.ts';
import type { ApiService } from '../../src/model/facts.ts';
import { apiServicesOf } from '../case-snapshot.ts';

const remote = { namespace: 'sem', name: 'api', port: 443 };
const crd = {
  service: null,
  labels: { [AUTOMANAGED_LABEL]: 'true' },
  groupPriorityMinimum: 1000,
  versionPriority: 100,
};
const builtIn = { service: null, labels: { [AUTOMANAGED_LABEL]: 'onstart' }, fieldManager: 'kube-apiserver' };

const names = (groups: readonly OrderedGroup[]): readonly string[] =>
  groups.flatMap(({ group, versions }) => versions.map(({ version }) => `${group}/${version}`));

describe('the legacy order', () => {
  it('puts kube-aggregator first, leaves core out, and counts the highest group priority', () => {
    const groups = legacyOrder(
      apiServicesOf([
        { name: 'v1.', groupPriorityMinimum: 18000 },
        { name: 'v1.apps', groupPriorityMinimum: 17800 },
        { name: 'v1.low.example', groupPriorityMinimum: 10 },
        { name: 'v2.low.example', groupPriorityMinimum: 20000, versionPriority: 1 },
      ]),
    );
    expect(names(groups)).toEqual(['apiregistration.k8s.io/v1', 'low.example/v1', 'low.example/v2', 'apps/v1']);
  });

  // Both orders as kube-apiserver 1.29.6, 1.35.4 and 1.36.3 served them.
  const tied = apiServicesOf([
    { name: 'v1beta1.alpha.example', service: remote },
    { name: 'v1.zeta.example', service: remote },
    { name: 'v1.mid.example', service: remote },
  ]);

  it('breaks a tie of groups by the name of the APIService', () => {
    expect(
      legacyOrder(tied)
        .map(({ group }) => group)
        .slice(1),
    ).toEqual(['mid.example', 'zeta.example', 'alpha.example']);
  });

  it('is broken by the name of the group in the aggregated document', () => {
    expect(
      aggregatedOrder(tied)
        .map(({ group }) => group)
        .slice(1),
    ).toEqual(['alpha.example', 'mid.example', 'zeta.example']);
  });

  it('breaks a tie of versions by the kube-aware order', () => {
    const versions = ['v1', 'foo10', 'v10', 'v2', 'foo1', 'v1beta1', 'v2alpha3', 'v11alpha2'];
    const expected = ['v10', 'v2', 'v1', 'v1beta1', 'v11alpha2', 'v2alpha3', 'foo1', 'foo10'];
    const apiServices = apiServicesOf(
      versions.map((version) => ({ name: `${version}.order.example`, service: remote })),
    );
    for (const groups of [legacyOrder(apiServices), aggregatedOrder(apiServices)])
      expect(groups[1]?.versions.map(({ version }) => version)).toEqual(expected);
  });
});

describe('the aggregated order', () => {
  it('does not follow an edited APIService of a CRD', () => {
    const apiServices = apiServicesOf([
      { name: 'v1.crd.example', ...crd, groupPriorityMinimum: 1900 },
      { name: 'v1.api.example', service: remote, groupPriorityMinimum: 1500 },
    ]);
    expect(names(legacyOrder(apiServices)).slice(1)).toEqual(['crd.example/v1', 'api.example/v1']);
    expect(names(aggregatedOrder(apiServices)).slice(1)).toEqual(['api.example/v1', 'crd.example/v1']);
  });

  it('does not place an edited built-in group, nor what was made by hand', () => {
    const apiServices = apiServicesOf([
      { name: 'v1.apps', ...builtIn, groupPriorityMinimum: 50, fieldManager: 'kubectl-edit' },
      { name: 'v1.batch', ...builtIn, groupPriorityMinimum: 17400 },
      { name: 'v1.policy', ...builtIn, groupPriorityMinimum: 17100 },
      { name: 'v1.nobody.example', service: null },
      { name: 'v1.half.example', service: null },
      { name: 'v2.half.example', service: remote },
    ]);
    expect(names(aggregatedOrder(apiServices)).slice(1)).toEqual(['batch/v1', 'policy/v1', 'half.example/v2']);
    expect(notPlacedInAggregated(apiServices)).toEqual([
      { group: 'apps', apiService: 'v1.apps', why: 'edited' },
      { group: 'nobody.example', apiService: 'v1.nobody.example', why: 'handMade' },
      { group: 'half.example', apiService: 'v1.half.example', why: 'handMade' },
    ]);
  });

  it('knows the built-in APIServices of a kube-apiserver of another name', () => {
    const apiServices = apiServicesOf([
      { name: 'v1.apps', ...builtIn, groupPriorityMinimum: 17800, fieldManager: 'k3s' },
      { name: 'v1.batch', ...builtIn, groupPriorityMinimum: 17400, fieldManager: 'k3s' },
    ]);
    expect(names(aggregatedOrder(apiServices)).slice(1)).toEqual(['apps/v1', 'batch/v1']);
  });
});

describe('both orders', () => {
  const arbitrary = fc.uniqueArray(
    fc.record({
      version: fc.constantFrom('v1', 'v2', 'v10', 'v1beta1', 'v2alpha1', 'foo1', 'foo10', 'v01'),
      group: fc.constantFrom('', 'apiregistration.k8s.io', 'a.example', 'b.example', 'apps', 'constructor'),
      groupPriorityMinimum: fc.constantFrom(1, 100, 1000, 20000),
      versionPriority: fc.constantFrom(1, 100, 1000),
      service: fc.constantFrom(null, remote),
      labels: fc.constantFrom<Record<string, string>[]>(
        {},
        { [AUTOMANAGED_LABEL]: 'true' },
        { [AUTOMANAGED_LABEL]: 'onstart' },
      ),
      fieldManager: fc.constantFrom(null, 'kube-apiserver', 'kubectl-edit'),
    }),
    { selector: ({ version, group }) => `${version}.${group}`, maxLength: 30 },
  );

  it('do not depend on the order in which the APIServices came, and leave none out but those named', () => {
    fc.assert(
      fc.property(
        arbitrary.chain((given) =>
          fc.tuple(
            fc.constant(apiServicesOf(given.map((each) => ({ ...each, name: `${each.version}.${each.group}` })))),
            fc
              .shuffledSubarray(given, { minLength: given.length })
              .map((shuffled) =>
                apiServicesOf(shuffled.map((each) => ({ ...each, name: `${each.version}.${each.group}` }))),
              ),
          ),
        ),
        ([apiServices, shuffled]) => {
          for (const order of [legacyOrder, aggregatedOrder]) expect(order(shuffled)).toEqual(order(apiServices));
          const listed = (groups: readonly OrderedGroup[]): readonly string[] =>
            groups
              .flatMap(({ versions }) => versions)
              .flatMap(({ apiService }) => (apiService === null ? [] : [apiService]));
          const all = apiServices
            .filter(({ group }: ApiService) => group !== '' && group !== 'apiregistration.k8s.io')
            .map(({ name }) => name)
            .toSorted();
          expect(listed(legacyOrder(apiServices)).toSorted()).toEqual(all);
          const notPlaced = notPlacedInAggregated(apiServices);
          const edited = new Set(notPlaced.filter(({ why }) => why === 'edited').map(({ group }) => group));
          const unknown = new Set(notPlaced.map(({ apiService }) => apiService));
          const known = apiServices.filter(
            ({ group, name }) => all.includes(name) && !edited.has(group) && !unknown.has(name),
          );
          expect(listed(aggregatedOrder(apiServices)).toSorted()).toEqual(known.map(({ name }) => name).toSorted());
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('the version that clients take', () => {
  const version = (name: string, freshness: string | null) => ({ version: name, freshness, resources: null });

  it.each([
    ['the first that is not Stale', null, [version('v2', 'Stale'), version('v1', 'Current')], 'v1'],
    ['none where all are Stale', null, [version('v2', 'Stale')], null],
    ['what a legacy document says', 'v1', [version('v2', null), version('v1', null)], 'v1'],
  ])('is %s', (_, preferredVersion, versions, expected) => {
    expect(clientPreferredVersion({ group: 'a.example', preferredVersion, versions })).toBe(expected);
  });
});
