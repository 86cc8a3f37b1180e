import { listText } from '../../aggregation/resource-probe.ts';
import { defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA604',
  kind: 'backendForbids',
  title: "The backend forbids the aggregator's own request",
  source: 'apiserver pkg/server/options/authorization.go (delegated authorization)',
  explanation:
    'The backend answers 403 to kube-aggregator: it does not believe the identity headers (kube-apiserver presents no front-proxy certificate, so the caller is anonymous), or its delegated authorization fails.',
  byHand: ['kubectl -n <namespace> logs <pod>', 'kubectl get --raw /readyz?verbose'],
  remedy:
    'Give kube-apiserver a front-proxy client certificate, and let the ServiceAccount of the backend create SubjectAccessReviews (ClusterRole system:auth-delegator).',
  explainedBy: ['AA603', 'AA605', 'AA601', 'AA606', 'AA211'],
  confidence: () => 'likely',
  // Another name is AA611's, and in the caller's own kube-apiserver may have refused.
  inList: (probe, { name }) =>
    probe.as !== null && probe.message.includes(`User "${probe.as}" cannot `)
      ? {
          message: `The backend of APIService ${name} refuses ${listText(probe)}, whom kube-apiserver lets list everything.`,
        }
      : null,
  message: (_, apiService) => `The backend of APIService ${apiService.name} answers 403 to kube-apiserver.`,
  mend: (_, apiService) => ({
    text: `See whether kube-apiserver has a front-proxy client certificate (--proxy-client-cert-file), and whether the ServiceAccount of the Pods behind Service ${apiService.service.namespace}/${apiService.service.name} is bound to ClusterRole system:auth-delegator.`,
    commands: [
      `kubectl get clusterrolebindings -o wide | grep system:auth-delegator`,
      `kubectl -n kube-system get rolebindings -o wide | grep extension-apiserver-authentication-reader`,
    ],
  }),
});
