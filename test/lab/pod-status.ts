import { labNetwork } from './network-namespace.ts';
import type { PodState } from './situation.ts';

export const containerName = 'server';
export const containerImage = 'extension-api-server:1.0';

/** States in which the kubelet has given the Pod an address. */
export const hasAddress = (state: PodState): boolean => !['unscheduled', 'image-missing', 'starting'].includes(state);

const condition = (type: string, holds: boolean, at: string, reason?: string, message?: string): object => ({
  type,
  status: holds ? 'True' : 'False',
  lastTransitionTime: at,
  ...(reason === undefined ? {} : { reason, message }),
});

const notReady = (at: string): readonly object[] =>
  ['Ready', 'ContainersReady'].map((type) =>
    condition(type, false, at, 'ContainersNotReady', `containers with unready status: [${containerName}]`),
  );

const container = (ready: boolean, restartCount: number, state: object, lastState: object = {}): object => ({
  name: containerName,
  image: containerImage,
  imageID: '',
  ready,
  started: ready,
  restartCount,
  state,
  lastState,
});

const waiting = (reason: string, message: string): object => ({ waiting: { reason, message } });

/** The status that a kubelet (or the scheduler) would write for a Pod in that state since `at`. */
export const podStatus = (state: PodState, podName: string, address: string, at: string): object => {
  const placed = { hostIP: labNetwork.node, startTime: at };
  const addressed = { ...placed, podIP: address, podIPs: [{ ip: address }] };
  const running = { running: { startedAt: at } };
  switch (state) {
    case 'ready':
      return {
        ...addressed,
        phase: 'Running',
        conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) =>
          condition(type, true, at),
        ),
        containerStatuses: [container(true, 0, running)],
      };
    case 'probe-failing':
      return {
        ...addressed,
        phase: 'Running',
        conditions: [condition('PodScheduled', true, at), condition('Initialized', true, at), ...notReady(at)],
        containerStatuses: [container(false, 0, running)],
      };
    case 'crashing':
      return {
        ...addressed,
        phase: 'Running',
        conditions: [condition('PodScheduled', true, at), condition('Initialized', true, at), ...notReady(at)],
        containerStatuses: [
          container(
            false,
            7,
            waiting('CrashLoopBackOff', `back-off 5m0s restarting failed container=${containerName} pod=${podName}`),
            { terminated: { exitCode: 1, reason: 'Error', startedAt: at, finishedAt: at } },
          ),
        ],
      };
    case 'starting':
      return {
        ...placed,
        phase: 'Pending',
        conditions: [condition('PodScheduled', true, at), condition('Initialized', true, at), ...notReady(at)],
        containerStatuses: [container(false, 0, { waiting: { reason: 'ContainerCreating' } })],
      };
    case 'image-missing':
      return {
        ...placed,
        phase: 'Pending',
        conditions: [condition('PodScheduled', true, at), condition('Initialized', true, at), ...notReady(at)],
        containerStatuses: [
          container(false, 0, waiting('ImagePullBackOff', `Back-off pulling image "${containerImage}"`)),
        ],
      };
    case 'unscheduled':
      return {
        phase: 'Pending',
        conditions: [
          condition(
            'PodScheduled',
            false,
            at,
            'Unschedulable',
            '0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
          ),
        ],
      };
  }
};
