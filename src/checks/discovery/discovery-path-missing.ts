import { isUnknownPath } from '../../aggregation/answer.ts';
import { groupVersionPath } from '../../aggregation/group-version.ts';
import type { Check } from '../define-check.ts';
import { defineStatedFailure } from '../stated-failure.ts';

const stated = defineStatedFailure({
  code: 'AA410',
  kind: 'pathMissing',
  title: 'The backend does not serve the path of the group version',
  source:
    'kube-aggregator remote_available_controller.go (asks /apis/<group>/<version>, not /, /healthz or /readyz); handler_discovery.go',
  explanation:
    'The availability check asks for /apis/<group>/<version> and for nothing else; a health path does not count. The server behind the Service is another one, ' +
    'serves another group or version (an old or a newer release), or does not yet serve discovery at all.',
  byHand: ['kubectl get --raw /apis/<group>/<version>'],
  remedy:
    'Serve /apis/<group>/<version> as an APIResourceList; servers by convention serve /apis and /apis/<group> as well.',
  explainedBy: ['AA105', 'AA114', 'AA116'],
  message: (_, apiService) =>
    `The backend of APIService ${apiService.name} answers 404 for ${groupVersionPath(apiService)}, the path by which kube-aggregator judges it.`,
  mend: (_, apiService) => {
    const { group, service } = apiService;
    const path = groupVersionPath(apiService);
    return {
      text:
        `Let the server behind Service ${service.namespace}/${service.name} answer ${path} with status 200 and an APIResourceList ` +
        `(kind, apiVersion v1, groupVersion ${group}/${apiService.version}, resources), and by convention /apis and /apis/${group} as well; ` +
        `or register the group version that it does serve.`,
      commands: [
        `kubectl get --raw ${path}`,
        `kubectl -n ${service.namespace} port-forward service/${service.name} 8443:${service.port} & sleep 2; curl -sk https://localhost:8443/apis`,
      ],
    };
  },
});

const check: Check = {
  ...stated,
  uses: ['aggregated'],
  run: (facts, capturedAt) => {
    const { answer, used } = facts;
    const isUnregistered = used.aggregated.state === 'known' && used.aggregated.value === 'absent';
    // Then it is kube-aggregator itself that does not know the path yet: AA421.
    return isUnregistered && isUnknownPath(answer) ? null : stated.run(facts, capturedAt);
  },
};

export default check;
