import { groupVersionPath } from '../../aggregation/group-version.ts';
import type { Failure } from '../../aggregation/failure.ts';
import { listText } from '../../aggregation/resource-probe.ts';
import type { Remedy } from '../../model/finding.ts';
import type { RemoteApiService } from '../define-check.ts';
import { defineStatedFailure } from '../stated-failure.ts';

const TOO_MANY_REQUESTS = 429;

const commandsOf = ({ service: { namespace, name } }: RemoteApiService): readonly string[] => [
  `kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name} -o yaml`,
  `kubectl -n ${namespace} logs service/${name} --all-containers --tail=50`,
];

/**
 * A server built on k8s.io/apiserver throttles no member of system:masters (flow schema `exempt`; pkg/server/filters
 * maxinflight.go), and kube-aggregator's check asks as one.
 */
const whoThrottles = ({ url }: Failure): string =>
  url === null
    ? "a server built on k8s.io/apiserver throttles by the cluster's flow schemas, or by --max-requests-inflight; others have limits of their own, and so has what stands before them (a mesh sidecar, a load balancer)"
    : "kube-aggregator asks as a member of system:masters, whom a server built on k8s.io/apiserver never throttles, so it is a limit of the server's own, or of what stands before it (a mesh sidecar, a load balancer)";

const throttled = (failure: Failure, apiService: RemoteApiService): Remedy => ({
  text: `Find the limit that is exceeded and who sends so much, then raise the one or stop the other, or run more replicas: ${whoThrottles(failure)}.`,
  commands: commandsOf(apiService),
});

export default defineStatedFailure({
  code: 'AA219',
  kind: 'backendError',
  title: 'The extension API server fails or closes the connection',
  source:
    'kube-aggregator remote_available_controller.go (bad status from …; any answer outside 200 to 299 fails); apiserver pkg/server/filters (429); Go net/http (EOF, connection reset)',
  explanation:
    'The connection was made, and then the backend answered with an error of its own or dropped the connection. Its log holds the reason: a failing ' +
    'dependency, a crash, more requests than it takes (429), or something between (a mesh sidecar, a load balancer) that answers in its place. Discovery needs no ' +
    'storage: it may work, and the condition be True, while every list fails. A 429 of kube-apiserver itself, for its own load, says nothing of the backend and is no finding.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'kubectl -n <namespace> logs <pod>'],
  remedy: 'Read the log of the extension API server and mend what it names.',
  explainedBy: ['AA105', 'AA205', 'AA212', 'AA211'],
  message: ({ httpStatus }, apiService) =>
    httpStatus === null
      ? `The backend of APIService ${apiService.name} breaks the connection instead of answering.`
      : `The backend of APIService ${apiService.name} answers ${groupVersionPath(apiService)} with HTTP status ${httpStatus}${httpStatus === TOO_MANY_REQUESTS ? ': it, or what stands before it, gets more requests than it takes' : ''}.`,
  // A 4xx or 501 of one resource may be as it should be.
  inList: (probe, { name }, { httpStatus, text }) => {
    if (httpStatus === null)
      return {
        message: `The backend of APIService ${name} answers discovery, but breaks the connection for ${listText(probe)}: ${text}.`,
      };
    return httpStatus >= 500 && httpStatus !== 501
      ? {
          message: `The backend of APIService ${name} answers discovery, but ${listText(probe)} with HTTP status ${httpStatus}.`,
        }
      : null;
  },
  mend: (failure, apiService) =>
    failure.httpStatus === TOO_MANY_REQUESTS
      ? throttled(failure, apiService)
      : {
          text: `Read the log of the Pods behind Service ${apiService.service.namespace}/${apiService.service.name} and mend what it names.`,
          commands: commandsOf(apiService),
        },
});
