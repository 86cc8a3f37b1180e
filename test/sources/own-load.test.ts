import { describe, expect, it } from 'vitest';

import type { DoctorReport, StatusList } from '../../src/model/report.ts';
import { ownLoad } from '../../src/sources/live/kubernetes/own-load.ts';
import { run } from '../cli/captured-run.ts';
import { apiServices } from '../cli/refusal.ts';
import { useScratch } from '../cli/scratch.ts';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';

const { file, opened } = useScratch();

const words = 'Too many requests, please try again later.\n';
const plain = { 'content-type': 'text/plain; charset=utf-8' };
const auditId = 'b69da62f-68c5-4777-857a-668518da7f15';
const flowSchema = 'c8b5a3f2-1f0e-4d3c-9a57-0d6f1c2b3a4e';
const flowSchemaHeader = 'x-kubernetes-pf-flowschema-uid';

// Headers and bodies as the filters and the proxy of k8s.io/apiserver 0.36.3 send them.
const answers: readonly (readonly [title: string, headers: Record<string, string | string[]>, body: string])[] = [
  [
    'priority and fairness',
    { ...plain, 'retry-after': '1', 'audit-id': auditId, [flowSchemaHeader]: flowSchema },
    words,
  ],
  ['max-in-flight', { ...plain, 'retry-after': '1', 'audit-id': auditId }, words],
  [
    'a kube-apiserver that shuts down',
    { ...plain, 'retry-after': '5', 'audit-id': auditId },
    'The apiserver is shutting down, please try again later.\n',
  ],
  ['no kube-apiserver that could be seen', { 'content-type': 'text/html' }, 'slow down'],
];

const behind: readonly (readonly [title: string, headers: Record<string, string | string[]>, body: string])[] = [
  [
    'a backend of the same library',
    { ...plain, 'audit-id': [auditId, auditId], [flowSchemaHeader]: flowSchema, 'retry-after': '1' },
    words,
  ],
  [
    'a backend with priority and fairness of its own',
    { ...plain, 'audit-id': [auditId, auditId], [flowSchemaHeader]: [flowSchema, flowSchema] },
    words,
  ],
  ['a backend of another make', { ...plain, 'audit-id': auditId, [flowSchemaHeader]: flowSchema }, 'slow down'],
  ["a Node server's limiter, which has the same words", { 'content-type': 'text/html', 'audit-id': auditId }, words],
];

const joined = (headers: Record<string, string | string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));

describe('a 429', () => {
  it.each(answers)('of %s came no further', (_title, headers, body) => {
    expect(ownLoad(joined(headers), body)).toContain('429');
  });

  it.each(behind)('of %s came from there', (_title, headers, body) => {
    expect(ownLoad(joined(headers), body)).toBeNull();
  });

  it('names the flow schema by its UID', () => {
    expect(ownLoad({ ...plain, 'audit-id': auditId, [flowSchemaHeader]: flowSchema }, words)).toBe(
      `kube-apiserver refuses requests for its own load (HTTP status 429, flow schema with the UID ${flowSchema})`,
    );
  });
});

/** What status and doctor make of such an answer for a registration whose condition is True. */
const judged = async (headers: Record<string, string | string[]>, body: string) => {
  const cluster = apiServices(1);
  const { apiServices: fact } = cluster.facts;
  if (fact.state === 'known')
    for (const { status } of fact.value)
      status?.conditions?.splice(0, 1, {
        type: 'Available',
        status: 'True',
        reason: 'Passed',
        message: 'all checks passed',
      });
  const server = await opened(
    startKubeApiServer(cluster, {
      intercept: ({ url }, response) => {
        if (url !== '/apis/g0.example.com/v1') return false;
        response.writeHead(429, { ...headers, 'retry-after': '60' }).end(body);
        return true;
      },
    }),
  );
  const ask = async <T>(...command: readonly string[]): Promise<T> =>
    JSON.parse((await run([...command, '-o', 'json', '--kubeconfig', file(server.kubeconfigText())])).stdout) as T;
  const [{ items }, { findings, undetermined }] = [
    await ask<StatusList>('status'),
    await ask<DoctorReport>('doctor', '--only', 'AA219'),
  ];
  return {
    verdict: items[0]?.verdict,
    findings: findings.map(({ code }) => code),
    undetermined,
  };
};

describe('status and doctor', () => {
  it.each(answers)('could not look past %s', async (_title, headers, body) => {
    expect(await judged(headers, body)).toMatchObject({
      verdict: 'unknown',
      findings: [],
      undetermined: [{ code: 'AA219', needs: 'answers', state: 'unreachable' }],
    });
  });

  it.each(behind)('accuse %s', async (_title, headers, body) => {
    expect(await judged(headers, body)).toMatchObject({
      verdict: 'broken',
      findings: ['AA219'],
      undetermined: [],
    });
  });
});
