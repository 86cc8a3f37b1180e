import type { ApiService } from '../model/facts.ts';

const metricsGroups = ['metrics.k8s.io', 'custom.metrics.k8s.io', 'external.metrics.k8s.io'];

/** The groups that autoscalers ask. Nothing in them is stored, owned or deleted. */
export const isMetricsGroup = ({ group }: Pick<ApiService, 'group'>): boolean => metricsGroups.includes(group);
