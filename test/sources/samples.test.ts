import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { capture } from '../../src/sources/live/capture.ts';
import { openHttpsReader } from '../../src/sources/live/kubernetes/https-reader.ts';
import { loadConnection } from '../../src/sources/live/kubernetes/kubeconfig.ts';
import type { RawSamples } from '../../src/snapshot/raw-snapshot.ts';
import { kubeconfigFor, loopbackAuthority, loopbackCertificate } from '../fakes/kube-apiserver.ts';
import { startTcpBalancer } from '../fakes/tcp-balancer.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-samples-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const GROUP = 'widgets.example.com';
const apiServices = (status: string) => ({
  items: [
    {
      metadata: { name: `v1.${GROUP}` },
      spec: {
        group: GROUP,
        version: 'v1',
        service: { namespace: 'a', name: 'b' },
        groupPriorityMinimum: 1,
        versionPriority: 1,
      },
      status: { conditions: [{ type: 'Available', status, reason: 'Passed', lastTransitionTime: null }] },
    },
    {
      metadata: { name: 'v1.apps' },
      spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
    },
  ],
});
const renewed = (renewTime: string) => ({ metadata: { name: renewTime }, spec: { renewTime } });

/** What one replica says, by path without query. */
const replica = (status: string): Readonly<Record<string, unknown>> => ({
  '/version': { major: '1', minor: '36', gitVersion: 'v1.36.3' },
  '/apis': { kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: 'apps' } }, { metadata: { name: GROUP } }] },
  '/apis/apiregistration.k8s.io/v1/apiservices': apiServices(status),
  [`/apis/${GROUP}/v1`]: { kind: 'APIResourceList', says: status },
  '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases': {
    items: [renewed('2026-11-21T10:00:00.5Z'), renewed('2026-11-21T09:59:55Z'), renewed('2026-11-21T09:00:00Z')],
  },
});

const serveReplica = async (answers: Readonly<Record<string, unknown>>, onlyHttp1: boolean): Promise<number> => {
  const serving = loopbackCertificate();
  const identity = { cert: serving.pem, key: serving.privateKeyPem };
  const answer = (url: string | undefined): [number, Record<string, string>, string] => {
    const found = answers[(url ?? '').split('?')[0] ?? ''];
    return [
      found ? 200 : 404,
      { 'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
      JSON.stringify(found ?? { kind: 'Status', message: 'not found' }),
    ];
  };
  const server = onlyHttp1
    ? https.createServer(identity, (request, response) => {
        const [status, headers, body] = answer(request.url);
        response.writeHead(status, headers).end(body);
      })
    : http2.createSecureServer(identity, (request, response) => {
        const [status, headers, body] = answer(request.url);
        response.writeHead(status, headers).end(body);
      });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
};

const sampled = async (
  answers: readonly Readonly<Record<string, unknown>>[],
  samples: number,
  { onlyHttp1 = false, deadlineMs = 20_000 } = {},
): Promise<{ readonly samples: RawSamples; readonly connections: number }> => {
  const ports = await Promise.all(answers.map((each) => serveReplica(each, onlyHttp1)));
  const balancer = await startTcpBalancer(ports.map((port) => ({ host: '127.0.0.1', port })));
  closing.push(balancer.close);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    kubeconfigFor({
      server: `https://127.0.0.1:${balancer.port}`,
      cluster: { 'certificate-authority-data': Buffer.from(loopbackAuthority.pem).toString('base64') },
    }),
  );
  const signal = AbortSignal.timeout(deadlineMs);
  const connection = await loadConnection({ kubeconfig }, { env: {}, workingDirectory: folder }, signal);
  const reader = await openHttpsReader({ connection, env: {}, userAgent: 'test', signal, onStderr: () => undefined });
  closing.push(reader.close);
  const { facts } = await capture(reader, {
    facts: ['samples'],
    samples,
    timeoutMs: 5000,
    signal,
    now: () => new Date(0),
  });
  if (facts.samples.state !== 'known') throw new Error(facts.samples.detail);
  return { samples: facts.samples.value, connections: balancer.connections() };
};

const stateOf = (taken: RawSamples['taken'][number] | undefined): unknown =>
  taken?.statuses.state === 'known' ? taken.statuses.value : taken?.statuses;

describe('samples', () => {
  it('go over a connection each, and tell who answered', async () => {
    const { samples, connections } = await sampled([replica('True'), replica('False')], 3);
    // One for everything else.
    expect(connections).toBe(4);
    expect(samples.taken.map((taken) => stateOf(taken))).toMatchObject(
      ['False', 'True', 'False'].map((status) => ({
        [`v1.${GROUP}`]: { conditions: [{ type: 'Available', status }] },
      })),
    );
    const [first, second, third] = samples.taken.map(({ peer }) => peer);
    expect(first?.certificate).toMatch(/^[\da-f]{64}$/);
    expect(first?.address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(third).toEqual(first);
    expect(second?.certificate).not.toBe(first?.certificate);
    expect(samples.taken.map(({ answers }) => answers[`v1.${GROUP}`])).toMatchObject(
      ['False', 'True', 'False'].map((says) => ({ state: 'known', value: { body: { value: { says } } } })),
    );
  });

  it('go over one connection each with HTTP/1.1 too', async () => {
    const { samples, connections } = await sampled([replica('True'), replica('False')], 2, { onlyHttp1: true });
    const [first, second] = samples.taken;
    for (const taken of [first, second]) {
      const [condition] = Object.values(stateOf(taken) as Record<string, { conditions: { status: string }[] }>);
      expect(taken?.answers).toMatchObject({
        [`v1.${GROUP}`]: { value: { body: { value: { says: condition?.conditions[0]?.status } } } },
      });
    }
    expect(first?.peer?.certificate).not.toBe(second?.peer?.certificate);
    expect(connections).toBeGreaterThanOrEqual(3);
  });

  it('keep the groups and the conditions asked about only', async () => {
    const { samples } = await sampled([replica('True')], 2);
    const [first] = samples.taken;
    expect(Object.keys(stateOf(first) as object)).toEqual([`v1.${GROUP}`]);
    expect(first?.document).toMatchObject({
      state: 'known',
      value: { body: { value: { items: [{ metadata: { name: GROUP } }] } } },
    });
  });

  it('count the Leases that are renewed', async () => {
    const { samples } = await sampled([replica('True')], 2);
    expect(samples.kubeApiServers).toEqual({ state: 'known', value: 2 });
  });

  it('name what could not be read, and go on', async () => {
    const whole = replica('True');
    const { '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases': _, ...rest } = whole;
    const { samples } = await sampled([rest], 2);
    expect(samples.kubeApiServers.state).toBe('unreadable');
    expect(samples.taken.map(({ document }) => document.state)).toEqual(['known', 'known']);
  });

  it('end with the deadline', async () => {
    const started = Date.now();
    const { samples } = await sampled([replica('True')], 20, { deadlineMs: 1500 });
    expect(Date.now() - started).toBeLessThan(6000);
    expect(samples.taken.length).toBe(20);
    expect(samples.taken.at(-1)?.document.state).toBe('timedOut');
  });
});
