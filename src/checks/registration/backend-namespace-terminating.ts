import { defineCheck } from '../define-check.ts';
import { asObject, remedyFor } from '../remedy-for.ts';

export default defineCheck({
  code: 'AA105',
  title: 'The Service lives in a namespace that is being deleted',
  source:
    'kubernetes pkg/controller/namespace/deletion (discovery errors block finalization); semantics of metadata.deletionTimestamp',
  explanation:
    'The namespace controller deletes the extension API server first and then asks every group what is left of the namespace. The group of this ' +
    'APIService no longer answers, so discovery fails, the namespace stays Terminating, and with it the APIService stays broken: each waits for the other.',
  byHand: ['kubectl get namespace <namespace> -o jsonpath={.metadata.deletionTimestamp}{.status.conditions}'],
  remedy:
    'If the product is being removed, delete the APIService: the deletion of the namespace then goes on by itself. Never empty the finalizers of the namespace.',
  needs: ['namespace'],
  run({ apiService, namespace }) {
    if (!namespace?.deletedAt) return null;
    const { name } = apiService;
    return {
      message: `Namespace ${namespace.name}, which holds the backend of APIService ${name}, is being deleted.`,
      evidence: [{ from: `Namespace ${namespace.name} metadata.deletionTimestamp`, value: namespace.deletedAt }],
      sharedCause: { kind: 'Namespace', name: namespace.name },
      remedy: remedyFor(
        `If the product in ${namespace.name} is being removed for good, delete the APIService; the namespace then finishes by itself. ` +
          'If the deletion was a mistake, wait for its end and install the product again. Do not empty finalizers.',
        [{ of: asObject(apiService), commands: [`kubectl delete apiservice ${name}`], removes: true }],
        [`kubectl get namespace ${namespace.name} -o yaml`],
      ),
    };
  },
});
