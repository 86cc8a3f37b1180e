import type { Rule } from '../rule.ts';

const account = 'system:serviceaccount:team:api';

/** The front-proxy certificate, the request-header configuration, and what the backend may ask. */
export const authenticationRules: readonly Rule[] = [
  {
    name: 'name-not-allowed',
    source: 'apiserver pkg/authentication/request/x509/verify_options.go, headerrequest',
    examples: [
      'Unable to authenticate the request err="[x509: subject with cn=other is not in the allowed list, verifying certificate SN=1, SKID=, AKID= failed: x509: certificate signed by unknown authority]"',
    ],
    needs: { words: /subject with cn=[^]{0,200} is not in the allowed list/ },
    rank: 'reason',
    says: [
      {
        code: 'AA602',
        confidence: 'certain',
        why: "The Common Name of kube-apiserver's front-proxy certificate is not among requestheader-allowed-names.",
      },
      { code: 'AA601', confidence: 'possible', why: 'No other way to accept the certificate was left, either.' },
    ],
  },
  {
    name: 'front-proxy-certificate',
    source: 'apiserver pkg/endpoints/filters/authentication.go, pkg/authentication/request/x509/x509.go',
    examples: [
      'Unable to authenticate the request due to an error: [x509: certificate signed by unknown authority, x509: certificate signed by unknown authority]',
      'verifying certificate SN=1, SKID=, AKID= failed: x509: certificate has expired or is not yet valid: current time 2026-01-02T00:00:00Z is after 2026-01-01T00:00:00Z',
      'x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "front-proxy-ca")',
    ],
    needs: {
      words:
        /Unable to authenticate the request[^]{0,400}?x509|verifying certificate SN=|candidate authority certificate "[^"]{0,200}(?:front-?proxy|request-?header)|(?:failed to verify client|handshake error from \S+: (?:tls: )?failed to verify) certificate|tls: client didn't provide a certificate/i,
      without: /subject with cn=/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA601',
        confidence: 'certain',
        why: "It is the backend that speaks, about the caller's certificate, and its caller is kube-apiserver with the front-proxy certificate; the serving certificate is not meant.",
      },
    ],
  },
  {
    name: 'token-refused',
    source: 'apiserver pkg/endpoints/filters/authentication.go; client-go rest/request.go',
    examples: [
      'Failed to make webhook authorizer request: Unauthorized',
      'Failed to watch *v1.ConfigMap: failed to list *v1.ConfigMap: Unauthorized',
      'unable to load configmap based request-header-client-ca-file: Unauthorized',
      'Internal error occurred: unable to list matching resources: Unauthorized',
      'an error on the server ("Internal Server Error: \\"/apis/team.example.com/v1\\": the server has asked for the client to provide credentials (post subjectaccessreviews.authorization.k8s.io)") has prevented the request from succeeding',
    ],
    needs: {
      on: ['delegation', 'own', 'unknown'],
      words: /\bUnauthorized\b|client to provide credentials(?! \(get)/,
      within:
        /webhook auth|Internal Server Error: "|Internal error occurred: |failed to (?:list|watch)\b|client-ca-file|subjectaccessreviews|tokenreviews/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA609',
        confidence: 'certain',
        why: "The API server refused the backend's own token when the backend asked it something.",
      },
    ],
  },
  {
    name: 'bearer-token-refused',
    source: 'apiserver pkg/endpoints/filters/authentication.go, pkg/serviceaccount',
    examples: ['Unable to authenticate the request err="[invalid bearer token, service account token has expired]"'],
    needs: {
      words: /Unable to authenticate the request[^]{0,200}?(?:bearer token|token (?:has|is)|service account)/i,
      without: /x509/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA609',
        confidence: 'possible',
        why: 'A bearer token was refused; through the aggregator no token travels, so the caller came directly, such as a backend with its ServiceAccount.',
      },
    ],
  },
  {
    name: 'websocket-not-authenticated',
    source: 'consoles of aggregated groups, which pass on the status of the answer',
    examples: ["Can't connect to websocket (401): request is not authenticated"],
    needs: { words: /websocket[^]{0,20}?\(401\)/i },
    rank: 'reason',
    says: [
      {
        code: 'AA601',
        confidence: 'likely',
        why: "A stream of an aggregated group was answered 401: the backend does not accept kube-apiserver's front-proxy certificate, if the same user reads other resources.",
      },
      { code: 'AA607', confidence: 'possible', why: 'It may be the credentials of the kubeconfig.' },
    ],
  },
  {
    name: 'credentials-asked-for-by-the-group',
    source: 'apimachinery pkg/api/errors/errors.go (401, with verb and resource)',
    examples: [
      'error: You must be logged in to the server (the server has asked for the client to provide credentials (get widgets.team.example.com))',
    ],
    needs: {
      words: /client to provide credentials \(\w+ [a-z0-9-]+\.[a-z0-9-]+\.|Unauthorized \(\w+ [a-z0-9-]+\.[a-z0-9-]+\./,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA601',
        confidence: 'likely',
        why: "A resource of the group was answered 401. If other resources are served to the same user, it is the backend that does not accept kube-apiserver's front-proxy certificate.",
      },
      {
        code: 'AA607',
        confidence: 'possible',
        why: 'If every request is answered so, it is the credentials of the kubeconfig.',
      },
    ],
  },
  {
    name: 'auth-reader',
    source: 'apiserver pkg/server/options/authentication.go',
    examples: [
      `unable to load configmap based request-header-client-ca-file: configmaps "extension-apiserver-authentication" is forbidden: User "${account}" cannot get resource "configmaps" in API group "" in the namespace "kube-system"`,
      "Unable to get configmap/extension-apiserver-authentication in kube-system.  Usually fixed by 'kubectl create rolebinding'",
    ],
    needs: {
      words:
        /configmaps "extension-apiserver-authentication" is forbidden|Unable to get configmap\/extension-apiserver-authentication/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA605',
        confidence: 'certain',
        why: "The backend's ServiceAccount may not read the ConfigMap that holds the request-header configuration.",
      },
      { code: 'AA205', confidence: 'likely', why: 'A k8s.io/apiserver backend ends over it, and its Pods crash.' },
    ],
  },
  {
    name: 'request-header-configuration',
    source: 'apiserver pkg/server/options/authentication.go, dynamiccertificates/configmap_cafile_content.go',
    examples: [
      'missing content for CA bundle "client-ca::kube-system::extension-apiserver-authentication::requestheader-client-ca-file"',
      'configmap "extension-apiserver-authentication" not found',
      "Error: cluster doesn't provide client-ca-file",
      'unable to load configmap based request-header-client-ca-file: Get "https://10.96.0.1:443/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication": dial tcp 10.96.0.1:443: i/o timeout',
      "No authentication-kubeconfig provided in order to lookup requestheader-client-ca-file in configmap/extension-apiserver-authentication in kube-system, so request-header client certificate authentication won't work.",
    ],
    needs: {
      words:
        /missing content for CA bundle "[^"]*(?:request-?header|extension-apiserver-authentication)|configmaps? "?extension-apiserver-authentication"? not found|(?:unable to load|cluster doesn't provide|error (?:reading|loading))[^]{0,60}client-ca(?:-file)?\b|configmap based client CA\b|No authentication-kubeconfig provided|API aggregation will not work|Error looking up in-cluster authentication configuration|Continuing without authentication configuration|request-?header[^]{0,40}(?:is|are) not (?:set|configured)|\bno (?:request-?header )?client[- ]CA (?:cert\w{0,8}|file|bundle)(?: \w{1,12}){0,2} (?:available|found|provided|configured|set)/i,
      without: /is forbidden|Unauthorized|provide credentials/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA603',
        confidence: 'certain',
        why: 'The backend has no request-header certificate authority, and so no way to believe kube-apiserver who the user is.',
      },
    ],
  },
  {
    name: 'auth-delegator',
    source: 'apiserver pkg/server/options/authorization.go, plugin/pkg/authorizer/webhook',
    examples: [
      `Internal Server Error: "/apis/team.example.com/v1": subjectaccessreviews.authorization.k8s.io is forbidden: User "${account}" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope`,
      'Failed to make webhook authorizer request: subjectaccessreviews.authorization.k8s.io is forbidden',
    ],
    needs: {
      words:
        /(?:subjectaccessreviews|tokenreviews)\.\S+ is forbidden|cannot create (?:resource "|at )?(?:subjectaccessreviews|tokenreviews)|No authorization-kubeconfig provided/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA606',
        confidence: 'certain',
        why: "The backend's ServiceAccount may not ask kube-apiserver whether a caller is allowed.",
      },
    ],
  },
];
