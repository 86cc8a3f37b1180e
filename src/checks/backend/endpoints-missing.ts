import { servicePort } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck, type Draft, type RemoteApiService } from '../define-check.ts';

const draft = (apiService: RemoteApiService, seen: string | null): Draft => {
  const { name, service } = apiService;
  return {
    message: `Service ${service.namespace}/${service.name}, to which APIService ${name} leads, has no ready address for port ${service.port}.`,
    evidence: [
      ...(seen === null
        ? []
        : [{ from: `EndpointSlices of Service ${service.namespace}/${service.name}`, value: seen }]),
      conditionEvidence(apiService),
    ],
    sharedCause: { kind: 'Service', namespace: service.namespace, name: service.name },
    remedy: {
      text: `Bring a Pod behind Service ${service.namespace}/${service.name} to Ready, or write the EndpointSlices if it has no selector: a port of theirs must bear the name of the Service's port.`,
      commands: [
        `kubectl -n ${service.namespace} get endpointslices -l kubernetes.io/service-name=${service.name} -o yaml`,
        `kubectl -n ${service.namespace} get pods -o wide`,
      ],
    },
  };
};

export default defineCheck({
  code: 'AA203',
  title: 'No ready address stands behind the Service',
  source:
    'kube-aggregator pkg/controllers/status/remote/remote_available_controller.go, reasons EndpointsNotFound and MissingEndpoints (Endpoints up to 1.33, EndpointSlices from 1.34)',
  explanation:
    'kube-aggregator needs one ready address whose port bears the name of the Service port that the APIService names. None is there: the Pods are ' +
    'missing or not Ready, the selector or the port name does not fit, or nobody writes the endpoints of a Service without selector.',
  byHand: [
    'kubectl -n <namespace> get endpointslices -l kubernetes.io/service-name=<service>',
    'kubectl -n <namespace> get pods -o wide',
  ],
  remedy: 'Bring a Pod behind the Service to Ready, or correct selector, targetPort or port name.',
  explainedBy: ['AA105', 'AA114', 'AA204', 'AA205', 'AA206', 'AA117'],
  needs: ['service', 'readyAddresses'],
  stated: ({ apiService, current }) => (current?.failure.kind === 'endpointsMissing' ? draft(apiService, null) : null),
  run({ apiService, service, readyAddresses, current }) {
    if (service === null) return null;
    const said = current?.failure.kind === 'endpointsMissing';
    // An ExternalName Service needs no endpoints: what the condition says is older than the type.
    if (service.type === 'ExternalName') return said ? { ...draft(apiService, null), confidence: 'likely' } : null;
    if (servicePort(service, apiService.service) === null) return null;
    // Only of a ClusterIP Service does the availability check count endpoints: another one may do without (remote_available_controller.go).
    if (service.type !== 'ClusterIP' && current === null) return null;
    if (readyAddresses.length === 0) return draft(apiService, 'no ready address with that port');
    if (!said) return null;
    return { ...draft(apiService, `ready now: ${readyAddresses.slice(0, 5).join(', ')}`), confidence: 'likely' };
  },
});
