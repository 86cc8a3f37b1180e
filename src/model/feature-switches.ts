/** How a product is told not to serve a group: the switch whose value is `false`. */
export interface FeatureSwitch {
  readonly group: string;
  readonly kind: 'environment' | 'featureGate';
  readonly name: string;
  readonly product: string;
}

/** Switches that leave the APIService where it is while nothing serves it. */
export const featureSwitches: readonly FeatureSwitch[] = [
  // https://github.com/kubernetes-sigs/kueue/issues/3943
  { group: 'visibility.kueue.x-k8s.io', kind: 'featureGate', name: 'VisibilityOnDemand', product: 'Kueue' },
  // datadog-agent pkg/config/setup, external_metrics_provider.enabled
  {
    group: 'external.metrics.k8s.io',
    kind: 'environment',
    name: 'DD_EXTERNAL_METRICS_PROVIDER_ENABLED',
    product: 'the Datadog Cluster Agent',
  },
];
