import { selectedPods, servicePort } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';
import { patchedSpec, remedyFor } from '../remedy-for.ts';

/** Failures of the dial itself, which a wrong number would give. */
const dialFailures: ReadonlySet<string> = new Set(['connectionRefused', 'connectionTimedOut', 'endpointsMissing']);

export default defineCheck({
  code: 'AA206',
  title: "The Service's targetPort is not one the Pods open",
  source: 'Kubernetes Service API, spec.ports[].targetPort (a name is looked up in the container ports of each Pod)',
  explanation:
    'A targetPort given as a name must be the name of a container port, else the Pod becomes no endpoint for it. Given as a number it is taken ' +
    'as it is: where the server listens on another port, the dial is refused.',
  byHand: [
    'kubectl -n <namespace> get service <service> -o jsonpath={.spec.ports}',
    'kubectl -n <namespace> get pod <pod> -o jsonpath={.spec.containers[*].ports}',
  ],
  remedy: 'Set targetPort to the name or number of the port on which the server listens.',
  needs: ['service', 'pods'],
  run({ apiService, service, pods, current }) {
    const port = service && servicePort(service, apiService.service);
    if (!service || !port) return null;
    const selected = selectedPods(service, pods);
    const open = selected.flatMap(({ containerPorts }) => containerPorts);
    const { targetPort } = port;
    const byName = typeof targetPort === 'string';
    const fits = open.some((candidate) => (byName ? candidate.name === targetPort : candidate.port === targetPort));
    // Container port numbers are only a declaration: a server may listen on one that is not declared, so a failing dial must be there too.
    if (
      selected.length === 0 ||
      fits ||
      (!byName && (open.length === 0 || !dialFailures.has(current?.failure.kind ?? '')))
    )
      return null;
    const { namespace, name } = service;
    const declared = [
      ...new Set(
        open.map((candidate) =>
          candidate.name === null ? String(candidate.port) : `${candidate.port} (${candidate.name})`,
        ),
      ),
    ];
    const [choice] = open;
    // That port may be meant for something else: the registration names the wrong one.
    const fitting = service.ports.find(
      (other) =>
        other !== port &&
        open.some((candidate) => [candidate.name, candidate.port].includes(other.targetPort ?? other.port)),
    );
    return {
      message: `Service ${namespace}/${name} sends port ${port.port} to targetPort ${targetPort}, which none of its Pods ${byName ? 'names' : 'declares'}.`,
      evidence: [
        {
          from: `Service ${namespace}/${name} spec.ports[${port.name || port.port}].targetPort`,
          value: String(targetPort),
        },
        { from: `Pods of Service ${namespace}/${name} spec.containers[].ports`, value: declared.join(', ') || 'none' },
        conditionEvidence(apiService),
      ],
      confidence: byName ? 'certain' : 'likely',
      sharedCause: { kind: 'Service', namespace, name },
      remedy: remedyFor(
        fitting
          ? `Let APIService ${apiService.name} name port ${fitting.port} of the Service, which leads to a port that the Pods open; or set targetPort, if port ${port.port} is the right one.`
          : 'Set targetPort to the name or number of the port on which the server listens.',
        [
          fitting
            ? patchedSpec(apiService, { service: { port: fitting.port } })
            : {
                of: { ...service, kind: 'Service' },
                commands:
                  choice === undefined || declared.length > 1
                    ? [`kubectl -n ${namespace} edit service ${name}`]
                    : [
                        `kubectl -n ${namespace} patch service ${name} --type=json -p '[{"op":"replace","path":"/spec/ports/${service.ports.indexOf(port)}/targetPort","value":${JSON.stringify(choice.name ?? choice.port)}}]'`,
                      ],
              },
        ],
      ),
    };
  },
});
