import { describe, expect, it } from 'vitest';

import { pod } from '../../src/snapshot/decode-pod.ts';
import type { RawPod } from '../../src/snapshot/raw-snapshot.ts';

// As a kubelet writes them (k8s.io/api core/v1, PodStatus).

const states = (status: NonNullable<RawPod['status']>): readonly string[] =>
  pod({
    metadata: { name: 'api-0', namespace: 'team' },
    spec: { containers: [{ name: 'server' }] },
    status,
  }).states.map(({ from, value }) => `${from}: ${value}`);

const waitsForInit = { name: 'server', ready: false, state: { waiting: { reason: 'PodInitializing' } } };

describe('what keeps a Pod from being Ready', () => {
  it('is the init container that fails, not the containers that wait for it', () => {
    expect(
      states({
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'copy', ready: true, state: { terminated: { reason: 'Completed', exitCode: 0 } } },
          {
            name: 'migrate',
            ready: false,
            restartCount: 9,
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
            lastState: { terminated: { reason: 'Error', exitCode: 2 } },
          },
          { name: 'later', ready: false, state: { waiting: { reason: 'PodInitializing' } } },
        ],
        containerStatuses: [waitsForInit],
      }),
    ).toEqual([
      'status.initContainerStatuses[migrate].state.waiting: CrashLoopBackOff: back-off 5m0s',
      'status.initContainerStatuses[migrate].lastState.terminated: Error: exit code 2',
    ]);
  });

  it('is the container that waits where every init container is done', () => {
    expect(
      states({
        phase: 'Pending',
        initContainerStatuses: [{ name: 'copy', ready: true }],
        containerStatuses: [waitsForInit],
      }),
    ).toEqual(['status.containerStatuses[server].state.waiting: PodInitializing']);
  });

  it('is first of all that it was evicted', () => {
    expect(
      states({
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
        containerStatuses: [{ name: 'server', ready: false, state: { waiting: { reason: 'ContainerCreating' } } }],
      }),
    ).toEqual([
      'status.reason: Evicted: The node was low on resource: memory.',
      'status.containerStatuses[server].state.waiting: ContainerCreating',
    ]);
  });
});
