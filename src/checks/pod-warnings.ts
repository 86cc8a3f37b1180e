import type { Fact, WarningEvent } from '../model/facts.ts';
import type { Evidence } from '../model/finding.ts';

/** What to do, by the reason that an event or a container's state gives. */
const advice: Readonly<Record<string, string>> = {
  BackOff: 'The container ends again and again: its last log lines say why',
  CrashLoopBackOff: 'The container ends again and again: its last log lines say why',
  CreateContainerConfigError: 'Create the Secret or ConfigMap that the container names',
  // The kubelet, and the taint manager (k8s.io/kubernetes pkg/kubelet/eviction).
  Evicted:
    'The Pod was evicted and does not come back: give its node room, or the Pod requests, and let its controller make another',
  ErrImagePull: 'Correct the name of the image, or give the Pod a secret that may pull it',
  FailedCreate: 'Let the controller create its Pods: raise the quota, or meet the admission rule that it names',
  FailedCreatePodSandBox: 'See what the network plugin of the node says: the Pod gets no network',
  FailedMount: 'Create the Secret, ConfigMap or volume that cannot be mounted',
  FailedScheduling: 'Make room on a node, or correct node selector, affinity and tolerations so that one fits',
  ImagePullBackOff: 'Correct the name of the image, or give the Pod a secret that may pull it',
  OOMKilled: 'The container needs more memory than its limit: raise resources.limits.memory, or see what it keeps',
  ReadinessGatesNotReady: 'See why the controller that owns the readiness gate does not set its condition',
  Unhealthy: 'See why the probe fails: the server is up and does not answer it as the Pod expects',
  Unschedulable: 'Make room on a node, or correct node selector, affinity and tolerations so that one fits',
};

/** For the first of the reasons that is known; null where none is. */
export const adviceFor = (reasons: readonly string[]): string | null =>
  reasons.map((reason) => (Object.hasOwn(advice, reason) ? advice[reason] : undefined)).find((text) => text) ?? null;

/** Of one object the newest event for each reason. */
export const warningsOf = (
  events: Fact<readonly WarningEvent[]>,
  kind: string,
  isNamed: (name: string) => boolean,
): readonly WarningEvent[] =>
  (events.state === 'known' ? events.value : [])
    .filter((event) => event.kind === kind && isNamed(event.name))
    .filter((event, index, all) => all.findIndex(({ reason }) => reason === event.reason) === index);

export const warningEvidence = (namespace: string, event: WarningEvent): Evidence => ({
  from: `Event of ${event.kind} ${namespace}/${event.name}`,
  value: `${event.reason}${event.count > 1 ? ` (${event.count} times)` : ''}: ${event.message || 'no message'}${event.lastSeen === '' ? '' : `, last at ${event.lastSeen}`}`,
});
