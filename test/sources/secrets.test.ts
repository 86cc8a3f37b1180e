import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { captureCluster } from '../../src/sources/live/capture-cluster.ts';
import { nothingCollected } from '../nothing-collected.ts';
import { issueAuthority, issueServing } from '../fakes/certificate-authority.ts';
import { type KubeApiServer, startKubeApiServer } from '../fakes/kube-apiserver.ts';

// A cluster whose Pod mounts a Secret with a key in it: what a capture asks for, and what it keeps.

const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const authority = issueAuthority({ commonName: 'ca', keyType: 'ecdsa-p256', ...dates });
const serving = issueServing(authority, {
  commonName: 'api',
  keyType: 'rsa-2048',
  dnsNames: ['api.team.svc'],
  ...dates,
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PASSWORD = 'hunter2-and-more';
const secret = {
  kind: 'Secret',
  apiVersion: 'v1',
  metadata: {
    name: 'serving-tls',
    namespace: 'team',
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { password: PASSWORD } }),
    },
  },
  type: 'kubernetes.io/tls',
  data: {
    'tls.crt': base64(serving.pem),
    'tls.key': base64(serving.privateKeyPem),
    password: base64(PASSWORD),
  },
};

/** Three runs of characters from the middle of the key, in each form in which an answer holds it. */
const forbidden: readonly string[] = [
  ...[serving.privateKeyPem, base64(serving.privateKeyPem)].flatMap((text) =>
    [0.3, 0.5, 0.7].map((part) => text.replace(/\n/g, '').slice(part * text.length - 60, part * text.length - 44)),
  ),
  PASSWORD,
  base64(PASSWORD),
];

const raw: RawSnapshot = {
  apiVersion: 'kubectl-aa/v1',
  kind: 'Snapshot',
  capturedAt: '2026-11-21T10:00:00Z',
  cluster: { context: 'team', server: null },
  facts: {
    ...nothingCollected,
    serverVersion: { state: 'known', value: { gitVersion: 'v1.36.3', goVersion: 'go1.26.8', minor: '36' } },
    apiServices: {
      state: 'known',
      value: [
        {
          metadata: { name: 'v1.team.example.com' },
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
    services: {
      team: {
        state: 'known',
        value: [{ metadata: { name: 'api', namespace: 'team' }, spec: { selector: { app: 'api' } } }],
      },
    },
  },
};

const pod = {
  metadata: { name: 'api-0', namespace: 'team', labels: { app: 'api' } },
  spec: {
    volumes: [
      { name: 'tls', secret: { secretName: 'serving-tls' } },
      { name: 'database', secret: { secretName: 'database' } },
    ],
    containers: [
      {
        name: 'server',
        args: ['--tls-cert-file=/tls/tls.crt', `--database-password=${PASSWORD}`],
        env: [{ name: 'PASSWORD', value: PASSWORD }],
        volumeMounts: [
          { name: 'tls', mountPath: '/tls' },
          { name: 'database', mountPath: '/database' },
        ],
      },
    ],
  },
};

const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));
let server: KubeApiServer | null = null;
afterEach(async () => server?.close());

type Answer = (response: ServerResponse) => void;

const json =
  (body: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** What is captured of the cluster where GET of the Secret is answered so. */
const captureWith = async (answer: Answer, headers?: Readonly<Record<string, string>>): Promise<RawSnapshot> => {
  server = await startKubeApiServer(raw, {
    intercept: ({ url = '' }: IncomingMessage, response: ServerResponse) => {
      for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
      if (url.startsWith('/api/v1/namespaces/team/pods')) json({ items: [pod] })(response);
      else if (url.startsWith('/api/v1/namespaces/team/secrets/')) answer(response);
      else return false;
      return true;
    },
  });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfigText());
  return captureCluster({
    flags: { kubeconfig },
    environment: { env: {}, workingDirectory: folder },
    userAgent: 'test',
    onStderr: () => undefined,
    facts: ['services', 'pods', 'secrets', 'serverClock'],
    timeoutMs: 10_000,
    signal: AbortSignal.timeout(10_000),
    now: () => new Date('2026-11-21T11:00:00Z'),
  });
};

const secretRequests = (): readonly string[] =>
  (server?.requests ?? []).map(({ path }) => path).filter((path) => path.includes('secrets'));

describe('the Secret of a serving certificate', () => {
  it('is asked for by its name, alone, and only its certificate is kept', async () => {
    const snapshot = await captureWith(json(secret));
    expect(secretRequests()).toEqual(['/api/v1/namespaces/team/secrets/serving-tls']);
    expect(snapshot.facts.secrets).toEqual({
      'team/serving-tls': {
        state: 'known',
        value: {
          metadata: { name: 'serving-tls', namespace: 'team', annotations: {} },
          data: { 'tls.crt': base64(serving.pem) },
        },
      },
    });
    for (const trace of forbidden) expect(JSON.stringify(snapshot)).not.toContain(trace);
  });

  it.each<readonly [string, Answer, string, RegExp]>([
    ['is not there', json({ kind: 'Status', code: 404 }, 404), 'known', /^$/],
    [
      'is forbidden',
      json({ kind: 'Status', message: 'secrets "serving-tls" is forbidden: User "dev" cannot get resource' }, 403),
      'forbidden',
      /^get secrets team\/serving-tls: secrets "serving-tls" is forbidden/,
    ],
    ['comes with status 500', json(secret, 500), 'unreadable', /^get secrets team\/serving-tls: HTTP status 500$/],
    ['comes with status 401', json(secret, 401), 'unreadable', /no Secret$/],
    ['is cut off', json(JSON.stringify(secret).slice(0, -20)), 'unreadable', /no Secret$/],
    ['is text', json(JSON.stringify(secret).replaceAll('"', ' ')), 'unreadable', /no Secret$/],
    ['has no name', json({ ...secret, metadata: { secret: PASSWORD } }), 'unreadable', /no Secret$/],
    ['has data of another kind', json({ ...secret, data: [serving.privateKeyPem, 1234] }), 'known', /^$/],
    ['is a list', json([secret]), 'unreadable', /no Secret$/],
    [
      'redirects',
      (response) => {
        response.writeHead(302, { location: `/${PASSWORD}` });
        response.end(JSON.stringify(secret));
      },
      'unreadable',
      /no Secret$/,
    ],
  ])('where it %s leaves no trace of the key', async (_title, answer, state, detail) => {
    const snapshot = await captureWith(answer);
    const fact = snapshot.facts.secrets['team/serving-tls'];
    expect(fact?.state).toBe(state);
    expect(fact?.state === 'known' ? '' : fact?.detail).toMatch(detail);
    for (const trace of forbidden) expect(JSON.stringify(snapshot)).not.toContain(trace);
  });
});

describe("the API server's clock", () => {
  it.each([0, 3600, -86_400])('that is %d seconds off', async (offset) => {
    const { facts } = await captureWith(json(secret), { date: new Date(Date.now() + 1000 * offset).toUTCString() });
    if (facts.serverClock.state !== 'known') throw new Error(facts.serverClock.detail);
    const { offsetSeconds, uncertaintySeconds } = facts.serverClock.value;
    expect(uncertaintySeconds).toBeGreaterThanOrEqual(0.5);
    expect(Math.abs(offsetSeconds - offset)).toBeLessThanOrEqual(uncertaintySeconds + 0.01);
  });
});
