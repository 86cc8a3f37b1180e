import { expect, it } from 'vitest';

import { capture } from '../../src/sources/live/capture.ts';
import type { Received } from '../../src/sources/live/cluster-reader.ts';
import { getOnlyReader, received } from '../fakes/get-only-reader.ts';

const NAME = 'v1.shop.example';
const LIST = '/apis/shop.example/v1/carts?limit=1';
const COLLECTOR = 'system:serviceaccount:kube-system:generic-garbage-collector';
const refused = received(500, { kind: 'Status', message: 'no review' });

interface Asked {
  readonly path: string;
  readonly as: string | undefined;
}

/** What the fact holds of a list, and who was asked for it, where the caller is of that group. */
const probed = async (group: string, answers: (asked: Asked) => Received) => {
  const asked: Asked[] = [];
  const reader = getOnlyReader(async (path, { as }) => {
    if (path.startsWith('/apis/apiregistration'))
      return received(200, {
        items: ['v1', 'v2'].map((version) => ({
          metadata: { name: `${version}.shop.example` },
          spec: {
            group: 'shop.example',
            version,
            groupPriorityMinimum: 100,
            versionPriority: 100,
            service: { namespace: 'shop', name: 'api', port: 443 },
          },
        })),
      });
    if (path === '/apis/shop.example/v1' || path === '/apis/shop.example/v2')
      return received(200, { resources: [{ name: 'carts', namespaced: false, verbs: ['list'] }] });
    if (path === '/version') return received(200, {});
    asked.push({ path, as });
    return answers({ path, as });
  });
  const { facts } = await capture(
    {
      ...reader,
      review: () => Promise.resolve(received(201, { status: { userInfo: { username: 'me', groups: [group] } } })),
    },
    {
      facts: ['caller', 'answers', 'resourceProbes'],
      timeoutMs: 1000,
      signal: new AbortController().signal,
      now: () => new Date(),
    },
  );
  return { probe: facts.resourceProbes[NAME], asked };
};

it('keeps what an ordinary user gets where the list is given to a superuser', async () => {
  const { probe } = await probed('system:masters', ({ path, as }) =>
    as === COLLECTOR && path === LIST ? refused : received(200, {}),
  );
  expect(probe).toEqual({
    state: 'known',
    value: { path: LIST, as: COLLECTOR, httpStatus: 500, message: 'no review' },
  });
});

it('keeps what the superuser gets where kube-apiserver refuses the ordinary user itself', async () => {
  const { probe } = await probed('system:masters', ({ as }) =>
    as === COLLECTOR ? received(403, {}) : received(200, {}),
  );
  expect(probe).toEqual({ state: 'known', value: { path: LIST, as: null, httpStatus: 200, message: '' } });
});

it('keeps what the superuser gets where that fails already', async () => {
  const { probe } = await probed('system:masters', ({ path }) => (path === LIST ? refused : received(200, {})));
  expect(probe).toMatchObject({ value: { as: null, httpStatus: 500 } });
});

it('asks in no other name where the caller is an ordinary user', async () => {
  const { asked } = await probed('system:authenticated', () => received(200, {}));
  expect(asked.map(({ as }) => as)).toEqual([undefined, undefined]);
});
