import { isMetricsGroup } from '../metrics-groups.ts';
import { defineOutageImpact } from '../outage-impact.ts';

export default defineOutageImpact({
  code: 'AA705',
  title: 'The schema of the group version cannot be had',
  source:
    'kube-aggregator pkg/controllers/openapiv3/aggregator (a schema is fetched from the backend when it is asked for)',
  explanation:
    '/openapi/v3/apis/<group>/<version> is passed on to the backend and fails with it; /openapi/v2 keeps an older schema, loses it or stops being rebuilt, depending on the ' +
    'version of kube-apiserver. kubectl explain, client-side validation and the diff of GitOps tools then work without the schema of these kinds.',
  byHand: ['kubectl get --raw /openapi/v3/apis/<group>/<version>', 'kubectl explain <kind>'],
  remedy: 'Mend the group version; the schema is fetched again within a minute.',
  appliesTo: (apiService) => !isMetricsGroup(apiService),
  message: (service) =>
    `The schema of what ${service} serves cannot be had: kubectl explain and diff, validation by clients and the diff of Argo CD do without it.`,
  affects: [],
});
