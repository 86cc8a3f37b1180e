import type { Rule } from '../rule.ts';

/** What breaks elsewhere because of a group that cannot be used. */
export const impactRules: readonly Rule[] = [
  {
    name: 'namespace-deletion',
    source: 'kube-controller-manager pkg/controller/namespace/deletion (status_condition_utils.go)',
    examples: [
      'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1',
      'Failed to delete all resource types, 1 remaining: the server is currently unable to handle the request',
      'namespaced_resources_deleter.go:161] unable to get all supported resources from server: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request',
      'namespaced_resources_deleter.go:161] "Unable to get all supported resources from server" err="unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request"',
      '"Deletion of namespace failed" err="unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request"',
    ],
    needs: {
      words:
        /Discovery failed for some groups|NamespaceDeletionDiscoveryFailure|deletion of namespace \S+ failed|"?Deletion of namespace failed|Failed to delete all resource types, \d+ remaining|NamespaceDeletionContentFailure|error(?:s)? (?:while )?(?:deleting|terminating) namespace|namespace\S{0,100} (?:is )?stuck|namespaced?_(?:resources_deleter|controller)\.go:\d+\][^]{0,200}?(?:supported resources|list of server APIs)/i,
      without:
        /unexpected items still remain|(?:NamespaceDeletionDiscoveryFailure|NamespaceDeletionContentFailure)"?(?:=| )False/,
    },
    rank: 'victim',
    says: [
      {
        code: 'AA701',
        confidence: 'certain',
        why: 'A namespace cannot finish deleting while a group cannot be listed: its controller cannot know that nothing is left there.',
      },
    ],
  },
  {
    name: 'namespace-not-empty',
    source: 'kube-controller-manager pkg/controller/namespace/deletion (status_condition_utils.go)',
    examples: [
      'Some resources are remaining: widgets.team.example.com has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances',
    ],
    needs: {
      words: /Some resources are remaining: |finalizers remaining: |unexpected items still remain in namespace/,
    },
    rank: 'hint',
    says: [],
    outside:
      'A namespace still holds objects, or finalizers that somebody has to take away; that its groups cannot be listed would stand in NamespaceDeletionDiscoveryFailure.',
  },
  {
    name: 'garbage-collection-and-quota',
    source: 'kube-controller-manager pkg/controller/garbagecollector and resourcequota',
    examples: [
      'failed to discover some groups: map[metrics.k8s.io/v1beta1:the server is currently unable to handle the request]',
      'resource_quota_controller.go:407] unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request',
      'Garbage collector: not all resource monitors could be synced, proceeding anyways',
      'initial discovery check failure, continuing and counting on future sync update: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request',
    ],
    needs: {
      words:
        /failed to discover (?:some groups|preferred resources)|initial discovery check failure|no resources reported by discovery, skipping garbage collector sync|timed out waiting for dependency graph builder sync|timed out waiting for quota monitor sync|unable to (?:create|sync) quota monitor|(?:garbage collector|GC)[^]{0,40}?(?:not all resource monitors|failed to sync)|failed to sync (?:all|resource) monitors|initial monitor sync has error|couldn't (?:start monitor for|look up) resource "|garbage controller monitor not|failed to discover resources\b|(?:garbagecollector|graph_builder|resource_quota_(?:controller|monitor))\.go:\d+\][^]{0,200}?(?:list of server APIs)|error during resource discovery/i,
    },
    rank: 'victim',
    says: [
      {
        code: 'AA703',
        confidence: 'certain',
        why: 'The garbage collector or the quota controller goes on without the group.',
      },
    ],
  },
  {
    name: 'metadata-informer',
    source: 'kube-controller-manager pkg/controller/garbagecollector and resourcequota (metadata informers)',
    examples: [
      'Failed to watch *v1.PartialObjectMetadata: StorageError: invalid object, Code: 4, Key: /team.example.com/widgets, ResourceVersion: 0, AdditionalErrorMsg: operation not supported',
    ],
    needs: {
      words: /failed to (?:list|watch) \*v1\.PartialObjectMetadata: StorageError/i,
    },
    rank: 'victim',
    says: [
      {
        code: 'AA703',
        confidence: 'likely',
        why: 'The informers of the garbage collector and of quotas list and watch every type; this backend does not let them.',
      },
    ],
  },
  {
    name: 'watch-not-offered',
    source: 'client-go tools/cache/reflector.go; apimachinery pkg/api/errors/errors.go (405)',
    examples: [
      'Failed to watch team.example.com/v1, Kind=Widget: the server does not allow this method on the requested resource',
    ],
    needs: { words: /failed to (?:list|watch) [^]{1,200}?: the server does not allow this method/i },
    rank: 'generic',
    says: [
      {
        code: 'AA802',
        confidence: 'likely',
        why: 'A client watches a type that offers no watch, as those of the metrics groups; the group answers.',
      },
    ],
  },
  {
    name: 'metric-not-there',
    source: 'metrics pkg/client; prometheus-adapter and KEDA (custom-metrics-apiserver pkg/provider/errors.go)',
    examples: [
      'unable to get metric requests: unable to fetch metrics from custom metrics API: the server could not find the metric requests for pods',
      'unable to get external metric team/queue/nil: unable to fetch metrics from external metrics API: no metrics returned from external metrics API',
      'did not receive metrics for targeted pods (pods might be unready)',
      'None of the results returned by when fetching metric services/requests(namespaced) for "team/api" matched the resource name',
    ],
    needs: {
      words:
        /could not find the metric |no metrics returned from (?:custom|external) metrics API|no matching metrics found|did not receive metrics for (?:any ready|targeted) pods|could not find the descriptor for metric|no custom metric \S+ found|no metrics retrieved for query|\bno metrics? (?:was |were )?(?:found|returned)\b(?! from)|horizontal-pod-autoscaler"[^]{0,80}? resp=404\b|\) 404 \[\[kube-controller-manager[^]{0,160}?horizontal-pod-autoscaler|none of the results returned (?:by )?when fetching metric/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA804',
        confidence: 'likely',
        why: 'The metrics API answers, and does not hold this metric: the rules of the adapter, or the labels, do not yield it.',
      },
      { code: 'AA702', confidence: 'certain', why: 'Whoever scales by it has no value.' },
    ],
  },
  {
    name: 'resource-metrics-empty',
    source: 'metrics pkg/client (rest metrics client)',
    examples: [
      'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    ],
    needs: { words: /no metrics returned from resource metrics API/ },
    rank: 'reason',
    says: [
      { code: 'AA702', confidence: 'certain', why: 'The autoscaler got no value.' },
      {
        code: 'AA801',
        confidence: 'likely',
        why: 'The group answered without measurements: metrics-server has none of these Pods, most often because it cannot scrape their kubelets.',
      },
      { code: 'AA804', confidence: 'possible', why: 'The Pods may be too young, or gone.' },
    ],
  },
  {
    name: 'autoscaler',
    source: 'kube-controller-manager pkg/controller/podautoscaler',
    examples: [
      'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)',
      'FailedGetExternalMetric',
      'NAME   REFERENCE        TARGETS         MINPODS   MAXPODS   REPLICAS   AGE\napi    Deployment/api   <unknown>/80%   1         10        1          5m',
    ],
    needs: {
      words:
        /\bHPA (?:controller )?was (?:unable|not able) to |unable to fetch metrics from (?:resource|custom|external) metrics API|unable to get metrics for resource |FailedGet(?:Resource|ContainerResource|Pods|Object|External)Metric|FailedComputeMetricsReplicas|failed to get (?:cpu|memory|\w+) (?:utilization|usage|resource metric)|unable to get external metric|failed to compute desired number of replicas based on listed metrics|invalid metrics \(\d{1,4} invalid out of|\bHPA was (?:un|not )able|\bREFERENCE TARGETS [^]{0,2000}?<unknown>\/|\((?:as a percentage of request|target average value)\): {0,3}<unknown>/i,
      without: /missing request for /,
    },
    rank: 'victim',
    says: [
      { code: 'AA702', confidence: 'certain', why: 'A HorizontalPodAutoscaler got no value from a metrics group.' },
    ],
  },
  {
    name: 'missing-request',
    source: 'kube-controller-manager pkg/controller/podautoscaler/replica_calculator.go',
    examples: ['failed to get cpu utilization: missing request for cpu in container app of Pod app-1'],
    needs: { words: /missing request for (?:cpu|memory|\S+)/ },
    rank: 'reason',
    says: [],
    outside: 'The Pods to be scaled have no resource request to compare with; the metrics group answers.',
  },
];
