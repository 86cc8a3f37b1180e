import { selectedPods } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import {
  allowedBy,
  createAccessReviews,
  readAuthenticationConfiguration,
  serviceAccountsOf,
} from '../../aggregation/service-account-access.ts';
import type { Pod } from '../../model/facts.ts';
import { defineCheck } from '../define-check.ts';

/** The container ended, or waits to be started again. */
const ended = ({ ready, states }: Pod): boolean =>
  !ready && states.some(({ from, value }) => from.endsWith('.terminated') || value.startsWith('CrashLoopBackOff'));

export default defineCheck({
  code: 'AA605',
  title: 'The backend may not read the request-header configuration',
  source: 'apiserver pkg/server/options/authentication.go (--authentication-tolerate-lookup-failure)',
  explanation:
    'An extension API server built on k8s.io/apiserver reads ConfigMap kube-system/extension-apiserver-authentication when it starts: it says which client certificate ' +
    'vouches for callers. Without the permission the server ends at once and crashes again and again; one that tolerates it takes every caller for anonymous.',
  byHand: [
    'kubectl -n kube-system get rolebindings -o wide | grep extension-apiserver-authentication-reader',
    'kubectl -n <namespace> logs <pod> --previous',
  ],
  remedy: 'Bind the ServiceAccount of the backend to Role extension-apiserver-authentication-reader in kube-system.',
  needs: ['service', 'pods'],
  uses: ['roleBindings', 'roles'],
  run({ apiService, current, service, pods, used: { roleBindings, roles } }) {
    if (service === null) return null;
    const selected = selectedPods(service, pods);
    const crashed = selected.filter(ended);
    const isRefused =
      current?.failure.kind === 'proxyCertificateRejected' || current?.failure.kind === 'backendForbids';
    if (crashed.length === 0 && !isRefused) return null;
    if (roleBindings.state !== 'known') return { undeterminedFor: 'roleBindings' };
    if (roles.state !== 'known') return { undeterminedFor: 'roles' };
    const may = (request: typeof createAccessReviews, account: { namespace: string; name: string }): boolean =>
      allowedBy(account, request, roleBindings.value, roles.value).length > 0;
    // Whoever may ask for callers is meant to delegate; another server that crashes needs no such binding.
    const account = serviceAccountsOf(crashed.length > 0 ? crashed : selected).find(
      (candidate) => may(createAccessReviews, candidate) && !may(readAuthenticationConfiguration, candidate),
    );
    if (!account) return null;
    const { namespace, name } = account;
    const [pod] = crashed;
    const seen = pod?.states[0];
    return {
      message: `ServiceAccount ${namespace}/${name}, under which the backend of APIService ${apiService.name} runs, may not read ConfigMap kube-system/extension-apiserver-authentication.`,
      evidence: [
        {
          from: 'RoleBindings of kube-system and ClusterRoleBindings',
          value: `none lets ServiceAccount ${namespace}/${name} get configmaps extension-apiserver-authentication, though one lets it create subjectaccessreviews.authorization.k8s.io`,
        },
        ...(pod && seen
          ? [{ from: `Pod ${pod.namespace}/${pod.name} ${seen.from}`, value: seen.value }]
          : [conditionEvidence(apiService)]),
      ],
      confidence: 'likely',
      sharedCause: { kind: 'ServiceAccount', namespace, name },
      remedy: {
        text: `Bind the ServiceAccount to Role extension-apiserver-authentication-reader; the Pods then start by themselves.`,
        commands: [
          `kubectl -n kube-system create rolebinding ${name}-auth-reader --role=extension-apiserver-authentication-reader --serviceaccount=${namespace}:${name}`,
          ...(pod ? [`kubectl -n ${namespace} logs ${pod.name} --previous --tail=20`] : []),
        ],
      },
    };
  },
});
