import { describe, expect, it } from 'vitest';

import { orderDifferences } from '../../src/diagnosis/order-differences.ts';
import { snapshotOf } from '../case-snapshot.ts';
import type { ApiService } from '../../src/model/facts.ts';

// The orders are those that kube-apiserver 1.29.6, 1.35.4 and 1.36.3 were seen to give.

const apiServices = (...given: readonly Partial<ApiService>[]): readonly ApiService[] => {
  const { apiServices: fact } = snapshotOf({ apiServices: given }).facts;
  return fact.state === 'known' ? fact.value : [];
};

const service = { namespace: 'team', name: 'api', port: 443 };

const groups = (...names: readonly string[]) =>
  names.map((name) => ({
    group: name,
    preferredVersion: 'v1',
    versions: [{ version: 'v1', freshness: null, resources: null }],
  }));

describe('the orders of the two documents', () => {
  const tied = apiServices(
    ...['v1.mid.example', 'v1.zeta.example', 'v1beta1.alpha.example'].map((name) => ({
      name,
      service,
      groupPriorityMinimum: 500,
    })),
  );

  it('differ without harm where groups of one priority are put in order by different names', () => {
    const differences = orderDifferences(
      {
        legacy: groups('apiregistration.k8s.io', 'mid.example', 'zeta.example', 'alpha.example'),
        aggregated: groups('apiregistration.k8s.io', 'alpha.example', 'mid.example', 'zeta.example'),
      },
      tied,
    );
    expect(
      differences.map(({ path, legacy, aggregated, code, severity }) => [path, legacy, aggregated, code, severity]),
    ).toEqual([
      ['/apis/mid.example', 'place 2', 'place 3', null, null],
      ['/apis/zeta.example', 'place 3', 'place 4', null, null],
      ['/apis/alpha.example', 'place 4', 'place 2', null, null],
    ]);
    for (const { why } of differences)
      expect(why).toContain(
        "of one priority (500): the legacy document puts them in the order of their APIServices' names",
      );
  });

  it('are AA415 where no rule gives them', () => {
    const [first] = orderDifferences(
      {
        legacy: groups('zeta.example', 'mid.example', 'alpha.example'),
        aggregated: groups('alpha.example', 'mid.example', 'zeta.example'),
      },
      tied,
    );
    expect(first).toMatchObject({ path: '/apis/zeta.example', code: 'AA415', severity: 'warning' });
  });

  it('name the edited APIService of a CRD', () => {
    const crd = {
      service: null,
      labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' },
      versionPriority: 100,
    };
    const differences = orderDifferences(
      { legacy: groups('edited.example', 'plain.example'), aggregated: groups('plain.example', 'edited.example') },
      apiServices(
        { name: 'v1.edited.example', ...crd, groupPriorityMinimum: 1900 },
        { name: 'v1.plain.example', service, groupPriorityMinimum: 1500, versionPriority: 15 },
      ),
    );
    expect(differences.find(({ path }) => path === '/apis/edited.example')).toMatchObject({
      code: null,
      why: 'APIService v1.edited.example of a CRD asks for another priority: the legacy document follows it, the aggregated one has 1000 and 100 for every CRD',
    });
  });

  it('say why a group stands in one of them only', () => {
    const handMade = apiServices({ name: 'v1.hand.example', service: null });
    expect(
      orderDifferences({ legacy: groups('hand.example'), aggregated: groups('deleted.k8s.io') }, handMade),
    ).toMatchObject(
      [
        { path: '/apis/hand.example', legacy: 'listed', aggregated: 'absent', code: null, why: /made by hand/ },
        {
          path: '/apis/deleted.k8s.io',
          legacy: 'absent',
          aggregated: 'listed',
          code: null,
          why: /no APIService registers it/,
        },
      ].map(({ why, ...rest }) => ({ ...rest, why: expect.stringMatching(why) as string })),
    );
  });

  it('are the same where nothing differs', () => {
    const same = groups('a.example', 'b.example');
    expect(orderDifferences({ legacy: same, aggregated: same }, apiServices())).toEqual([]);
  });
});
