import { builtInGroup } from '../built-in-groups.ts';
import type { Rule } from '../rule.ts';

/** What is not about the aggregation layer at all, and says no code. */
export const elsewhereRules: readonly Rule[] = [
  {
    name: 'not-this-cluster-connection',
    source: 'kubectl (cmd/util/helpers.go), client-go',
    examples: [
      'Unable to connect to the server: x509: certificate signed by unknown authority',
      'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?',
    ],
    needs: { on: ['apiServer'], without: /\((?:get|list|watch|create|update|patch|delete|post|put) [a-z]/ },
    rank: 'reason',
    says: [],
    outside:
      'A client could not reach kube-apiserver itself, or does not trust it; the aggregation layer comes only after that.',
  },
  {
    name: 'kubelet-stream',
    source: 'apiserver pkg/util/proxy; kubelet /exec, /attach, /portForward, /containerLogs',
    examples: [
      'Error from server: error dialing backend: dial tcp 10.0.0.7:10250: connect: connection refused',
      'Error from server: Get "https://10.0.0.7:10250/containerLogs/team/api-1/api": dial tcp 10.0.0.7:10250: i/o timeout',
    ],
    needs: { on: ['node'], without: /No agent available|tunnel/i },
    rank: 'reason',
    says: [],
    outside:
      'kube-apiserver was asking a kubelet, for logs, exec or port-forward, where no APIService is on the way; only a console of an aggregated group says the same.',
  },
  {
    name: 'built-in-resource',
    source: 'client-go rest/request.go (verb and resource behind the message)',
    examples: [
      'UPGRADE FAILED: the server was unable to return a response in the time allotted, but may still be processing the request (get deployments.apps api)',
    ],
    needs: {
      on: ['apiServer'],
      words: /\((?:get|list|watch|create|update|patch|delete|post|put) [a-z]/,
    },
    rank: 'reason',
    says: [],
    outside:
      'The resource asked for is one that kube-apiserver serves itself; no APIService with a Service is on that way.',
  },
  {
    name: 'permission-for-a-built-in-resource',
    source: 'apiserver pkg/endpoints/handlers/responsewriters/errors.go',
    examples: [
      'secrets is forbidden: User "system:serviceaccount:team:deployer" cannot list resource "secrets" in API group "" at the cluster scope',
    ],
    needs: {
      words: /is forbidden: User "[^"]{1,253}" cannot \w+ resource "[^"]{1,100}" in API group "[a-z]{0,40}"/,
      without: /extension-apiserver-authentication|User "system:anonymous"/,
    },
    rank: 'reason',
    says: [],
    outside: 'Somebody lacks a permission for a resource that kube-apiserver serves itself.',
  },
  {
    name: 'client-certificate-alert',
    source: 'kubernetes-mixin (KubeClientCertificateExpiration)',
    examples: ['A client certificate used to authenticate to the apiserver is expiring in less than 24.0 hours.'],
    needs: { words: /client certificate\b[^]{0,80}?\bexpir(?:es|ing) in less than/i },
    rank: 'reason',
    says: [],
    outside: 'A certificate that somebody logs in to kube-apiserver with comes to its end.',
  },
  {
    name: 'etcd',
    source: 'etcd server/embed, rafthttp',
    examples: [
      '{"level":"warn","ts":"2026-01-02T10:00:00Z","caller":"embed/config_logging.go:169","msg":"rejected connection","error":"remote error: tls: bad certificate"}',
      'embed: rejected connection from "10.0.0.7:51844" (error "remote error: tls: bad certificate", ServerName "")',
    ],
    needs: { on: ['etcd'] },
    rank: 'reason',
    says: [],
    outside: 'etcd speaks, of its members and clients.',
  },
  {
    name: 'release-wait',
    source: 'Helm pkg/kube/wait.go',
    examples: [
      'Error: UPGRADE FAILED: context deadline exceeded',
      'Error: INSTALLATION FAILED: timed out waiting for the condition',
    ],
    needs: { on: ['wait'] },
    rank: 'reason',
    says: [],
    outside:
      'A tool gave up waiting for what it had applied to become ready; which object it was the words do not say.',
  },
  {
    name: 'version-of-a-built-in-group',
    source: 'apimachinery pkg/api/meta/errors.go',
    examples: [
      'resource mapping not found for name: "widgets.team.example.com": no matches for kind "CustomResourceDefinition" in version "apiextensions.k8s.io/v1beta1"',
      'no matches for kind "Deployment" in version "extensions/v1beta1"',
    ],
    needs: {
      words: new RegExp(
        `no matches for kind "(?!APIService")[^"]{1,100}" in (?:version|group) "(?:[a-z]{2,40}|${builtInGroup})[/"]`,
      ),
    },
    rank: 'reason',
    says: [],
    outside: 'kube-apiserver serves this group itself, and not this version of it, or no longer.',
  },
  {
    name: 'object-of-another-release',
    source: 'Helm pkg/action/validate.go',
    examples: [
      'Error: Unable to continue with install: ClusterRole "team" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata',
    ],
    needs: { words: /exists and cannot be imported into the current release/, without: /APIService "/ },
    rank: 'reason',
    says: [],
    outside: 'Helm found an object of another release, and it is no APIService.',
  },
  {
    name: 'login-refused',
    source: 'kubectl pkg/cmd/util/helpers.go',
    examples: ['error: You must be logged in to the server (Unauthorized)'],
    needs: {
      words:
        /must be logged in to the server(?! \(the server has asked for the client to provide credentials \(\w+ [a-z0-9-]+\.)/,
    },
    rank: 'reason',
    says: [],
    outside:
      'kube-apiserver does not accept the credentials of the kubeconfig; the aggregation layer comes only after that.',
  },
];
