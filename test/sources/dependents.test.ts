import { expect, it } from 'vitest';

import { capture } from '../../src/sources/live/capture.ts';
import type { Received } from '../../src/sources/live/cluster-reader.ts';
import { getOnlyReader, received } from '../fakes/get-only-reader.ts';

const list = (...items: readonly unknown[]): Received => received(200, { items });

const registered = (status: 'True' | 'False') =>
  list({
    metadata: { name: 'v1.shop.example' },
    spec: {
      group: 'shop.example',
      version: 'v1',
      service: { namespace: 'shop', name: 'api', port: 443 },
      groupPriorityMinimum: 1,
      versionPriority: 1,
    },
    status: { conditions: [{ type: 'Available', status, reason: '', message: '' }] },
  });

const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const roles = '/apis/rbac.authorization.k8s.io/v1';
const webhooks = '/apis/admissionregistration.k8s.io/v1';

const role = (name: string, ...apiGroups: readonly string[]) => ({
  metadata: { name, annotations: { note: 'kept nowhere' } },
  rules: [{ apiGroups, resources: ['things'], verbs: ['get'] }],
});

const webhook = (name: string, clientConfig: object, ...apiGroups: readonly string[]) => ({
  name,
  clientConfig: { caBundle: 'QQ==', ...clientConfig },
  rules: [{ apiGroups, apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
});

const at = (namespace: string, name: string, path: string) => ({ service: { namespace, name, path, port: 443 } });

/** As kube-apiserver writes it for who created a definition with and without a conversion webhook. */
const owned = (conversion: object) => [{ manager: 'helm', fieldsV1: { 'f:spec': { 'f:conversion': conversion } } }];

const definition = (name: string, service: object) => ({
  metadata: { name },
  spec: {
    group: 'post.example',
    conversion: { strategy: 'Webhook', webhook: { clientConfig: { caBundle: 'QQ==', service } } },
  },
});

const cluster = (status: 'True' | 'False'): Readonly<Record<string, Received>> => ({
  [apiServices]: registered(status),
  [`${roles}/clusterroles`]: list(role('shop', 'shop.example'), role('all', '*'), role('core', ''), {
    ...role('collected', 'shop.example'),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
  }),
  [`${roles}/roles`]: list({ ...role('shop', 'shop.example'), metadata: { name: 'shop', namespace: 'team' } }),
  [`${webhooks}/validatingwebhookconfigurations`]: list({
    metadata: { name: 'policy' },
    webhooks: [
      webhook('through', at('default', 'kubernetes', '/apis/shop.example/v1/reviews'), 'apps'),
      webhook('direct', at('shop', 'api', '/validate'), 'apps'),
      webhook('names', { url: 'https://policy.example/?token=hidden' }, 'shop.example'),
      webhook('elsewhere', at('policy', 'api', '/validate'), 'apps', '*'),
    ],
  }),
  [`${webhooks}/mutatingwebhookconfigurations`]: list({
    metadata: { name: 'elsewhere' },
    webhooks: [webhook('elsewhere', at('policy', 'api', '/mutate'), 'apps')],
  }),
  [definitions]: list(
    { metadata: { name: 'parcels.post.example', managedFields: owned({ 'f:strategy': {}, 'f:webhook': {} }) } },
    { metadata: { name: 'stamps.post.example', managedFields: owned({ 'f:strategy': {}, 'f:webhook': {} }) } },
    { metadata: { name: 'letters.post.example', managedFields: owned({ 'f:strategy': {} }) } },
    { metadata: { name: 'bills.post.example', managedFields: [] } },
  ),
  [`${definitions}/parcels.post.example`]: received(
    200,
    definition('parcels.post.example', { namespace: 'shop', name: 'api', path: '/convert', port: 443 }),
  ),
  [`${definitions}/stamps.post.example`]: received(
    200,
    definition('stamps.post.example', { namespace: 'post', name: 'api', path: '/convert', port: 443 }),
  ),
  [`${definitions}/bills.post.example`]: received(200, { metadata: { name: 'bills.post.example' }, spec: {} }),
});

const captured = async (answers: Readonly<Record<string, Received>>, dependents = false) => {
  const asked: string[] = [];
  const reader = getOnlyReader((path) => {
    const [plain = ''] = path.split('?');
    asked.push(plain);
    return Promise.resolve(answers[plain] ?? received(404, { kind: 'Status', message: 'not found' }));
  });
  const { facts } = await capture(reader, {
    facts: ['customResourceNames', 'groupRoles', 'admissionWebhooks', 'customResourceConversions'],
    dependents,
    timeoutMs: 1000,
    signal: AbortSignal.timeout(5000),
    now: () => new Date(0),
  });
  return { facts, asked };
};

it('keeps of roles, webhooks and conversions what names the group or leads to its backend, and no credential', async () => {
  const { facts, asked } = await captured(cluster('False'));
  const rules = [{ verbs: ['get'], apiGroups: ['shop.example'], resources: ['things'] }];
  expect(facts.groupRoles).toEqual({
    state: 'known',
    value: [
      { metadata: { name: 'shop' }, rules },
      { metadata: { name: 'shop', namespace: 'team' }, rules },
    ],
  });
  expect(facts.admissionWebhooks).toMatchObject({
    state: 'known',
    value: [
      {
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'policy' },
        webhooks: [{ name: 'through' }, { name: 'direct' }, { name: 'names', clientConfig: {} }],
      },
    ],
  });
  expect(facts.customResourceConversions).toEqual({
    state: 'known',
    value: [
      {
        metadata: { name: 'parcels.post.example' },
        spec: {
          conversion: {
            webhook: {
              clientConfig: { service: { namespace: 'shop', name: 'api', path: '/convert', port: 443 } },
            },
          },
        },
      },
    ],
  });
  expect(JSON.stringify(facts)).not.toMatch(/policy\.example|QQ==|kept nowhere/);
  expect(asked.filter((path) => path === definitions)).toHaveLength(1);
  expect(asked).not.toContain(`${definitions}/letters.post.example`);
});

it('reads none of it where all is well, unless it is asked for', async () => {
  const { facts, asked } = await captured(cluster('True'));
  for (const fact of [facts.groupRoles, facts.admissionWebhooks, facts.customResourceConversions])
    expect(fact).toMatchObject({ state: 'notCollected' });
  expect(asked.filter((path) => path.startsWith(roles) || path.startsWith(webhooks))).toEqual([]);
  expect((await captured(cluster('True'), true)).facts.groupRoles).toMatchObject({ state: 'known' });
});

it('reads no more than a hundred definitions, and says so', async () => {
  const managedFields = owned({ 'f:webhook': {} });
  const { facts, asked } = await captured({
    ...cluster('False'),
    [definitions]: list(
      ...Array.from({ length: 101 }, (_, index) => ({
        metadata: { name: `a${index}.many.example`, managedFields },
      })),
    ),
  });
  expect(facts.customResourceConversions).toEqual({
    state: 'notCollected',
    detail:
      'get customresourcedefinitions.apiextensions.k8s.io: 101 have a conversion webhook, and no more than 100 are read',
  });
  expect(asked.filter((path) => path.startsWith(`${definitions}/`))).toEqual([]);
});

it('says what may not be listed', async () => {
  const refusal = received(403, { kind: 'Status', message: 'forbidden for you' });
  const { facts } = await captured({
    ...cluster('False'),
    [`${roles}/roles`]: refusal,
    [`${webhooks}/mutatingwebhookconfigurations`]: refusal,
    [definitions]: refusal,
  });
  expect(facts.groupRoles).toEqual({
    state: 'forbidden',
    detail: 'list roles.rbac.authorization.k8s.io: forbidden for you',
  });
  expect(facts.admissionWebhooks).toEqual({
    state: 'forbidden',
    detail: 'list mutatingwebhookconfigurations.admissionregistration.k8s.io: forbidden for you',
  });
  expect(facts.customResourceConversions).toEqual({
    state: 'forbidden',
    detail: 'list customresourcedefinitions.apiextensions.k8s.io: forbidden for you',
  });
});
