import { servicePort } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';
import { asObject, patchedSpec, remedyFor } from '../remedy-for.ts';

export default defineCheck({
  code: 'AA202',
  title: 'The APIService points at a port its Service does not list',
  source:
    'kube-aggregator pkg/controllers/status/remote/remote_available_controller.go, reason ServicePortError; apiserver pkg/util/proxy/proxy.go',
  explanation:
    'spec.service.port is the number of a port of the Service: not a targetPort, not a name. It is 443 when left out. A Service that lists only 8443 ' +
    'or 6443 therefore never matches an APIService that names no port.',
  byHand: [
    'kubectl get apiservice <name> -o jsonpath={.spec.service.port}',
    'kubectl -n <namespace> get service <service> -o jsonpath={.spec.ports}',
  ],
  remedy: 'Set spec.service.port to a port the Service lists, or add that port to the Service.',
  needs: ['service'],
  stated({ apiService, current }) {
    if (current?.failure.kind !== 'servicePortMissing') return null;
    const { name, service } = apiService;
    return {
      message: `Service ${service.namespace}/${service.name} does not list port ${service.port}, which APIService ${name} asks for.`,
      evidence: [conditionEvidence(apiService)],
      remedy: {
        text: 'Set spec.service.port to a port the Service lists, or add that port to the Service.',
        commands: [`kubectl -n ${service.namespace} get service ${service.name} -o yaml`],
      },
    };
  },
  run({ apiService, service: found, current }) {
    if (found === null) return null;
    const { name, service } = apiService;
    const listed = found.ports.map(({ port }) => port);
    // An ExternalName Service needs no ports: the APIService's own number is dialled.
    const needsNone = found.type === 'ExternalName';
    const stale = needsNone || servicePort(found, service) !== null;
    if (stale && current?.failure.kind !== 'servicePortMissing') return null;
    const [only] = listed;
    const isOnly = only !== undefined && listed.length === 1;
    const look = [`kubectl -n ${service.namespace} get service ${service.name} -o yaml`];
    return {
      message: stale
        ? `The Available condition of APIService ${name} says that Service ${service.namespace}/${service.name} lacks port ${service.port}, though ${needsNone ? 'an ExternalName Service needs to list none' : 'it lists it now'}.`
        : `Service ${service.namespace}/${service.name} does not list port ${service.port}, which APIService ${name} asks for.`,
      evidence: [
        {
          from: `Service ${service.namespace}/${service.name} spec.ports`,
          value: listed.length === 0 ? 'none' : listed.join(', '),
        },
        { from: `APIService ${name} spec.service.port`, value: String(service.port) },
        conditionEvidence(apiService),
      ],
      confidence: stale ? 'likely' : 'certain',
      remedy: stale
        ? { text: 'The Service was changed just now: ask again in half a minute.', commands: look }
        : remedyFor(
            `Set spec.service.port to a port the Service lists, or add port ${service.port} to the Service.`,
            isOnly
              ? [patchedSpec(apiService, { service: { port: only } })]
              : [{ of: asObject(apiService), commands: [] }],
            isOnly ? [] : look,
          ),
    };
  },
});
