import { afterEach, describe, expect, it } from 'vitest';

import type { RawFact, RawServedChains, RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { redact } from '../../src/snapshot/redact.ts';
import { captureCluster } from '../../src/sources/live/capture-cluster.ts';
import { issueAuthority, issueIntermediate, issueServing } from '../fakes/certificate-authority.ts';
import { type KubeApiServer, startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dates = {
  keyType: 'ecdsa-p256',
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2027-01-01T00:00:00Z'),
} as const;
const authority = issueAuthority({ commonName: 'ca', ...dates });
const intermediate = issueIntermediate(authority, { commonName: 'intermediate', ...dates });
const serving = issueServing(intermediate, { commonName: 'api', dnsNames: ['api.team.svc'], ...dates });
const der = ({ der: bytes }: { readonly der: Buffer }): string => bytes.toString('base64');

// The authority first: the order of the wire is kept, whatever it is.
const chain = [der(authority), der(serving), der(intermediate)];

/** How a replay ends, after the Certificate message or before it. */
const replayed = { tlsVersion: '1.2', outcome: 'closed' };

const NAME = 'v1.team.example.com';
let server: KubeApiServer | null = null;
const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-test-'));

afterEach(async () => {
  await server?.close();
  server = null;
});

const snapshotWith = (servedChains: RawFact<RawServedChains>, pods: readonly (string | null)[]): RawSnapshot =>
  redact(
    {
      apiVersion: 'kubectl-aa/v1',
      kind: 'Snapshot',
      capturedAt: '2026-11-21T10:00:00Z',
      cluster: { context: 'team', server: 'https://127.0.0.1:1' },
      facts: {
        serverVersion: {
          state: 'known',
          value: { gitVersion: 'v1.36.3', goVersion: 'go1.26.8', major: '1', minor: '36' },
        },
        apiServices: {
          state: 'known',
          value: [
            {
              metadata: { name: NAME },
              spec: {
                group: 'team.example.com',
                version: 'v1',
                service: { namespace: 'team', name: 'api', port: 443 },
                groupPriorityMinimum: 1000,
                versionPriority: 15,
              },
            },
          ],
        },
        namespaces: {},
        services: {
          team: {
            state: 'known',
            value: [
              {
                metadata: { name: 'api', namespace: 'team' },
                spec: { ports: [{ name: 'https', port: 443, targetPort: 8443 }] },
              },
            ],
          },
        },
        endpointSlices: {
          team: {
            state: 'known',
            value: [
              {
                metadata: { name: 'api-1', namespace: 'team', labels: { 'kubernetes.io/service-name': 'api' } },
                ports: [{ name: 'https', port: 8443 }],
                endpoints: pods.map((pod, index) => ({
                  addresses: [`10.244.0.${index + 10}`],
                  conditions: { ready: true },
                  ...(pod === null ? {} : { targetRef: { kind: 'Pod', name: pod } }),
                })),
              },
            ],
          },
        },
        endpoints: {},
        pods: {},
        answers: {},
        servedChains: { [NAME]: servedChains },
      },
    },
    [],
  );

const captureOf = async (raw: RawSnapshot, timeoutMs = 5000): Promise<RawSnapshot> => {
  server = await startKubeApiServer(raw);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfigText());
  return captureCluster({
    flags: { kubeconfig },
    environment: { env: {}, workingDirectory: folder },
    clientVersion: 'test',
    onStderr: () => undefined,
    facts: ['services', 'endpointSlices', 'servedChains'],
    maxEndpoints: 2,
    timeoutMs,
    signal: AbortSignal.timeout(timeoutMs),
    now: () => new Date('2026-11-21T11:00:00Z'),
  });
};

describe('chains that a snapshot holds are presented again', () => {
  it.each<readonly [string, RawServedChains, readonly (string | null)[]]>([
    [
      'two Pods, byte for byte and in their order',
      {
        endpoints: [
          { address: '10.244.0.10:8443', pod: 'api-0', chain, ...replayed, detail: '' },
          { address: '10.244.0.11:8443', pod: 'api-1', chain: [der(serving)], ...replayed, detail: '' },
        ],
        leftOut: 0,
      },
      ['api-0', 'api-1'],
    ],
    [
      'an endpoint that is no Pod, beside one, and one that is left out',
      {
        endpoints: [
          { address: '10.244.0.10:8443', pod: 'api-0', chain, ...replayed, detail: '' },
          {
            address: '10.244.0.11:8443',
            pod: null,
            chain: [],
            tlsVersion: null,
            outcome: 'notReached',
            detail: 'the endpoint is no Pod, so port-forward does not lead there',
          },
        ],
        leftOut: 1,
      },
      ['api-0', null, 'api-2'],
    ],
  ])('%s', async (_title, value, pods) => {
    const raw = snapshotWith({ state: 'known', value }, pods);
    const again = await captureOf(raw);
    expect(again.facts.servedChains).toEqual(raw.facts.servedChains);
    expect(again.facts.services).toEqual(raw.facts.services);
    const sent = server?.requests.filter(({ path }) => path.includes('portforward')) ?? [];
    expect(sent.length).toBe(value.endpoints.filter(({ pod }) => pod !== null).length);
  });

  it('what is not permitted stays so, with the words of the server', async () => {
    const detail =
      'create pods/portforward in team: pods "api-0" is forbidden: User "dev" cannot create resource "pods/portforward" in API group "" in the namespace "team"';
    const again = await captureOf(snapshotWith({ state: 'forbidden', detail }, ['api-0']));
    expect(again.facts.servedChains).toEqual({ [NAME]: { state: 'forbidden', detail } });
  });

  it.each(['unreachable', 'timedOut'] as const)('what was %s stays so', async (state) => {
    const again = await captureOf(snapshotWith({ state, detail: state }, ['api-0']), 2000);
    expect(again.facts.servedChains[NAME]?.state).toBe(state);
  });
});

process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
