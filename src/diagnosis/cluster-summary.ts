import type { ApiService, ClusterSnapshot, Facts } from '../model/facts.ts';
import type { ClusterSummary } from '../model/report.ts';

export const clusterSummary = ({ cluster, facts }: ClusterSnapshot): ClusterSummary => ({
  ...cluster,
  version: facts.serverVersion.state === 'known' ? facts.serverVersion.value.gitVersion : null,
});

export const knownApiServices = (facts: Facts): readonly ApiService[] =>
  facts.apiServices.state === 'known' ? facts.apiServices.value : [];
