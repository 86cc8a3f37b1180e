import type { Rule } from '../rule.ts';

const asked = 'https://10.96.0.20:443/apis/metrics.k8s.io/v1beta1';
const badStatus = (status: number): string =>
  `failing or missing response from ${asked}: bad status from ${asked}: ${status}`;
const listed = (words: string): string =>
  `unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: ${words}`;

/** What a backend that was reached answered. */
export const answeredRules: readonly Rule[] = [
  {
    name: 'status-401',
    source: 'apiserver pkg/endpoints/filters/authentication.go; kube-aggregator remote_available_controller.go',
    examples: [badStatus(401), listed('Unauthorized')],
    needs: { failure: ['proxyCertificateRejected'], on: ['backend', 'throughApiServer'] },
    rank: 'reason',
    says: [
      {
        code: 'AA601',
        confidence: 'likely',
        why: "The backend answered 401: it did not accept kube-apiserver's front-proxy client certificate. No user's token is on that way.",
      },
    ],
  },
  {
    name: 'status-403',
    source: 'apiserver pkg/endpoints/filters/authorization.go; kube-aggregator remote_available_controller.go',
    examples: [
      badStatus(403),
      'forbidden: User "system:kube-aggregator" cannot get path "/apis/metrics.k8s.io/v1beta1"',
    ],
    needs: { failure: ['backendForbids'] },
    rank: 'reason',
    says: [
      {
        code: 'AA604',
        confidence: 'likely',
        why: 'The backend answered 403 to a request that kube-apiserver lets through: it does not believe the identity headers, or cannot ask whether the user is allowed.',
      },
    ],
  },
  {
    name: 'proxy-denies',
    source: 'vcluster pkg/apiservice (a proxy of its own before the group, which lets discovery pass)',
    examples: [
      'Denied access to api service proxy at path {"path": "/apis/team.example.com/v1/widgets", "method": "GET"}',
      'proxy.meta.k8s.io "proxy" is forbidden: paths other than discovery paths are not allowed',
    ],
    needs: {
      words: /denied access to (?:\w{1,30} ){0,2}service proxy|is forbidden: paths other than discovery paths/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA604',
        confidence: 'likely',
        why: 'A proxy that serves the group for another cluster lets discovery pass and denies the rest.',
      },
    ],
  },
  {
    name: 'status-404',
    source: 'apiserver pkg/server/mux (`404 page not found`); kube-aggregator remote_available_controller.go',
    examples: [
      badStatus(404),
      '404 page not found',
      'DiscoveryManager: Failed to download discovery for team/api:443: 404 404 page not found',
      listed('the server could not find the requested resource'),
    ],
    needs: { failure: ['pathMissing'] },
    rank: 'reason',
    says: [
      {
        code: 'AA410',
        confidence: 'likely',
        why: 'A server answered, and does not serve this path: another group version, another server behind the Service, or an older program.',
      },
    ],
  },
  {
    name: 'redirect',
    source: 'kube-aggregator handler_proxy.go; apimachinery pkg/util/proxy/upgradeaware.go',
    examples: [badStatus(302), 'the backend attempted to redirect this request, which is not permitted'],
    needs: { failure: ['redirect'] },
    rank: 'reason',
    says: [
      {
        code: 'AA220',
        confidence: 'certain',
        why: 'The backend answered with a redirect, which kube-aggregator does not follow.',
      },
    ],
  },
  {
    name: 'status-of-a-gateway',
    source: 'RFC 9110, 15.6.3 and 15.6.5: the answer of a gateway, not of the server itself',
    examples: [badStatus(502), badStatus(504)],
    needs: { failure: ['backendError'], status: [502, 504], without: /\b503\b/ },
    rank: 'generic',
    says: [
      { code: 'AA219', confidence: 'likely', why: 'The answer was a 502 or 504.' },
      {
        code: 'AA212',
        confidence: 'possible',
        why: 'An API server never answers 502 or 504 for itself: a mesh sidecar, an ingress or a load balancer stands in between.',
      },
      {
        code: 'AA211',
        confidence: 'possible',
        why: "An HTTP proxy in kube-apiserver's environment answers like this, too.",
      },
    ],
  },
  {
    name: 'status-5xx',
    source: 'kube-aggregator remote_available_controller.go (accepts 200 to 299 only)',
    examples: [badStatus(500), badStatus(503)],
    needs: { failure: ['backendError'], status: [400, 599], without: /\b50[24]\b|\b429\b/ },
    rank: 'generic',
    says: [
      { code: 'AA219', confidence: 'likely', why: 'The backend was reached, and answered with an error of its own.' },
    ],
  },
  {
    name: 'status-429',
    source: 'kube-aggregator remote_available_controller.go (asks as system:masters); apiserver pkg/server/filters',
    examples: [badStatus(429)],
    needs: { failure: ['backendError'], status: [429, 429] },
    rank: 'generic',
    says: [
      {
        code: 'AA219',
        confidence: 'likely',
        why: 'The backend, or what stands before it, gets more requests than it takes; a limit of kube-apiserver does not hold for this request.',
      },
      { code: 'AA212', confidence: 'possible', why: 'A mesh sidecar may limit the rate.' },
    ],
  },
  {
    name: 'error-on-the-server',
    source: 'client-go rest/request.go, apimachinery pkg/api/errors (a 5xx that is no Status)',
    examples: [
      'Error from server (InternalError): an error on the server ("boom") has prevented the request from succeeding (get widgets.team.example.com)',
    ],
    needs: { failure: ['backendError'], words: /an error on the server/ },
    rank: 'generic',
    says: [
      {
        code: 'AA219',
        confidence: 'likely',
        why: 'The words in parentheses are the body of a 5xx; what answers in plain text is the backend, or kube-aggregator for it.',
      },
    ],
  },
  {
    name: 'mesh',
    source: 'Envoy response flags and local replies; linkerd-proxy',
    examples: [
      inBody('upstream connect error or disconnect/reset before headers. reset reason: connection termination'),
      inBody('RBAC: access denied'),
    ],
    needs: {
      words:
        /upstream connect error or disconnect\/reset before headers|no healthy upstream|upstream request timeout|\bRBAC: access denied|upstream_reset_(?:before|after)_response_started|no_healthy_upstream|filter_chain_not_found|\b503 (?:UC|UF|UH|NR|URX)\b|l5d-proxy-|linkerd-proxy.{0,80}(?:error|fail)|istio-proxy.{0,80}(?:error|fail)/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA212',
        confidence: 'certain',
        why: 'These are the words of a mesh sidecar, which answered instead of the backend.',
      },
    ],
  },
  {
    name: 'empty-body',
    source: 'client-go rest/request.go',
    examples: ['0-length response with status code: 200 and content type: '],
    needs: { words: /0-length response with status code: ?2\d\d/, without: /\bwebhook\b/ },
    rank: 'reason',
    says: [
      {
        code: 'AA411',
        confidence: 'certain',
        why: 'The answer was a success without a body, which the availability check accepts and clients do not.',
      },
    ],
  },
  {
    name: 'not-a-document',
    source: 'Go encoding/json; apimachinery serializers',
    examples: [
      listed("invalid character '<' looking for beginning of value"),
      "couldn't get resource list for metrics.k8s.io/v1beta1: unexpected end of JSON input",
    ],
    needs: {
      words:
        /(?:server APIs|resource list|discovery|metrics API|APIResourceList)[^]{0,300}?(?:invalid character ['"]|unexpected end of JSON input|cannot unmarshal|couldn't get version\/kind|json parse error|unable to decode|content type)/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA411',
        confidence: 'certain',
        why: 'What came back is not the document that was asked for: HTML, cut-off JSON or another kind.',
      },
    ],
  },
  {
    name: 'another-kind',
    source: 'apimachinery pkg/runtime/converter.go and serializer/json (a list was asked for)',
    examples: ['Widget in version "v1" cannot be handled as a WidgetList'],
    needs: { words: /in version "v\d\w{0,12}" cannot be handled as an? \w{1,80}List\b/ },
    rank: 'reason',
    says: [
      { code: 'AA411', confidence: 'likely', why: 'A list was asked for, and an object of another kind came back.' },
      { code: 'AA417', confidence: 'possible', why: 'The entry of the resource in discovery may be at fault.' },
    ],
  },
  {
    name: 'empty-list',
    source: 'client-go discovery/cached/memory/memcache.go',
    examples: [
      "couldn't get resource list for external.metrics.k8s.io/v1beta1: Got empty response for: external.metrics.k8s.io/v1beta1",
    ],
    needs: { words: /(?:received|got) empty response for: /i },
    rank: 'reason',
    says: [
      { code: 'AA412', confidence: 'certain', why: 'The group version answered with a list that holds no resource.' },
      { code: 'AA704', confidence: 'certain', why: 'It is a client that says so.' },
      {
        code: 'AA802',
        confidence: 'possible',
        why: 'For external.metrics.k8s.io an empty list is normal while no metric is defined.',
      },
    ],
  },
  {
    name: 'empty-list-document',
    source: 'apimachinery APIResourceList, as kubectl get --raw prints it',
    examples: ['{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"team.example.com/v1","resources":[]}'],
    needs: { words: /"kind": ?"APIResourceList"[^]{0,600}?"resources": ?(?:\[ ?\]|null)/ },
    rank: 'reason',
    says: [
      { code: 'AA412', confidence: 'certain', why: 'The list is valid and holds no resource.' },
      {
        code: 'AA802',
        confidence: 'possible',
        why: 'For external.metrics.k8s.io an empty list is normal while no metric is defined.',
      },
      { code: 'AA804', confidence: 'possible', why: 'The rules of an adapter of metrics may yield none.' },
    ],
  },
  {
    name: 'media-type-refused',
    source: 'apiserver pkg/endpoints/handlers/negotiation/errors.go (406)',
    examples: ['only the following media types are accepted: application/json, application/yaml'],
    needs: { words: /the following media types are accepted: |\b406 Not Acceptable/i },
    rank: 'reason',
    says: [
      {
        code: 'AA420',
        confidence: 'certain',
        why: 'The server refused the media type that was asked for; with aggregated discovery clients then ask in the older form.',
      },
    ],
  },
];

function inBody(words: string): string {
  return `Error from server (InternalError): an error on the server ("${words}") has prevented the request from succeeding`;
}
