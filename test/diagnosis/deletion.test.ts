import { describe, expect, it } from 'vitest';

import { checks } from '../../src/checks/index.ts';
import { deletionOf } from '../../src/diagnosis/deletion.ts';
import { knownApiServices } from '../../src/diagnosis/cluster-summary.ts';
import { doctorReport } from '../../src/diagnosis/report.ts';
import type { Deletion } from '../../src/model/report.ts';
import { type CaseFacts, snapshotOf } from '../case-snapshot.ts';

const name = 'v1beta1.metrics.k8s.io';
const service = { namespace: 'metrics', name: 'metrics-server', port: 443 };
const gone = {
  status: 'False',
  reason: 'ServiceNotFound',
  message: 'service/metrics-server in "metrics" is not present',
  since: null,
} as const;
const refused = { [name]: { status: 503, text: 'service unavailable\n' } };
const works = {
  [name]: {
    status: 200,
    json: {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'metrics.k8s.io/v1beta1',
      resources: [{ name: 'nodes' }, { name: 'pods' }],
    },
  },
};

const deletion = (facts: CaseFacts): Deletion => {
  const snapshot = snapshotOf(facts);
  const [apiService] = knownApiServices(snapshot.facts);
  if (!apiService) throw new Error('no APIService');
  return deletionOf(apiService, snapshot, doctorReport(checks, snapshot, {}).findings);
};

const commandsOf = ({ steps }: Deletion): string => steps.flatMap(({ commands }) => commands).join('\n');

