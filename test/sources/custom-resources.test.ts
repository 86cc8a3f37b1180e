import { expect, it } from 'vitest';

import { capture } from '../../src/sources/live/capture.ts';
import type { Received } from '../../src/sources/live/cluster-reader.ts';
import { getOnlyReader, received } from '../fakes/get-only-reader.ts';

const definition = (plural: string, group: string) => ({
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    names: { plural, kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
});

const apiService = (group: string, service?: object) => ({
  metadata: { name: `v1.${group}` },
  spec: { group, version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, ...(service ? { service } : {}) },
});

const base = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const captured = async (answers: Readonly<Record<string, Received>>) => {
  const asked: { path: string; accept: string | undefined }[] = [];
  const reader = getOnlyReader((path, { accept }) => {
    asked.push({ path, accept });
    const [plain = ''] = path.split('?');
    return Promise.resolve(answers[plain] ?? received(404, { kind: 'Status', message: 'not found' }));
  });
  const { facts } = await capture(reader, {
    facts: ['customResourceNames', 'customResources'],
    timeoutMs: 1000,
    signal: AbortSignal.timeout(5000),
    now: () => new Date(0),
  });
  return { facts, asked };
};

const registered = {
  '/apis/apiregistration.k8s.io/v1/apiservices': received(200, {
    items: [apiService('shop.example', { namespace: 'a', name: 'b' }), apiService('crd.example')],
  }),
};

it('lists names without schemas, and reads only the definitions of groups with a remote APIService', async () => {
  const { facts, asked } = await captured({
    ...registered,
    [base]: received(200, {
      items: [
        definition('widgets', 'shop.example'),
        definition('gadgets', 'crd.example'),
        definition('orders', 'shop.example'),
      ],
    }),
    [`${base}/widgets.shop.example`]: received(200, definition('widgets', 'shop.example')),
  });
  expect(facts.customResourceNames).toEqual({
    state: 'known',
    value: ['widgets.shop.example', 'gadgets.crd.example', 'orders.shop.example'],
  });
  expect(facts.customResources).toEqual({
    'widgets.shop.example': {
      state: 'known',
      value: {
        metadata: { name: 'widgets.shop.example' },
        spec: { group: 'shop.example', names: { kind: 'Widget' }, versions: [{ name: 'v1', served: true }] },
      },
    },
    // Gone since it was listed.
    'orders.shop.example': { state: 'known', value: null },
  });
  expect(asked.find(({ path }) => path.startsWith(`${base}?`))?.accept).toContain('as=PartialObjectMetadataList');
});

it('reads no definition where they may not be listed, and says so', async () => {
  const { facts, asked } = await captured({
    ...registered,
    [base]: received(403, { kind: 'Status', message: 'forbidden for you' }),
  });
  expect(facts.customResourceNames).toMatchObject({ state: 'forbidden' });
  expect(facts.customResources).toEqual({});
  expect(asked.filter(({ path }) => path.startsWith(`${base}/`))).toEqual([]);
});
