import type { Pod } from '../model/facts.ts';
import { workloadOf } from './owner.ts';
import type { RawPod } from './raw-snapshot.ts';
import { mountedCertificates } from './serving-files.ts';

export const joined = (...parts: readonly (string | null | undefined)[]): string =>
  parts.filter((part) => part !== null && part !== undefined && part !== '').join(': ');

type RawStatus = NonNullable<RawPod['status']>;
type RawContainerStatus = NonNullable<RawStatus['containerStatuses']>[number];

const containerStates = (
  { name, state, lastState, restartCount }: RawContainerStatus,
  field: 'containerStatuses' | 'initContainerStatuses',
): Pod['states'] => {
  const from = `status.${field}[${name}]`;
  const ended = state?.terminated ?? lastState?.terminated;
  return [
    ...(state?.waiting
      ? [{ from: `${from}.state.waiting`, value: joined(state.waiting.reason, state.waiting.message) }]
      : []),
    ...(ended
      ? [
          {
            from: `${from}.${state?.terminated ? 'state' : 'lastState'}.terminated`,
            value: joined(
              ended.reason,
              typeof ended.exitCode === 'number' ? `exit code ${ended.exitCode}` : null,
              ended.message,
            ),
          },
        ]
      : []),
    ...(state?.running ? [{ from, value: `running, not ready, ${restartCount ?? 0} restarts` }] : []),
  ];
};

const ownState = ({ reason, message }: RawStatus): Pod['states'] =>
  reason ? [{ from: 'status.reason', value: joined(reason, message) }] : [];

/** What a Pod's status says of why it is not Ready, closest cause first. */
const podStates = ({ status }: RawPod): Pod['states'] => {
  const initial = (status?.initContainerStatuses ?? []).find(({ ready }) => !ready);
  const containers = (status?.containerStatuses ?? []).filter(
    // It only waits for what stands before it.
    ({ ready, state }) => !ready && !(initial && state?.waiting?.reason === 'PodInitializing'),
  );
  return [
    // Of a Pod that ended for good, what its containers say is older.
    ...(status?.phase === 'Failed' ? ownState(status) : []),
    ...(initial ? containerStates(initial, 'initContainerStatuses') : []),
    ...containers.flatMap((container) => containerStates(container, 'containerStatuses')),
    ...(status?.conditions ?? [])
      .filter((condition) => condition.status === 'False' && ['PodScheduled', 'Ready'].includes(condition.type))
      .map(({ type, reason, message }) => ({
        from: `status.conditions[${type}]`,
        value: joined('False', reason, message),
      })),
    ...(status && status.phase !== 'Failed' ? ownState(status) : []),
  ];
};

const switchedOff = ({ spec }: RawPod): Pod['switchedOff'] =>
  spec.containers.flatMap(({ name: container, command, args, env }) => [
    ...[...(command ?? []), ...(args ?? [])].flatMap((value) => {
      const name = /^--feature-gates=(.*)=false$/.exec(value)?.[1];
      return name === undefined ? [] : [{ name, from: `spec.containers[${container}].args`, value }];
    }),
    ...(env ?? []).map(({ name, value }) => ({
      name,
      from: `spec.containers[${container}].env[${name}]`,
      value: value ?? '',
    })),
  ]);

/** An init container that is restarted always is a sidecar, whose ports count like all others (endpointslice utils.go, FindPort). */
const runningContainers = ({ spec }: RawPod) => [
  ...spec.containers,
  ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
];

export const pod = (raw: RawPod): Pod => ({
  namespace: raw.metadata.namespace ?? '',
  name: raw.metadata.name,
  labels: raw.metadata.labels ?? {},
  phase: raw.status?.phase ?? 'Unknown',
  ready: raw.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
  createdAt: raw.metadata.creationTimestamp ?? null,
  deletedAt: raw.metadata.deletionTimestamp ?? null,
  serviceAccount: raw.spec.serviceAccountName ?? 'default',
  hostNetwork: raw.spec.hostNetwork ?? false,
  nodeName: raw.spec.nodeName ?? null,
  containers: runningContainers(raw).map(({ name }) => name),
  states: podStates(raw),
  switchedOff: switchedOff(raw),
  containerPorts: runningContainers(raw).flatMap(({ ports }) =>
    (ports ?? []).map(({ name, containerPort }) => ({ name: name ?? null, port: containerPort })),
  ),
  certificates: mountedCertificates(raw),
  workload: workloadOf(raw),
});
