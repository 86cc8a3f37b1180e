import { selectedPods, selectorText } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import type { Autoscaler, Fact, Service, WarningEvent, Workload } from '../../model/facts.ts';
import type { Evidence } from '../../model/finding.ts';
import { defineCheck } from '../define-check.ts';
import { warningEvidence, warningsOf } from '../pod-warnings.ts';
import { remedyFor } from '../remedy-for.ts';

/** Why there is no Pod, told by what should make it. */
interface Maker {
  /** A clause. */
  readonly why: string;
  readonly evidence: readonly Evidence[];
  readonly remedy: { readonly text: string; readonly commands: readonly string[] };
}

/** KEDA scales to zero and back as its triggers say; an autoscaler of nobody's leaves what has no replicas alone. */
const scalerOf = ({ namespace, kind, name }: Workload, autoscalers: Fact<readonly Autoscaler[]>): string | null =>
  (autoscalers.state === 'known' ? autoscalers.value : []).find(
    ({ owner, target, ...autoscaler }) =>
      owner?.startsWith('ScaledObject ') &&
      autoscaler.namespace === namespace &&
      target?.kind === kind &&
      target.name === name,
  )?.owner ?? null;

const makerOf = (
  { namespace, selector }: Service,
  workloads: readonly Workload[],
  events: Fact<readonly WarningEvent[]>,
  autoscalers: Fact<readonly Autoscaler[]>,
): Maker | null => {
  const maker = workloads.find(({ podLabels }) =>
    Object.entries(selector).every(([key, value]) => podLabels[key] === value),
  );
  if (!maker) return null;
  const { kind, name, wanted, ready, createFailure } = maker;
  const what = `${kind} ${namespace}/${name}`;
  const word = kind.toLowerCase();
  if (wanted === 0)
    return {
      why: kind === 'DaemonSet' ? `${what} fits no node` : `${what} has no replicas`,
      evidence: [
        { from: `${what} ${kind === 'DaemonSet' ? 'status.desiredNumberScheduled' : 'spec.replicas'}`, value: '0' },
      ],
      remedy:
        kind === 'DaemonSet'
          ? remedyFor(
              `Correct node selector and tolerations of ${what}.`,
              [{ of: maker, commands: [] }],
              [`kubectl -n ${namespace} get daemonset ${name} -o yaml`, 'kubectl get nodes --show-labels'],
            )
          : remedyFor(`Scale ${what} up.`, [
              {
                of: { ...maker, owner: scalerOf(maker, autoscalers) ?? maker.owner },
                commands: [`kubectl -n ${namespace} scale ${word} ${name} --replicas=1`],
              },
            ]),
    };
  // A Deployment's Pods are made by its ReplicaSet, which is named after it with a hash that holds no hyphen.
  const [warning] =
    kind === 'Deployment'
      ? warningsOf(events, 'ReplicaSet', (owner) => owner.slice(0, owner.lastIndexOf('-')) === name)
      : warningsOf(events, kind, (owner) => owner === name);
  if (createFailure === null && !warning)
    return ready > 0
      ? null
      : {
          why: `${what} wants ${wanted} and has none Ready`,
          evidence: [
            {
              from: `${what} ${kind === 'DaemonSet' ? 'status.desiredNumberScheduled' : 'spec.replicas'}`,
              value: String(wanted),
            },
          ],
          remedy: {
            text: `See why ${what} has no such Pod: its conditions and events tell, and a StatefulSet waits for one that is still being deleted.`,
            commands: [`kubectl -n ${namespace} describe ${word} ${name}`, `kubectl -n ${namespace} get events`],
          },
        };
  return {
    why: `${what} cannot create its Pods: ${(createFailure ?? warning?.message ?? '').replace(/\.$/, '')}`,
    evidence: [
      ...(createFailure === null ? [] : [{ from: `${what} status.conditions[ReplicaFailure]`, value: createFailure }]),
      ...(warning ? [warningEvidence(namespace, warning)] : []),
    ],
    remedy: {
      text: `Let ${what} create its Pods: raise the quota, or meet the admission rule that refuses them.`,
      commands: [`kubectl -n ${namespace} describe ${word} ${name}`, `kubectl -n ${namespace} describe resourcequota`],
    },
  };
};

export default defineCheck({
  code: 'AA204',
  title: "The Service's selector matches no Pod",
  source:
    'Kubernetes Service API, spec.selector; kube-aggregator remote_available_controller.go, reason MissingEndpoints',
  explanation:
    'The Service selects Pods by labels that no Pod of its namespace carries: the Deployment was scaled to zero or removed, its labels were changed, ' +
    'or the selector has a typing error.',
  byHand: [
    'kubectl -n <namespace> get service <service> -o jsonpath={.spec.selector}',
    'kubectl -n <namespace> get pods --show-labels',
  ],
  remedy: 'Start the Pods again, or make the labels and the selector agree.',
  explainedBy: ['AA105', 'AA114'],
  needs: ['service', 'pods'],
  uses: ['workloads', 'events', 'autoscalers'],
  run({ apiService, service, pods, used: { workloads, events, autoscalers } }) {
    if (
      service === null ||
      service.type === 'ExternalName' ||
      Object.keys(service.selector).length === 0 ||
      selectedPods(service, pods).length > 0
    )
      return null;
    const { namespace, name } = service;
    const selector = selectorText(service);
    const maker = workloads.state === 'known' ? makerOf(service, workloads.value, events, autoscalers) : null;
    return {
      message: `The selector of Service ${namespace}/${name} matches no Pod${maker ? `: ${maker.why}` : ''}.`,
      evidence: [
        ...(maker?.evidence ?? []),
        { from: `Service ${namespace}/${name} spec.selector`, value: selector },
        {
          from: `Pods of namespace ${namespace}`,
          value:
            pods.length === 0
              ? 'none'
              : pods
                  .slice(0, 5)
                  .map(
                    (pod) =>
                      `${pod.name} (${
                        Object.entries(pod.labels)
                          .map(([key, value]) => `${key}=${value}`)
                          .join(',') || 'no labels'
                      })`,
                  )
                  .join('; ') + (pods.length > 5 ? `; ${pods.length - 5} more` : ''),
        },
        conditionEvidence(apiService),
      ],
      sharedCause: { kind: 'Service', namespace, name },
      remedy: maker?.remedy ?? {
        text: `Start the workload whose Pods carry ${selector}, or make its labels and the Service's selector agree.`,
        commands: [
          `kubectl -n ${namespace} get pods --show-labels`,
          `kubectl -n ${namespace} get deployments,statefulsets,daemonsets --show-labels`,
        ],
      },
    };
  },
});
