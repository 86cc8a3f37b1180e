import type {
  AdmissionWebhook,
  ApiServerPod,
  AuthenticationConfiguration,
  Authority,
  Autoscaler,
  AutoscalerMetric,
  Condition,
  CustomResourceConversion,
  DisruptionBudget,
  GroupRole,
  LabelRequirements,
  NetworkPolicy,
  Node,
  RoleBinding,
  RoleRule,
  TerminatingNamespace,
  WarningEvent,
  WebhookService,
  Workload,
} from '../model/facts.ts';
import { timestamp } from '../model/wording.ts';
import { parseCaBundle } from '../x509/ca-bundle.ts';
import { ownerOf } from './owner.ts';
import type {
  RawApiServerPod,
  RawAuthenticationConfiguration,
  RawAutoscaler,
  RawCustomResourceConversion,
  RawDisruptionBudget,
  RawEvent,
  RawFactValues,
  RawGroupRole,
  RawNetworkPolicy,
  RawNode,
  RawRole,
  RawRoleBinding,
  RawWebhookConfiguration,
  RawWorkload,
} from './raw-snapshot.ts';

type RawNamespace = RawFactValues['terminatingNamespaces'][number];
type RawCondition = NonNullable<NonNullable<RawNamespace['status']>['conditions']>[number];

const condition = ({ type, status, reason, message, lastTransitionTime }: RawCondition): Condition => ({
  type,
  status,
  reason: reason ?? '',
  message: message ?? '',
  since: lastTransitionTime ?? null,
});

export const terminatingNamespace = ({ metadata, status }: RawNamespace): TerminatingNamespace => ({
  name: metadata.name,
  deletedAt: metadata.deletionTimestamp ?? null,
  conditions: (status?.conditions ?? []).filter((one) => one.status === 'True').map(condition),
});

// Which client of metrics serves which source (kubernetes pkg/controller/podautoscaler/metrics/client.go).
const metricOf = (metric: NonNullable<RawAutoscaler['spec']['metrics']>[number]): AutoscalerMetric | null => {
  const resource = metric.resource ?? metric.containerResource;
  if (resource) return { group: 'metrics.k8s.io', name: resource.name };
  const custom = metric.pods ?? metric.object;
  if (custom) return { group: 'custom.metrics.k8s.io', name: custom.metric.name };
  return metric.external ? { group: 'external.metrics.k8s.io', name: metric.external.metric.name } : null;
};

export const autoscaler = ({ metadata, spec, status }: RawAutoscaler): Autoscaler => {
  const active = status?.conditions?.find(({ type }) => type === 'ScalingActive');
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    target: spec.scaleTargetRef ?? null,
    owner: ownerOf({ metadata }),
    metrics: (spec.metrics ?? []).flatMap((metric) => metricOf(metric) ?? []),
    scalingActive: active ? condition(active) : null,
  };
};

const authorities = (pem: string | null | undefined): readonly Authority[] | null =>
  typeof pem === 'string'
    ? parseCaBundle(pem).certificates.map(({ subject, notBefore, notAfter, sha256, subjectKeyId }) => ({
        subject,
        notBefore: timestamp(notBefore),
        notAfter: timestamp(notAfter),
        sha256,
        subjectKeyId,
      }))
    : null;

const stringList = (json: string | null | undefined): readonly string[] | null => {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
  } catch {
    return null;
  }
};

export const authenticationConfiguration = ({ data }: RawAuthenticationConfiguration): AuthenticationConfiguration => ({
  clientAuthorities: authorities(data?.['client-ca-file']),
  requestHeaderAuthorities: authorities(data?.['requestheader-client-ca-file']),
  allowedNames: stringList(data?.['requestheader-allowed-names']),
});

export const roleBinding = ({ metadata, roleRef, subjects }: RawRoleBinding): RoleBinding => ({
  kind: metadata.namespace ? 'RoleBinding' : 'ClusterRoleBinding',
  name: metadata.name,
  roleRef,
  subjects: (subjects ?? []).map(({ kind, name, namespace }) => ({ kind, name, namespace: namespace ?? null })),
});

export const roleRules = ({ rules }: RawRole): readonly RoleRule[] =>
  (rules ?? []).map(({ verbs, apiGroups, resources, resourceNames }) => ({
    verbs,
    groups: apiGroups ?? [],
    resources: resources ?? [],
    names: resourceNames ?? [],
  }));

export const groupRole = (raw: RawGroupRole): GroupRole => ({
  kind: raw.metadata.namespace ? 'Role' : 'ClusterRole',
  namespace: raw.metadata.namespace ?? null,
  name: raw.metadata.name,
  rules: roleRules(raw),
});

type RawWebhook = NonNullable<RawWebhookConfiguration['webhooks']>[number];
type RawService = NonNullable<RawWebhook['clientConfig']['service']>;

// 443 is the default of both APIs (admissionregistration v1 and apiextensions v1, defaults.go).
const webhookService = ({ namespace, name, port, path }: RawService): WebhookService => ({
  namespace,
  name,
  port: port ?? 443,
  path: path ?? '',
});

