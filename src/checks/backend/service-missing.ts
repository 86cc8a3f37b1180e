import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck, type Draft, type RemoteApiService } from '../define-check.ts';

const draft = (
  apiService: RemoteApiService,
  seen: { readonly from: string; readonly value: string } | null,
  existsNow: boolean,
): Draft => {
  const { name, service, owner } = apiService;
  return {
    message: existsNow
      ? `The Available condition of APIService ${name} says that Service ${service.namespace}/${service.name} is missing, though it exists now.`
      : `Service ${service.namespace}/${service.name}, to which APIService ${name} leads, does not exist.`,
    evidence: [
      ...(seen ? [seen] : []),
      { from: `APIService ${name} spec.service`, value: `${service.namespace}/${service.name}` },
      conditionEvidence(apiService),
    ],
    confidence: existsNow ? 'likely' : 'certain',
    sharedCause: { kind: 'Service', namespace: service.namespace, name: service.name },
    remedy: {
      text: existsNow
        ? 'The Service was created just now: ask again in half a minute.'
        : `Create the Service again (install or repair the product), or point spec.service to the Service that exists; if the product is gone for good, delete APIService ${name}.` +
          (owner ? ` By its own marks ${owner} keeps the APIService: see whether that is still installed.` : ''),
      commands: [
        `kubectl -n ${service.namespace} get services`,
        `kubectl get services --all-namespaces --field-selector metadata.name=${service.name}`,
        `kubectl get apiservice ${name} -o yaml`,
      ],
    },
  };
};

export default defineCheck({
  code: 'AA201',
  title: 'The Service does not exist',
  source: 'kube-aggregator pkg/controllers/status/remote/remote_available_controller.go, reason ServiceNotFound',
  explanation:
    'spec.service names a Service that is not there: a partial uninstall, a renamed release, a wrong namespace, or an APIService that was applied ' +
    'before the rest of the product. kube-aggregator does not dial at all and answers 503 to every request.',
  byHand: ['kubectl get apiservice <name> -o jsonpath={.spec.service}', 'kubectl -n <namespace> get service <service>'],
  remedy: 'Create the Service, or correct spec.service of the APIService.',
  explainedBy: ['AA101', 'AA105', 'AA114'],
  needs: ['service'],
  stated: ({ apiService, current }) =>
    current?.failure.kind === 'serviceMissing' ? draft(apiService, null, false) : null,
  run({ apiService, current, service: found }) {
    const { service } = apiService;
    if (found === null)
      return draft(
        apiService,
        { from: `Services of namespace ${service.namespace}`, value: `no ${service.name} among them` },
        false,
      );
    return current?.failure.kind === 'serviceMissing' ? draft(apiService, null, true) : null;
  },
});