describe('whether an APIService may be deleted', () => {
  it('is safe where the namespace of its Service is gone, and says what goes on afterwards', () => {
    const judged = deletion({
      apiServices: [{ name, service, availability: gone, owner: 'Flux HelmRelease metrics/metrics-server' }],
      answers: refused,
      namespaces: { metrics: null },
      services: { metrics: [] },
      terminatingNamespaces: [
        {
          name: 'stuck',
          conditions: [
            {
              type: 'NamespaceDeletionDiscoveryFailure',
              status: 'True',
              reason: 'DiscoveryFailed',
              message:
                'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1',
              since: null,
            },
          ],
        },
      ],
    });
    expect(judged).toMatchObject({
      verdict: 'safe',
      recovers: ['Namespace stuck'],
      comesBack: 'Flux HelmRelease metrics/metrics-server makes it again; remove it there first.',
    });
    expect(commandsOf(judged)).toBe(`kubectl delete apiservice ${name}`);
  });

  it('is safe, in an order, where the namespace waits for it', () => {
    const judged = deletion({
      apiServices: [{ name, service, availability: gone }],
      answers: refused,
      namespaces: { metrics: { deletedAt: '2026-11-21T09:00:00Z' } },
      services: { metrics: [] },
    });
    expect(judged.verdict).toBe('safe');
    expect(judged.steps).toHaveLength(4);
    expect(commandsOf(judged)).not.toMatch(/finalize|patch namespace/);
  });

  it('is harmful where it answers, and names what is lost', () => {
    expect(
      deletion({
        apiServices: [{ name, service }],
        answers: works,
        autoscalers: [{ metrics: [{ group: 'metrics.k8s.io', name: 'cpu' }] }],
      }),
    ).toMatchObject({
      verdict: 'harmful',
      breaks: ['requests for nodes, pods get 404', 'HorizontalPodAutoscaler shop/web loses its metrics'],
    });
  });

  it('is harmful in an outage: no step deletes anything', () => {
    const judged = deletion({
      apiServices: [{ name, service, availability: { ...gone, reason: 'MissingEndpoints', message: 'no addresses' } }],
      answers: refused,
      namespaces: { metrics: {} },
      services: {
        metrics: [{ name: 'metrics-server', ports: [{ name: 'https', port: 443, targetPort: 'https' }] }],
      },
      endpointSlices: { metrics: [] },
      pods: { metrics: [{ ready: false, states: [{ from: 'state', value: 'CrashLoopBackOff' }] }] },
    });
    expect(judged.verdict).toBe('harmful');
    expect(judged.steps[0]?.text).toMatch(/^Mend AA205 pods-not-ready/);
    expect(commandsOf(judged)).not.toContain('delete apiservice');
  });

  it.each<[string, CaseFacts]>([
    ['the Service alone is gone', { namespaces: { metrics: {} }, services: { metrics: [] } }],
    [
      'the namespace could not be looked at',
      {
        namespaces: { metrics: { missing: { state: 'forbidden', detail: 'get namespaces metrics' } } },
        services: { metrics: { missing: { state: 'forbidden', detail: 'list services' } } },
      },
    ],
  ])('is not judged where %s', (_, facts) => {
    const judged = deletion({ apiServices: [{ name, service, availability: gone }], answers: refused, ...facts });
    expect(judged.verdict).toBe('unknown');
    expect(commandsOf(judged)).not.toContain('delete apiservice');
  });

  const orphan: CaseFacts = {
    apiServices: [{ name, service, availability: gone }],
    answers: refused,
    namespaces: { metrics: null },
    services: { metrics: [] },
    groupRoles: [
      {
        kind: 'ClusterRole',
        namespace: null,
        name: 'reader',
        rules: [{ verbs: ['get'], groups: ['metrics.k8s.io'], resources: ['pods'], names: [] }],
      },
      {
        kind: 'Role',
        namespace: 'shop',
        name: 'other',
        rules: [{ verbs: ['get'], groups: ['other.example.com'], resources: ['pods'], names: [] }],
      },
    ],
    admissionWebhooks: [
      {
        configuration: 'policy',
        name: 'pods.policy.example.com',
        rules: [{ operations: ['CREATE'], groups: ['metrics.k8s.io'], resources: ['pods'] }],
        service: { namespace: 'default', name: 'kubernetes', port: 443, path: '/apis/metrics.k8s.io/v1beta1/reviews' },
      },
    ],
    customResourceConversions: [
      {
        name: 'widgets.example.com',
        service: { namespace: 'default', name: 'kubernetes', port: 443, path: '/apis/metrics.k8s.io/v1beta1/convert' },
      },
      { name: 'things.example.com', service: { ...service, path: '/convert' } },
    ],
  };

  it('names what would call it or name its group and find nothing', () => {
    expect(deletion(orphan).leaves).toEqual([
      'ValidatingWebhookConfiguration policy (pods.policy.example.com), called at metrics.k8s.io/v1beta1, where nobody answers then: what it should see is refused until it is removed',
      'the conversion of CustomResourceDefinition widgets.example.com, called at metrics.k8s.io/v1beta1, where nobody answers then',
      'rules that name metrics.k8s.io, which nobody serves then: ClusterRole reader, ValidatingWebhookConfiguration policy',
    ]);
  });

  it('names no rule of a group that another version keeps', () => {
    const { apiServices = [] } = orphan;
    const { leaves } = deletion({ ...orphan, apiServices: [...apiServices, { name: 'v1.metrics.k8s.io', service }] });
    expect(leaves.filter((line) => line.startsWith('rules'))).toEqual([]);
    expect(leaves).toHaveLength(2);
  });

  it('says what of it could not be looked at', () => {
    const missing = { state: 'forbidden', detail: 'list clusterroles.rbac.authorization.k8s.io' } as const;
    expect(
      deletion({ ...orphan, groupRoles: { missing }, admissionWebhooks: [], customResourceConversions: [] }).leaves,
    ).toEqual([
      'what could not be looked at among roles, webhooks and conversions: list clusterroles.rbac.authorization.k8s.io',
    ]);
  });

  it.each([
    ['true', 'pointless'],
    ['onstart', 'harmful'],
  ])('of a local one with automanaged=%s is %s', (value, verdict) => {
    expect(
      deletion({
        apiServices: [{ name: 'v1.apps', labels: { 'kube-aggregator.kubernetes.io/automanaged': value } }],
      }).verdict,
    ).toBe(verdict);
  });
});