export const admissionWebhooks = (configurations: readonly RawWebhookConfiguration[]): readonly AdmissionWebhook[] =>
  configurations.flatMap(({ kind, metadata, webhooks }) =>
    (webhooks ?? []).map(({ name, failurePolicy, clientConfig, rules }) => ({
      kind: kind ?? 'ValidatingWebhookConfiguration',
      configuration: metadata.name,
      name,
      // An absent failurePolicy is Fail (admissionregistration v1/defaults.go).
      mustAnswer: failurePolicy !== 'Ignore',
      rules: (rules ?? []).map(({ operations, apiGroups, resources }) => ({
        operations: operations ?? [],
        groups: apiGroups ?? [],
        resources: resources ?? [],
      })),
      service: clientConfig.service ? webhookService(clientConfig.service) : null,
    })),
  );

export const customResourceConversions = (
  definitions: readonly RawCustomResourceConversion[],
): readonly CustomResourceConversion[] =>
  definitions.flatMap(({ metadata, spec }) => {
    const service = spec.conversion?.webhook?.clientConfig?.service;
    return service ? [{ name: metadata.name, service: webhookService(service) }] : [];
  });

type RawSelector = NonNullable<RawDisruptionBudget['spec']>['selector'];

const selector = (raw: RawSelector): LabelRequirements => ({
  labels: raw?.matchLabels ?? {},
  expressions: (raw?.matchExpressions ?? []).map(({ key, operator, values }) => ({
    key,
    operator,
    values: values ?? [],
  })),
});

const selectorOrNull = (raw: RawSelector): LabelRequirements | null => (raw ? selector(raw) : null);

export const networkPolicy = ({ metadata, spec }: RawNetworkPolicy): NetworkPolicy => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  selector: selector(spec?.podSelector),
  // Without policyTypes every policy restricts what comes in (networking/v1 NetworkPolicySpec).
  ingress: (spec?.policyTypes ?? ['Ingress']).includes('Ingress')
    ? (spec?.ingress ?? []).map(({ from, ports }) => ({
        from: (from ?? []).map(({ ipBlock, podSelector, namespaceSelector }) => ({
          cidr: ipBlock?.cidr ?? null,
          except: ipBlock?.except ?? [],
          pods: selectorOrNull(podSelector),
          namespaces: selectorOrNull(namespaceSelector),
        })),
        ports: (ports ?? []).map(({ port, endPort, protocol }) => ({
          port: port ?? null,
          endPort: endPort ?? null,
          protocol: protocol ?? 'TCP',
        })),
      }))
    : null,
});

export const disruptionBudget = ({ metadata, spec }: RawDisruptionBudget): DisruptionBudget => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  selector: selectorOrNull(spec?.selector),
});

// A DaemonSet has no replicas but nodes (apps/v1 DaemonSetStatus); an absent number of replicas is 1 (apps/v1/defaults.go).
export const workload = ({ kind, metadata, spec, status }: RawWorkload): Workload => {
  const failure = status?.conditions?.find(({ type, status: held }) => type === 'ReplicaFailure' && held === 'True');
  const isDaemonSet = kind === 'DaemonSet';
  return {
    kind: kind ?? 'Deployment',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    owner: ownerOf({ metadata }),
    podLabels: spec.template?.metadata?.labels ?? {},
    wanted: isDaemonSet ? (status?.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1),
    ready: (isDaemonSet ? status?.numberReady : status?.readyReplicas) ?? 0,
    createFailure: failure ? [failure.reason, failure.message].filter((part) => part).join(': ') : null,
  };
};

export const node = ({ metadata, spec, status }: RawNode): Node => ({
  name: metadata.name,
  labels: metadata.labels ?? {},
  providerId: spec.providerID || null,
  podRanges: spec.podCIDRs ?? [],
  addresses: (status?.addresses ?? []).flatMap(({ type, address }) => (type === 'InternalIP' ? [address] : [])),
});

export const apiServerPod = ({ metadata, spec }: RawApiServerPod): ApiServerPod => ({
  name: metadata.name,
  proxyVariables: Object.fromEntries(
    spec.containers.flatMap(({ env }) => (env ?? []).map(({ name, value }) => [name, value ?? ''])),
  ),
});

// Events come in two forms: with count and lastTimestamp, or with eventTime and series (k8s.io/api core/v1 Event).
const warning = ({ involvedObject, reason, message, count, series, ...times }: RawEvent): WarningEvent => ({
  kind: involvedObject.kind ?? '',
  name: involvedObject.name ?? '',
  reason: reason ?? '',
  message: message ?? '',
  count: series?.count ?? count ?? 1,
  lastSeen: series?.lastObservedTime || times.lastTimestamp || times.eventTime || '',
});

export const warnings = (raw: readonly RawEvent[]): readonly WarningEvent[] =>
  raw.map(warning).toSorted((a, b) => (a.lastSeen < b.lastSeen ? 1 : a.lastSeen > b.lastSeen ? -1 : 0));
