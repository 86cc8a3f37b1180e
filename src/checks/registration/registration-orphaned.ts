import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';
import { asObject, remedyFor } from '../remedy-for.ts';

export default defineCheck({
  code: 'AA101',
  title: 'The APIService outlived the namespace of its Service',
  source: 'kube-aggregator pkg/controllers/status/remote/remote_available_controller.go, reason ServiceNotFound',
  explanation:
    'An uninstall removed the namespace with the extension API server in it, but the APIService is cluster-scoped and stayed behind. ' +
    'kube-apiserver keeps proxying its group version to a Service that no longer exists: every request fails, namespaces hang in Terminating, ' +
    'and clients that need complete discovery (Helm, Argo CD, backup tools) report errors.',
  byHand: ['kubectl get apiservice <name> -o jsonpath={.spec.service}', 'kubectl get namespace <namespace>'],
  remedy: 'Delete the APIService if the product is gone for good; install the product again if it is still needed.',
  needs: ['namespace'],
  run({ apiService, namespace }) {
    if (namespace !== null) return null;
    const { name, service } = apiService;
    return {
      message: `APIService ${name} leads to Service ${service.namespace}/${service.name}, whose namespace does not exist.`,
      evidence: [
        { from: `APIService ${name} spec.service.namespace`, value: service.namespace },
        { from: `GET /api/v1/namespaces/${service.namespace}`, value: '404 NotFound' },
        conditionEvidence(apiService),
      ],
      // An owner outside the cluster (a pipeline, a GitOps repository) cannot be seen and may bring the namespace back.
      confidence: 'likely',
      remedy: remedyFor(
        'If the product was uninstalled for good, delete the APIService; if it is still needed, install it again instead.',
        [{ of: asObject(apiService), commands: [`kubectl delete apiservice ${name}`], removes: true }],
      ),
    };
  },
});
