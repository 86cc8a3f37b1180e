import type { Failure } from '../../aggregation/failure.ts';
import { defineStatedFailure } from '../stated-failure.ts';

/** The ServiceAccount that the backend's own words name. */
const serviceAccount = ({ text }: Failure): { readonly namespace: string; readonly name: string } | null => {
  const [, namespace, name] = /User "system:serviceaccount:([^:"]+):([^"]+)"/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? null : { namespace, name };
};

export default defineStatedFailure({
  code: 'AA606',
  kind: 'authDelegatorMissing',
  title: 'The backend may not ask the API server whether its callers are allowed',
  source: 'apiserver pkg/server/options/authorization.go (delegated authorization); ClusterRole system:auth-delegator',
  explanation:
    'An extension API server built on k8s.io/apiserver asks kube-apiserver for each caller with a SubjectAccessReview. Its ServiceAccount may not create one, so it ' +
    'answers 500 to everybody but members of system:masters, whom it lets through unasked: the availability check, which runs as one of them, passes all the same.',
  byHand: [
    'kubectl get --raw /apis/<group>/<version> --as=someone',
    'kubectl get clusterrolebindings -o wide | grep system:auth-delegator',
  ],
  remedy: 'Bind the ServiceAccount of the backend to ClusterRole system:auth-delegator.',
  sharedCause: (failure) => {
    const account = serviceAccount(failure);
    return account && { kind: 'ServiceAccount', ...account };
  },
  message: (failure, { name }) => {
    const account = serviceAccount(failure);
    return `${account === null ? 'The ServiceAccount of the backend' : `ServiceAccount ${account.namespace}/${account.name}`}, under which the backend of APIService ${name} runs, may not create SubjectAccessReviews.`;
  },
  mend: (failure) => {
    const account = serviceAccount(failure);
    return {
      text: 'Bind the ServiceAccount of the backend to ClusterRole system:auth-delegator.',
      commands:
        account === null
          ? ['kubectl get clusterrolebindings -o wide | grep system:auth-delegator']
          : [
              `kubectl create clusterrolebinding ${account.name}-auth-delegator --clusterrole=system:auth-delegator --serviceaccount=${account.namespace}:${account.name}`,
            ],
    };
  },
});
