import { expect } from 'vitest';

import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { nothingCollected } from '../nothing-collected.ts';
import type { Ran } from './captured-run.ts';
import { CALLERS_TOKEN } from './hostile-server.ts';

/** A credential that the files of a test hold; no output may. */
export const TOKEN = 'kubeconfig-token-fedcba9876543210';

/** What may steer a terminal or turn a line round, but for line ends. */
export const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]|\ud800/;

/** One line on standard error, a hint below it at most, and nothing else. */
export const expectRefusal = (ran: Ran, line: RegExp | string, hint: RegExp | null = null): void => {
  for (const secret of [TOKEN, CALLERS_TOKEN, Buffer.from(TOKEN).toString('base64').slice(0, 20)])
    expect(`${ran.stdout}${ran.stderr}`).not.toContain(secret);
  expect(steering.exec(ran.stderr)?.[0]).toBeUndefined();
  const [first = '', ...rest] = ran.stderr.replace(/\n$/, '').split('\n');
  expect(first).toMatch(/^error: /);
  if (typeof line === 'string') expect(first).toContain(line);
  else expect(first).toMatch(line);
  expect(first.length).toBeLessThan(1600);
  if (hint === null) expect(rest).toEqual([]);
  else expect(rest.join('\n')).toMatch(hint);
  expect(ran).toMatchObject({ stdout: '', status: 2 });
};

/** A cluster of so many remote APIServices in so many namespaces, with `text` wherever a name or word may stand. */
export const apiServices = (count: number, text = '', namespaces = count): RawSnapshot => ({
  apiVersion: 'kubectl-aa/v1',
  kind: 'Snapshot',
  capturedAt: '2026-11-21T10:00:00Z',
  cluster: { context: `context${text}`, server: null },
  facts: {
    ...nothingCollected,
    serverVersion: { state: 'known', value: { gitVersion: `v1.33.1${text}`, minor: '33' } },
    apiServices: {
      state: 'known',
      value: Array.from({ length: count }, (_, index) => ({
        metadata: { name: `v1.g${index}.example.com`, labels: { 'app.kubernetes.io/managed-by': `me${text}` } },
        spec: {
          group: `g${index}.example.com`,
          version: 'v1',
          service: { namespace: `ns${index % namespaces}`, name: `s${text}`, port: 443 },
          groupPriorityMinimum: 1,
          versionPriority: 1,
        },
        status: {
          conditions: [
            {
              type: 'Available',
              status: 'False',
              reason: `FailedDiscoveryCheck${text}`,
              message: `failing${text}`,
              lastTransitionTime: `2026-01-01T00:00:00Z${text}`,
            },
          ],
        },
      })),
    },
  },
});
