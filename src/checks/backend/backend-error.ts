import { groupVersionPath } from '../../aggregation/group-version.ts';
import { defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA219',
  kind: 'backendError',
  title: 'The extension API server fails or closes the connection',
  source:
    'kube-aggregator remote_available_controller.go (bad status from …; any answer outside 200 to 299 fails); Go net/http (EOF, connection reset)',
  explanation:
    'The connection was made, and then the backend answered with an error of its own or dropped the connection. Its log holds the reason: a failing ' +
    'dependency, a crash, too many requests, or something between (a mesh sidecar, a load balancer) that answers in its place. Discovery needs no storage: it may ' +
    'work, and the condition be True, while every list fails.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'kubectl -n <namespace> logs <pod>'],
  remedy: 'Read the log of the extension API server and mend what it names.',
  explainedBy: ['AA105', 'AA205', 'AA212', 'AA211'],
  message: ({ httpStatus }, apiService) =>
    httpStatus === null
      ? `The backend of APIService ${apiService.name} breaks the connection instead of answering.`
      : `The backend of APIService ${apiService.name} answers ${groupVersionPath(apiService)} with HTTP status ${httpStatus}.`,
  // A 4xx or 501 of one resource may be as it should be.
  inList: ({ path }, { name }, { httpStatus, text }) => {
    if (httpStatus === null)
      return {
        message: `The backend of APIService ${name} answers discovery, but breaks the connection for ${path}: ${text}.`,
      };
    return httpStatus >= 500 && httpStatus !== 501
      ? { message: `The backend of APIService ${name} answers discovery, but ${path} with HTTP status ${httpStatus}.` }
      : null;
  },
  mend: (_, { service }) => ({
    text: `Read the log of the Pods behind Service ${service.namespace}/${service.name} and mend what it names.`,
    commands: [
      `kubectl -n ${service.namespace} get endpointslices -l kubernetes.io/service-name=${service.name} -o yaml`,
      `kubectl -n ${service.namespace} logs service/${service.name} --all-containers --tail=50`,
    ],
  }),
});
