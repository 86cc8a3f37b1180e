import { describe, expect, it } from 'vitest';

import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { capture } from '../../src/sources/live/capture.ts';
import type { Received } from '../../src/sources/live/cluster-reader.ts';
import { getOnlyReader } from '../fakes/get-only-reader.ts';

const list = (items: readonly unknown[]): unknown => ({ kind: 'List', items });

const condition = (type: string, status: string, reason = ''): unknown => ({ type, status, reason });

const podNamed = (name: string, containerStatus: object, ready = false): unknown => ({
  metadata: { name, namespace: 'team', labels: { app: 'api' } },
  spec: { containers: [{ name: 'server' }] },
  status: {
    conditions: [condition('Ready', ready ? 'True' : 'False')],
    containerStatuses: [{ name: 'server', ...containerStatus }],
  },
});

const running = { state: { running: {} } };
const crashed = { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } };

/** A cluster with one APIService and the Pods given; every other path is not there. */
const read = async (
  available: string,
  pods: readonly unknown[],
  log: (path: string) => Partial<Received>,
): Promise<{ readonly logs: RawSnapshot['facts']['logs']; readonly asked: readonly string[] }> => {
  const objects: Readonly<Record<string, unknown>> = {
    '/apis/apiregistration.k8s.io/v1/apiservices': list([
      {
        metadata: { name: 'v1.team.example.com' },
        spec: {
          group: 'team.example.com',
          version: 'v1',
          service: { namespace: 'team', name: 'api' },
          groupPriorityMinimum: 1,
          versionPriority: 1,
        },
        status: { conditions: [condition('Available', available, 'FailedDiscoveryCheck')] },
      },
    ]),
    '/api/v1/namespaces/team/services': list([
      { metadata: { name: 'api', namespace: 'team' }, spec: { selector: { app: 'api' } } },
    ]),
    '/api/v1/namespaces/team/pods': list(pods),
  };
  const asked: string[] = [];
  const answer = (path: string): Partial<Received> => {
    const object = objects[path.replace(/\?.*/, '')];
    if (object) return { body: JSON.stringify(object) };
    if (!path.includes('/log?')) return { httpStatus: 404, body: '{"kind":"Status","message":"not found"}' };
    asked.push(path);
    return log(path);
  };
  const reader = getOnlyReader(
    (path) =>
      Promise.resolve({
        httpStatus: 200,
        contentType: null,
        location: null,
        etag: null,
        date: null,
        ownLoad: null,
        latencyMs: 1,
        body: '',
        ...answer(path),
      }),
    ['my-own-token-0123456789'],
  );
  const { facts } = await capture(reader, {
    facts: ['services', 'pods', 'logs'],
    timeoutMs: 1000,
    signal: AbortSignal.timeout(10_000),
    now: () => new Date('2026-11-21T10:00:00Z'),
  });
  return { logs: facts.logs, asked };
};

const said = (text: string) => ({ state: 'known', value: [{ container: 'server', previous: false, text }] });

describe('logs', () => {
  it('are read in a bounded number of lines and bytes', async () => {
    const { logs, asked } = await read('False', [podNamed('api-0', running)], () => ({ body: 'Serving\n' }));
    expect(asked).toEqual(['/api/v1/namespaces/team/pods/api-0/log?container=server&tailLines=100&limitBytes=65536']);
    expect(logs).toEqual({ 'team/api-0': said('Serving\n') });
  });

  it('are not read of a backend that is well', async () => {
    expect(await read('True', [podNamed('api-0', running)], () => ({ body: 'x' }))).toEqual({ logs: {}, asked: [] });
  });

  it('are read of three Pods, those that are not Ready first, and of the run before where a container ended', async () => {
    const pods = [
      podNamed('api-0', running, true),
      podNamed('api-1', running, true),
      podNamed('api-2', running, true),
      podNamed('api-3', crashed),
    ];
    const { asked } = await read('False', pods, () => ({ body: 'x' }));
    const bounds = 'container=server&tailLines=100&limitBytes=65536';
    expect(asked.toSorted()).toEqual([
      `/api/v1/namespaces/team/pods/api-0/log?${bounds}`,
      `/api/v1/namespaces/team/pods/api-1/log?${bounds}`,
      `/api/v1/namespaces/team/pods/api-3/log?${bounds}`,
      `/api/v1/namespaces/team/pods/api-3/log?${bounds}&previous=true`,
    ]);
  });

  it('hold no secret', async () => {
    const body = [
      'Authorization: Bearer abcdefghijklmnop',
      '"got" password="hunter2 and more" user="jane"',
      '{"api-key": "hunter2", "level": "info"}',
      'my-own-token-0123456789',
      'Get "https://u:hunter2@db.example.com/": EOF',
      '"Unable to authenticate the request" err="[invalid bearer token, expired]"',
      '',
    ].join('\n');
    const { logs } = await read('False', [podNamed('api-0', running)], () => ({ body }));
    expect(logs).toEqual({
      'team/api-0': said(
        [
          'Authorization: Bearer [redacted]',
          '"got" password="[redacted]" user="jane"',
          '{"api-key": "[redacted]", "level": "info"}',
          '[redacted]',
          'Get "https://[redacted]@db.example.com/": EOF',
          '"Unable to authenticate the request" err="[invalid bearer token, expired]"',
          '',
        ].join('\n'),
      ),
    });
  });

  it('end with a whole line', async () => {
    const line = `${'x'.repeat(1023)}\n`;
    const { logs } = await read('False', [podNamed('api-0', running)], () => ({
      body: `${line.repeat(63)}eyJhbGciOi${'y'.repeat(1024)}`,
    }));
    expect(logs).toEqual({ 'team/api-0': said(line.repeat(63)) });
  });

  it.each([400, 404])('are empty where the server answers %d', async (httpStatus) => {
    const { logs } = await read('False', [podNamed('api-0', running)], () => ({
      httpStatus,
      body: '{"kind":"Status","message":"container \\"server\\" in pod \\"api-0\\" is waiting to start"}',
    }));
    expect(logs).toEqual({ 'team/api-0': { state: 'known', value: [] } });
  });

  it('are missing where the caller may not read them', async () => {
    const { logs } = await read('False', [podNamed('api-0', running)], () => ({
      httpStatus: 403,
      body: '{"kind":"Status","message":"pods \\"api-0\\" is forbidden"}',
    }));
    expect(logs).toEqual({
      'team/api-0': {
        state: 'forbidden',
        detail: 'get pods/log api-0 in namespace team: pods "api-0" is forbidden',
      },
    });
  });
});
