import { selectedPods } from '../../aggregation/endpoints.ts';
import { failureEvidence } from '../../aggregation/evidence.ts';
import type { Failure } from '../../aggregation/failure.ts';
import { failureOfList, probeEvidence } from '../../aggregation/resource-probe.ts';
import {
  allowedBy,
  createAccessReviews,
  readAuthenticationConfiguration,
  type ServiceAccount,
  serviceAccountsOf,
} from '../../aggregation/service-account-access.ts';
import type { ResourceProbe } from '../../model/facts.ts';
import { defineCheck, type Draft, type RemoteApiService, type Statements } from '../define-check.ts';

/** The ServiceAccount that the backend's own words name. */
const namedAccount = ({ text }: Failure): ServiceAccount | null => {
  const [, namespace, name] = /User "system:serviceaccount:([^:"]+):([^"]+)"/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? null : { namespace, name };
};

const draftOf = (account: ServiceAccount | null, { name }: RemoteApiService): Omit<Draft, 'evidence'> => ({
  message: `${account === null ? 'The ServiceAccount of the backend' : `ServiceAccount ${account.namespace}/${account.name}`}, under which the backend of APIService ${name} runs, may not create SubjectAccessReviews.`,
  remedy: {
    text: 'Bind the ServiceAccount of the backend to ClusterRole system:auth-delegator.',
    commands:
      account === null
        ? ['kubectl get clusterrolebindings -o wide | grep system:auth-delegator']
        : [
            `kubectl create clusterrolebinding ${account.name}-auth-delegator --clusterrole=system:auth-delegator --serviceaccount=${account.namespace}:${account.name}`,
          ],
  },
  ...(account === null ? {} : { sharedCause: { kind: 'ServiceAccount', ...account } }),
});

/** What a list says that an ordinary user asks for: superusers are let through, and discovery is open to everybody. */
const saidByList = (apiService: RemoteApiService, probe: ResourceProbe | null): Draft | null => {
  const failure = probe && failureOfList(probe);
  return probe && failure?.kind === 'authDelegatorMissing'
    ? {
        ...draftOf(namedAccount(failure), apiService),
        evidence: [probeEvidence(probe)],
        failsDespiteAnswer: true,
      }
    : null;
};

const stated = ({ apiService, answer, current }: Statements): Draft | null =>
  current?.failure.kind === 'authDelegatorMissing'
    ? { ...draftOf(namedAccount(current.failure), apiService), evidence: failureEvidence(apiService, answer, current) }
    : null;

export default defineCheck({
  code: 'AA606',
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
  needs: ['answer'],
  uses: ['service', 'pods', 'roleBindings', 'roles', 'resourceProbe'],
  stated,
  run({ apiService, answer, current, used: { service, pods, roleBindings, roles, resourceProbe } }) {
    const said =
      stated({ apiService, answer: { state: 'known', value: answer }, current }) ??
      (current === null && resourceProbe.state === 'known' ? saidByList(apiService, resourceProbe.value) : null);
    if (service.state !== 'known' || pods.state !== 'known' || service.value === null) return said;
    if (roleBindings.state !== 'known') return said ?? (current === null ? { undeterminedFor: 'roleBindings' } : null);
    if (roles.state !== 'known') return said ?? (current === null ? { undeterminedFor: 'roles' } : null);
    const mayAsk = (account: ServiceAccount): boolean =>
      allowedBy(account, createAccessReviews, roleBindings.value, roles.value).length > 0;
    const accounts = serviceAccountsOf(selectedPods(service.value, pods.value));
    if (said) {
      const lacking = accounts.filter((account) => !mayAsk(account));
      return {
        ...said,
        evidence: [
          ...said.evidence,
          ...lacking.map(({ namespace, name }) => ({
            from: 'ClusterRoleBindings of the cluster',
            value: `none lets ServiceAccount ${namespace}/${name} create subjectaccessreviews.authorization.k8s.io`,
          })),
        ],
      };
    }
    if (current !== null) return null;
    // Only a server that delegates reads that ConfigMap; what it was given otherwise is its own affair.
    for (const account of accounts) {
      const [reader] = allowedBy(account, readAuthenticationConfiguration, roleBindings.value, roles.value).filter(
        ({ kind, subjects }) => kind === 'RoleBinding' && subjects.some(({ name }) => name === account.name),
      );
      if (!reader || mayAsk(account)) continue;
      return {
        ...draftOf(account, apiService),
        confidence: 'likely',
        severity: 'warning',
        evidence: [
          {
            from: `RoleBinding kube-system/${reader.name}`,
            value: `lets ServiceAccount ${account.namespace}/${account.name} read the request-header configuration, as servers do that delegate authorization`,
          },
          {
            from: 'ClusterRoleBindings of the cluster',
            value: `none lets ServiceAccount ${account.namespace}/${account.name} create subjectaccessreviews.authorization.k8s.io`,
          },
        ],
      };
    }
    return null;
  },
});
