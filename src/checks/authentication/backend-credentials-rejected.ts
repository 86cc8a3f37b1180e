import { defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA609',
  kind: 'backendCredentialsRejected',
  title: "The API server refuses the backend's own credentials",
  source: 'apiserver pkg/endpoints/filters/authorization.go; ServiceAccount tokens (bound, rotated every hour)',
  explanation:
    'The backend asks kube-apiserver for each caller with a SubjectAccessReview and gets 401: its token has expired, was signed with a key that is no longer trusted, or its ' +
    'ServiceAccount was deleted and made again. It answers 500 to everybody whom it has to ask for.',
  byHand: ['kubectl -n <namespace> logs <pod> --tail=50', 'kubectl -n <namespace> get serviceaccount <name> -o yaml'],
  remedy: 'Restart the Pods, so that they get a new token; see that the ServiceAccount is still there.',
  explainedBy: ['AA105', 'AA205'],
  inLog: ({ name }) =>
    `The backend of APIService ${name} says in its log that the API server does not accept its credentials.`,
  message: (_, apiService) =>
    `The backend of APIService ${apiService.name} is answered 401 when it asks the API server whether a caller is allowed.`,
  mend: (_, { service }) => ({
    text: `Restart the Pods behind Service ${service.namespace}/${service.name}, so that they get a new token, and see that their ServiceAccount is still the one they were started with.`,
    commands: [
      `kubectl -n ${service.namespace} get serviceaccounts`,
      `kubectl -n ${service.namespace} logs service/${service.name} --all-containers --tail=50`,
    ],
  }),
});
