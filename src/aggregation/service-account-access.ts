import type { Pod, RoleBinding, RoleRule } from '../model/facts.ts';

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

export interface AccessRequest {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
}

/** What a k8s.io/apiserver backend asks for each caller (apiserver pkg/server/options/authorization.go). */
export const createAccessReviews: AccessRequest = {
  verb: 'create',
  group: 'authorization.k8s.io',
  resource: 'subjectaccessreviews',
};

/** What it reads when it starts, in kube-system (apiserver pkg/server/options/authentication.go). */
export const readAuthenticationConfiguration: AccessRequest = {
  verb: 'get',
  group: '',
  resource: 'configmaps',
  name: 'extension-apiserver-authentication',
};

/** The accounts under which Pods run. */
export const serviceAccountsOf = (pods: readonly Pod[]): readonly ServiceAccount[] =>
  [...new Set(pods.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`))].map((text) => {
    const [namespace = '', name = ''] = text.split('/');
    return { namespace, name };
  });

/** Whether RBAC counts the account among the subjects (kubernetes plugin/pkg/auth/authorizer/rbac, appliesToUser). */
const applies = ({ subjects }: RoleBinding, { namespace, name }: ServiceAccount): boolean =>
  subjects.some((subject) => {
    switch (subject.kind) {
      case 'ServiceAccount':
        return subject.namespace === namespace && subject.name === name;
      case 'Group':
        return ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`].includes(
          subject.name,
        );
      default:
        return subject.kind === 'User' && subject.name === `system:serviceaccount:${namespace}:${name}`;
    }
  });

const covers = (listed: readonly string[], wanted: string): boolean => listed.includes('*') || listed.includes(wanted);

const allows = ({ verbs, groups, resources, names }: RoleRule, request: AccessRequest): boolean =>
  covers(verbs, request.verb) &&
  covers(groups, request.group) &&
  covers(resources, request.resource) &&
  (names.length === 0 || (request.name !== undefined && names.includes(request.name)));

/**
 * The bindings that allow an account a request; `bindings` are those of the whole cluster and of the namespace that the request
 * is for. An authorizer beside RBAC may allow more.
 */
export const allowedBy = (
  account: ServiceAccount,
  request: AccessRequest,
  bindings: readonly RoleBinding[],
  roles: Readonly<Record<string, readonly RoleRule[] | null>>,
): readonly RoleBinding[] =>
  bindings.filter(
    (binding) =>
      // A RoleBinding of kube-system says nothing of what belongs to no namespace.
      (binding.kind === 'ClusterRoleBinding' || request.name !== undefined) &&
      applies(binding, account) &&
      (roles[`${binding.roleRef.kind}/${binding.roleRef.name}`] ?? []).some((rule) => allows(rule, request)),
  );
