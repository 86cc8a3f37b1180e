import { describe, expect, it } from 'vitest';

import { priorityReport } from '../../src/diagnosis/priority-report.ts';
import { whatIf } from '../../src/diagnosis/what-if.ts';
import type { ApiService } from '../../src/model/facts.ts';
import { snapshotOf } from '../case-snapshot.ts';

const service = { namespace: 'sem', name: 'api', port: 443 };
const label = 'kube-aggregator.kubernetes.io/automanaged';
const apps = {
  name: 'v1.apps',
  groupPriorityMinimum: 17_800,
  labels: { [label]: 'onstart' },
  fieldManager: 'kube-apiserver',
};
const batch = { ...apps, name: 'v1.batch', groupPriorityMinimum: 17_400 };
const crd = {
  name: 'v1.crd.example',
  groupPriorityMinimum: 1000,
  labels: { [label]: 'true' },
  fieldManager: 'kube-apiserver',
};
const shop = { name: 'v1.shop.example', groupPriorityMinimum: 2000, service };

const resource = (plural: string) => ({
  resource: `${plural}s`,
  singularResource: plural,
  responseKind: { kind: plural },
  scope: 'Namespaced',
});

const group = (name: string, ...resources: readonly string[]) => ({
  metadata: { name },
  versions: [{ version: 'v1', freshness: 'Current', resources: resources.map(resource) }],
});

const document = (...items: readonly unknown[]) => ({ json: { kind: 'APIGroupDiscoveryList', items } });

const cluster = (...apiServices: readonly Partial<ApiService>[]) =>
  snapshotOf({
    apiServices: [apps, batch, crd, shop, ...apiServices],
    discoveryDocuments: {
      aggregatedCore: document(group('', 'pod')),
      aggregated: document(
        group('apps', 'deployment'),
        group('batch', 'job'),
        group('shop.example', 'order', 'deployment', 'pod'),
        group('crd.example', 'order'),
      ),
    },
  });

const applied = (...changed: readonly Partial<ApiService>[]) => {
  const before = cluster();
  const names = changed.map(({ name }) => name ?? '');
  const kept = [apps, batch, crd, shop].filter(({ name }) => !names.includes(name));
  const after = snapshotOf({ apiServices: [...kept, ...changed] });
  return whatIf(before, after, names);
};

describe('applying a manifest', () => {
  it('that lifts a group says which it passes, and which names change for everybody', () => {
    const { groups, names, notes, applied: effects } = applied({ ...shop, groupPriorityMinimum: 17_500 });
    expect(effects).toEqual([{ apiService: 'v1.shop.example', effect: 'configured' }]);
    expect(groups).toMatchObject([
      { group: 'shop.example', aggregated: { before: 4, after: 3 }, overtakes: ['batch'], fallsBehind: [] },
    ]);
    expect(names).toEqual([]);
    expect(notes).toEqual([]);
    expect(applied({ ...shop, groupPriorityMinimum: 17_900 }).names).toEqual([
      { name: 'deployments', before: 'deployments.v1.apps', after: 'deployments.v1.shop.example' },
      { name: 'deployment', before: 'deployments.v1.apps', after: 'deployments.v1.shop.example' },
    ]);
  });

  it('that lowers a group gives its names back', () => {
    const { groups, names } = applied({ ...shop, groupPriorityMinimum: 500 });
    expect(groups).toMatchObject([{ overtakes: [], fallsBehind: ['crd.example'] }]);
    expect(names.map(({ name, after }) => `${name} ${after}`)).toEqual([
      'orders orders.v1.crd.example',
      'order orders.v1.crd.example',
    ]);
  });

  it('over a built-in one moves it in the legacy document only', () => {
    const { groups, names, notes } = applied({ ...apps, groupPriorityMinimum: 50, fieldManager: 'kubectl' });
    expect(groups).toMatchObject([
      { group: 'apps', legacy: { before: 2, after: 5 }, aggregated: { before: 2, after: 2 } },
    ]);
    expect(names).toEqual([]);
    expect(notes[0]).toContain('until then only the legacy document follows it');
  });

  it('over that of a CRD is undone', () => {
    const { groups, notes } = applied({ ...crd, service, groupPriorityMinimum: 5000, fieldManager: 'kubectl' });
    expect(groups).toEqual([]);
    expect(notes[0]).toContain('undoes the change');
  });

  it('that is there already changes nothing', () => {
    const { applied: effects, groups } = applied(shop);
    expect(effects).toEqual([{ apiService: 'v1.shop.example', effect: 'unchanged' }]);
    expect(groups).toEqual([]);
  });
});

describe('the ranking', () => {
  it('has null for what is not known, and the reason', () => {
    const { documents, groups } = priorityReport(snapshotOf({ apiServices: [shop] }), null);
    expect(documents).toEqual({ legacy: 'not part of this snapshot', aggregated: 'not part of this snapshot' });
    expect(groups.find((each) => each.group === 'shop.example')).toMatchObject({
      rank: { expectedLegacy: 2, legacy: null, expectedAggregated: 2, aggregated: null },
      preferredVersion: { expected: 'v1', legacy: null, aggregated: null, clients: null },
    });
  });

  it('says what is edited or made by hand, and where the documents differ for it', () => {
    const { groups } = priorityReport(
      cluster(
        { name: 'v1.hand.example', service: null },
        { ...batch, name: 'v1.policy', fieldManager: 'kubectl-edit' },
      ),
      null,
    );
    const find = (name: string) => groups.find((each) => each.group === name);
    expect(find('hand.example')).toMatchObject({
      rank: { expectedLegacy: 7, expectedAggregated: null, aggregated: null },
    });
    expect(find('hand.example')?.why.join()).toContain('was not made by kube-apiserver');
    expect(find('policy')?.why.join()).toContain('was edited');
    expect(find('policy')?.tiedWith).toEqual(['batch']);
    expect(find('shop.example')?.rank.aggregated).toBe(3);
  });
});
