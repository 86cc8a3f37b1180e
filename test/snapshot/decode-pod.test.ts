import { describe, expect, it } from 'vitest';

import type { Pod } from '../../src/model/facts.ts';
import { pod } from '../../src/snapshot/decode-pod.ts';
import { parseWith } from '../../src/snapshot/parse-with.ts';
import { objectSchemas } from '../../src/snapshot/raw-snapshot.ts';

const decoded = (spec: object, status: object = {}): Pod => {
  const parsed = parseWith(objectSchemas.pods, { metadata: { name: 'api-0', namespace: 'team' }, spec, status });
  if (!parsed.ok) throw new Error(`${parsed.field}: ${parsed.problem}`);
  return pod(parsed.value);
};

describe('a sidecar, an init container that is restarted always', () => {
  const ports = [{ name: 'https', containerPort: 8443 }];
  const proxied = (restartPolicy?: string) =>
    decoded({ containers: [{ name: 'server' }], initContainers: [{ name: 'proxy', restartPolicy, ports }] });

  it('opens ports like any container, which another init container does not', () => {
    expect(proxied('Always').containerPorts).toEqual([{ name: 'https', port: 8443 }]);
    expect(proxied().containerPorts).toEqual([]);
  });

  it('is one of its containers', () => {
    expect(proxied('Always').containers).toEqual(['server', 'proxy']);
  });
});

describe('why a Pod is not Ready', () => {
  it('stands with the init container that fails, not with the containers that wait for it', () => {
    const waiting = { waiting: { reason: 'PodInitializing' } };
    const { states } = decoded(
      { containers: [{ name: 'server' }], initContainers: [{ name: 'first' }, { name: 'migrate' }, { name: 'last' }] },
      {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'first', ready: true, state: { terminated: { reason: 'Completed', exitCode: 0 } } },
          {
            name: 'migrate',
            ready: false,
            restartCount: 4,
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s' } },
            lastState: { terminated: { reason: 'Error', exitCode: 1 } },
          },
          { name: 'last', ready: false, state: waiting },
        ],
        containerStatuses: [{ name: 'server', ready: false, state: waiting }],
      },
    );
    expect(states).toEqual([
      { from: 'status.initContainerStatuses[migrate].state.waiting', value: 'CrashLoopBackOff: back-off 1m20s' },
      { from: 'status.initContainerStatuses[migrate].lastState.terminated', value: 'Error: exit code 1' },
    ]);
  });
});
