import { builtInGroup } from '../built-in-groups.ts';
import type { Rule } from '../rule.ts';

// Common Names that kubeadm, k3s and OpenShift give the front-proxy certificate, and the aggregator's own user.
const proxyNames =
  'front-proxy-client|system:auth-proxy|system:openshift-aggregator|aggregator|system:aggregator|system:kube-aggregator';

/** Who was refused what, as a Forbidden names it. */
export const permissionRules: readonly Rule[] = [
  {
    name: 'user-is-the-proxy',
    source: 'apiserver pkg/authentication/request/union; kubeadm and k3s name the front-proxy certificate so',
    examples: [
      'widgets.team.example.com is forbidden: User "front-proxy-client" cannot list resource "widgets" in API group "team.example.com" in the namespace "default"',
    ],
    needs: {
      words: new RegExp(`is forbidden: User "(?:${proxyNames})"`),
    },
    rank: 'reason',
    says: [
      {
        code: 'AA611',
        confidence: 'likely',
        why: "The user that is denied is kube-apiserver's own front-proxy certificate: the backend takes the certificate for the user, and does not read the headers.",
      },
      { code: 'AA604', confidence: 'possible', why: 'The backend does not believe the identity headers.' },
    ],
  },
  {
    name: 'anonymous-caller',
    source: 'apiserver pkg/authentication/request/anonymous, pkg/endpoints/filters/authorization.go',
    examples: ['forbidden: User "system:anonymous" cannot get path "/apis/team.example.com/v1"'],
    needs: {
      words:
        /User "system:anonymous" cannot (?!\w+ resource "[^"]{1,100}" in API group "[a-z]{0,40}")|"kind": ?"SubjectAccessReview"[^]{0,900}?"user": ?"system:anonymous"/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA604',
        confidence: 'likely',
        why: 'The backend saw no identity: kube-apiserver presents no front-proxy certificate, or one that the backend takes no notice of.',
      },
      { code: 'AA601', confidence: 'possible', why: 'The certificate is not accepted, and anonymous requests are.' },
      {
        code: 'AA607',
        confidence: 'possible',
        why: 'A request that somebody made without credentials is denied in the same words by kube-apiserver itself.',
      },
    ],
  },
  {
    name: 'anonymous-at-kube-apiserver',
    source: 'apiserver pkg/authentication/request/anonymous (a resource that kube-apiserver serves itself)',
    examples: [
      'Error: pods is forbidden: User "system:anonymous" cannot get resource "pods" in API group "" in the namespace "team"',
    ],
    needs: { words: /User "system:anonymous" cannot \w+ resource "[^"]{1,100}" in API group "[a-z]{0,40}"/ },
    rank: 'generic',
    says: [
      {
        code: 'AA609',
        confidence: 'possible',
        why: 'If a backend says so, it asked kube-apiserver without a token, or with one that is not believed.',
      },
      { code: 'AA607', confidence: 'possible', why: 'If a person asked, it is the credentials of the kubeconfig.' },
    ],
  },
  {
    name: 'user-not-allowed',
    source: 'apiserver pkg/endpoints/handlers/responsewriters/errors.go',
    examples: [
      'pods.metrics.k8s.io is forbidden: User "jane" cannot list resource "pods" in API group "metrics.k8s.io" in the namespace "default"',
      'nodes.metrics.k8s.io is forbidden: User "jane" cannot list nodes.metrics.k8s.io at the cluster scope',
    ],
    needs: {
      words:
        /is forbidden: User "[^"]{1,253}" cannot \w+ (?:resource "[^"]{1,100}" in API group "[a-z0-9-]+\.[^"]{1,253}"|[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}\.[^\s"]{1,200} (?:at the cluster scope|in the namespace))/,
      without: new RegExp(
        `cannot \\\\w+ [a-z]+\\\\.${builtInGroup}|in API group "${builtInGroup}"|User "(?:system:anonymous|${proxyNames})"`,
      ),
    },
    rank: 'reason',
    says: [
      {
        code: 'AA608',
        confidence: 'likely',
        why: 'A user or controller lacks the permission for a resource of the group; the group itself answers.',
      },
      {
        code: 'AA611',
        confidence: 'possible',
        why: 'If the user named is not the one who asked, the backend takes somebody else for the caller.',
      },
      {
        code: 'AA604',
        confidence: 'possible',
        why: "If `kubectl auth can-i` says yes, it is the backend's own decision.",
      },
    ],
  },
  {
    name: 'caller-not-allowed',
    source: 'apiserver pkg/endpoints/handlers/responsewriters/errors.go',
    examples: [
      'apiservices.apiregistration.k8s.io is forbidden: User "jane" cannot list resource "apiservices" in API group "apiregistration.k8s.io" at the cluster scope',
    ],
    needs: {
      words:
        /apiservices\.apiregistration\.k8s\.io (?:"[^"]*" )?is forbidden|cannot \w{1,20} resource "apiservices" in API group "apiregistration\.k8s\.io"/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA607',
        confidence: 'certain',
        why: 'Somebody may not read APIServices; that says nothing about the aggregation layer.',
      },
    ],
  },
];
