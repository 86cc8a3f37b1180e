import { describe, expect, it } from 'vitest';

import { capture } from '../../src/sources/live/capture.ts';
import type { Received } from '../../src/sources/live/cluster-reader.ts';
import { getOnlyReader, received } from '../fakes/get-only-reader.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

const registered = (name: string, { label, remote = false }: { label?: string; remote?: boolean } = {}) => {
  const dot = name.indexOf('.');
  return {
    metadata: { name, labels: label === undefined ? {} : { [AUTOMANAGED]: label } },
    spec: {
      version: name.slice(0, dot),
      group: name.slice(dot + 1),
      groupPriorityMinimum: 1,
      versionPriority: 1,
      ...(remote ? { service: { namespace: 'a', name: 'b' } } : {}),
    },
  };
};

/** The verbs that every custom resource has, in that order. */
const ofCrd = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

const entry = (name: string, ...verbs: readonly (readonly string[])[]) => {
  const dot = name.indexOf('.');
  return {
    metadata: { name: name.slice(dot + 1) },
    versions: [
      { version: name.slice(0, dot), resources: verbs.map((each, index) => ({ resource: `r${index}`, verbs: each })) },
    ],
  };
};

const aggregated = (...items: readonly object[]): Received =>
  received(200, { kind: 'APIGroupDiscoveryList', items }, AGGREGATED);

/** The facts, and which lists were asked for. */
const captured = async (apiServices: readonly object[], groups: Received) => {
  const asked: string[] = [];
  const reader = getOnlyReader((path) => {
    const [plain = ''] = path.split('?');
    if (plain === '/apis/apiregistration.k8s.io/v1/apiservices')
      return Promise.resolve(received(200, { items: apiServices }));
    if (plain === '/apis') return Promise.resolve(groups);
    if (/^\/(?:api|apis\/[^/]+)\/[^/]+$/.test(plain)) asked.push(plain);
    return Promise.resolve(received(200, { kind: 'APIResourceList', path: plain }));
  });
  const { facts } = await capture(reader, {
    facts: ['discoveryDocuments', 'localLists'],
    timeoutMs: 1000,
    signal: AbortSignal.timeout(5000),
    now: () => new Date(0),
  });
  return { lists: facts.localLists, asked };
};

describe('the lists of local group versions', () => {
  it('are all read where there is no aggregated document', async () => {
    const apiServices = [
      registered('v1.', { label: 'onstart' }),
      registered('v1.apps', { label: 'onstart' }),
      registered('v1.shop.example.com', { label: 'true' }),
      registered('v1.remote.example.com', { remote: true }),
    ];
    for (const groups of [received(200, { kind: 'APIGroupList', groups: [] }), received(406, { kind: 'Status' })]) {
      const { lists, asked } = await captured(apiServices, groups);
      expect(asked.toSorted()).toEqual(['/api/v1', '/apis/apps/v1', '/apis/shop.example.com/v1']);
      expect(Object.keys(lists).toSorted()).toEqual(['v1.', 'v1.apps', 'v1.shop.example.com']);
      expect(lists['v1.apps']).toMatchObject({
        state: 'known',
        value: { path: '/apis/apps/v1', accept: 'application/json', body: { value: { path: '/apis/apps/v1' } } },
      });
    }
  });

  it('are read of a CRD alone whose entry looks like that of another server', async () => {
    const names = ['v1.crd.example.com', 'v1.left.example.com', 'v1.mixed.example.com', 'v1.absent.example.com'];
    const { asked } = await captured(
      [...names.map((name) => registered(name, { label: 'true' })), registered('v1.apps', { label: 'onstart' })],
      aggregated(
        entry('v1.crd.example.com', ofCrd, ofCrd),
        entry('v1.left.example.com', ['get', 'list']),
        entry('v1.mixed.example.com', ofCrd, ['create']),
        entry('v1.apps', ['create', 'delete']),
      ),
    );
    expect(asked.toSorted()).toEqual(['/apis/left.example.com/v1', '/apis/mixed.example.com/v1']);
  });

  it('are read of a CRD whose entry is empty', async () => {
    const { asked } = await captured(
      [registered('v1.crd.example.com', { label: 'true' })],
      aggregated(entry('v1.crd.example.com')),
    );
    expect(asked).toEqual(['/apis/crd.example.com/v1']);
  });

  it('are not read where the document cannot be had or believed', async () => {
    const crd = [registered('v1.crd.example.com', { label: 'true' })];
    for (const groups of [received(403, { kind: 'Status' }), received(200, null), received(200, [1])])
      expect((await captured(crd, groups)).asked).toEqual([]);
  });

  it('name an APIService without version as what cannot be asked for', async () => {
    const { version: _, ...spec } = registered('v1.odd.example.com').spec;
    const { lists, asked } = await captured(
      [{ metadata: { name: 'v1.odd.example.com' }, spec }],
      received(406, { kind: 'Status' }),
    );
    expect(asked).toEqual([]);
    expect(lists['v1.odd.example.com']).toMatchObject({ state: 'unreadable' });
  });
});
