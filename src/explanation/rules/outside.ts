import type { FailureKind } from '../../aggregation/failure.ts';
import type { Rule } from '../rule.ts';

const connectionFailures = [
  'connectionRefused',
  'connectionTimedOut',
  'addressNotRoutable',
  'nameUnresolvable',
  'plainHttp',
  'backendError',
  'tlsHandshakeFails',
  'certificateExpired',
  'certificateNotYetValid',
  'serverNameNotCovered',
  'unknownAuthority',
  'commonNameOnly',
  'httpProxyInterferes',
] as const satisfies readonly FailureKind[];

/** Failures of other connections than the one from kube-apiserver to the backend, and of the Pods behind it. */
export const outsideRules: readonly Rule[] = [
  {
    name: 'kubelet-scrape',
    source: 'metrics-server pkg/scraper; kubelet /metrics/resource and /stats/summary',
    examples: [
      '"Failed to scrape node" err="Get \\"https://10.0.0.7:10250/metrics/resource\\": tls: failed to verify certificate: x509: certificate signed by unknown authority" node="worker-1"',
      'unable to fully scrape metrics from node worker-1: unable to fetch metrics from node worker-1: Get "https://10.0.0.7:10250/stats/summary?only_cpu_and_memory=true": context deadline exceeded',
    ],
    needs: { on: ['kubelet'] },
    rank: 'reason',
    says: [
      {
        code: 'AA801',
        confidence: 'certain',
        why: 'metrics-server speaks, about its connection to a kubelet; kube-apiserver is not on that way.',
      },
    ],
  },
  {
    name: 'kubelet-forbids',
    source: 'kubelet pkg/kubelet/server/auth.go and server.go (403), as metrics-server prints the body',
    examples: [
      'request failed - "403 Forbidden", response: "Forbidden (user=system:serviceaccount:team:api, verb=get, resource=nodes, subresource=stats)"',
    ],
    needs: { words: /Forbidden \(user=[^)]{1,300}resource=nodes, subresource(?:\(s\))?=\[?(?:stats|metrics)/ },
    rank: 'reason',
    says: [
      {
        code: 'AA801',
        confidence: 'certain',
        why: 'A kubelet refused its measurements to a user that may not read them; the aggregator is not on that way.',
      },
    ],
  },
  {
    name: 'reverse-proxy',
    source: 'nginx src/http/ngx_http_upstream.c (error log)',
    examples: [
      '2026/01/02 10:00:00 [error] 29#29: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, upstream: "https://10.0.0.5:6443/apis/team.example.com/v1"',
    ],
    needs: {
      words:
        /\bwhile (?:connecting to|reading (?:response header from )?|sending (?:request )?to|SSL handshaking to) ?upstream\b/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA806',
        confidence: 'likely',
        why: 'A reverse proxy speaks about the server behind itself, most often before kube-apiserver; kube-aggregator is not on that way.',
      },
      {
        code: 'AA211',
        confidence: 'possible',
        why: 'It is this if kube-apiserver sends its requests to backends through it.',
      },
    ],
  },
  {
    name: 'certificate-without-ip-address',
    source: 'Go crypto/x509 verify.go (HostnameError); kube-aggregator verifies a name, never an address',
    examples: [
      "x509: cannot validate certificate for 10.0.0.7 because it doesn't contain any IP SANs",
      'x509: certificate is valid for 127.0.0.1, 10.96.0.1, not 10.0.0.7',
    ],
    needs: {
      words:
        /doesn't contain any IP SANs|x509: certificate is valid for [^]{1,4000}?, not (?:\d{1,3}(?:\.\d{1,3}){3}\b|[0-9a-f]{0,4}:[0-9a-f:]+)/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA801',
        confidence: 'likely',
        why: 'kube-aggregator always verifies a name. A client that verifies an address is metrics-server asking a kubelet, most often.',
      },
      { code: 'AA806', confidence: 'possible', why: 'It may be another connection that a backend makes.' },
    ],
  },
  {
    name: 'status-written-twice',
    source: 'apiserver pkg/registry/generic/registry/store.go (409); every kube-apiserver writes the condition',
    examples: [
      'v1.team.example.com failed with: Operation cannot be fulfilled on apiservices.apiregistration.k8s.io "v1.team.example.com": the object has been modified; please apply your changes to the latest version and try again',
    ],
    needs: { words: /Operation cannot be fulfilled on apiservices\.apiregistration\.k8s\.io/ },
    rank: 'reason',
    says: [
      {
        code: 'AA802',
        confidence: 'likely',
        why: 'Two kube-apiservers wrote the condition at once; the one that lost tries again.',
      },
      { code: 'AA113', confidence: 'possible', why: 'If it never ends they disagree about the condition.' },
    ],
  },
  {
    name: 'request-of-the-aggregator-itself',
    source: 'kube-aggregator pkg/apiserver/handler_proxy.go (the download of OpenAPI documents has no RequestInfo)',
    examples: ['handler_proxy.go:99] no RequestInfo found in the context'],
    needs: { words: /no RequestInfo found in the context/ },
    rank: 'hint',
    says: [
      {
        code: 'AA802',
        confidence: 'likely',
        why: 'kube-aggregator says so of the requests that it makes itself for OpenAPI documents, while a backend is not there yet.',
      },
    ],
  },
  {
    name: 'webhook-through-group-version',
    source:
      'apiserver pkg/util/webhook/client.go (Service default/kubernetes), apimachinery pkg/api/errors/errors.go (503), kube-aggregator pkg/apiserver/handler_proxy.go',
    examples: [
      'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: the server is currently unable to handle the request',
      'conversion webhook for team.example.com/v1, Kind=Widget failed: the server is currently unable to handle the request',
      'failed calling webhook "check.example.com": failed to call webhook: Post "https://kubernetes.default.svc:443/apis/admission.team.example.com/v1/checks?timeout=10s": context deadline exceeded',
    ],
    needs: {
      on: ['webhook'],
      within:
        /: the server is currently unable to handle the request|"https:\/\/kubernetes\.default\.svc(?::443)?\/apis\//,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA706',
        confidence: 'likely',
        why: 'The webhook answered 503 without a reason of its own, or is called at a path of a group version: kube-aggregator says that of a group version whose APIService is not Available.',
      },
      {
        code: 'AA805',
        confidence: 'possible',
        why: 'A webhook behind a Service of its own can answer 503 too.',
      },
    ],
  },
  {
    name: 'client-side-throttling',
    source: 'client-go rest/request.go (tryThrottle)',
    examples: [
      'request.go:690] Waited for 1.03s due to client-side throttling, not priority and fairness, request: GET:https://10.96.0.1:443/apis/team.example.com/v1?timeout=32s',
      'Throttling request took 1.04s, request: GET:https://10.96.0.1:443/apis/team.example.com/v1?timeout=32s',
    ],
    needs: { words: /due to client-side throttling|Throttling request took / },
    rank: 'hint',
    says: [
      {
        code: 'AA802',
        confidence: 'likely',
        why: 'The client held its own request back, as it does where it discovers many groups; nothing failed.',
      },
    ],
  },
  {
    name: 'webhook',
    source: 'apiserver pkg/admission/plugin/webhook, apiextensions pkg/apiserver/conversion',
    examples: [
      'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://check.team.svc:443/validate?timeout=10s": x509: certificate signed by unknown authority',
      'conversion webhook for team.example.com/v1, Kind=Widget failed: Post "https://check.team.svc:443/convert?timeout=30s": dial tcp 10.96.0.9:443: connect: connection refused',
    ],
    // What is left to the rule above.
    needs: {
      on: ['webhook'],
      within:
        /^(?![^]*(?:: the server is currently unable to handle the request|"https:\/\/kubernetes\.default\.svc(?::443)?\/apis\/))/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA805',
        confidence: 'certain',
        why: 'kube-apiserver was calling a webhook, whose certificate and Service stand in its own configuration and in no APIService.',
      },
    ],
  },
  {
    name: 'connection-of-a-program',
    source: 'gRPC-go, client-go tools/cache/reflector.go, prometheus-adapter, KEDA',
    examples: [
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.96.0.30:9666: connect: connection refused"',
      'unable to update list of all metrics: unable to fetch metrics for query "up": Get "http://prometheus.team.svc:9090/api/v1/series": dial tcp: lookup prometheus.team.svc on 10.96.0.10:53: no such host',
      'failed to list *v1.Node: Get "https://10.96.0.1:443/api/v1/nodes": dial tcp 10.96.0.1:443: i/o timeout',
    ],
    needs: {
      on: ['own'],
      failure: connectionFailures,
      without: /extension-apiserver-authentication|request-?header-?client-ca/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA806',
        confidence: 'likely',
        why: 'A program speaks about a connection that it makes itself, to a peer, to Prometheus or to kube-apiserver; kube-aggregator is not on that way.',
      },
    ],
  },
  {
    name: 'etcd-of-a-server',
    source: 'etcd client (v2 errors, server/etcdserver/errors), in the log of an API server',
    examples: [
      'Failed to list *v1.Widget: client: etcd cluster is unavailable or misconfigured',
      'etcdserver: request timed out',
    ],
    needs: {
      words:
        /\betcd cluster is unavailable|\betcdserver: (?:request timed out|leader changed|no leader|too many requests)/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA806',
        confidence: 'likely',
        why: 'An API server speaks about its own etcd; if it is the backend, its answers fail or are late because of it.',
      },
      { code: 'AA205', confidence: 'possible', why: 'A backend without its etcd does not become Ready.' },
    ],
  },
  {
    name: 'call-to-a-peer',
    source: 'gRPC status codes',
    examples: ['rpc error: code = Unavailable desc = name resolver error: produced zero addresses'],
    needs: {
      // What a plugin or a server of Helm or Argo CD passes on is `Unknown` to gRPC.
      words: /\brpc error: code = (?!Unknown desc = [^]{0,300}(?:server APIs|apiVersions))[A-Z]\w{1,20}/,
      without: /failed to pull|error trying to reach service|response from http/i,
    },
    rank: 'generic',
    says: [
      {
        code: 'AA806',
        confidence: 'likely',
        why: 'A gRPC call failed, and kube-aggregator makes none: a program speaks about its own peer.',
      },
    ],
  },
  {
    name: 'measurements-of-an-adapter',
    source: 'prometheus-adapter pkg/provider; KEDA pkg/provider; Datadog Cluster Agent; SDKs of clouds',
    examples: [
      'unable to update list of all metrics: unable to fetch metrics for query "up": bad_response: unknown response code 404',
      'timeout while waiting to establish gRPC connection to KEDA Metrics Service server',
      'Unable to fetch external metrics: [Error while executing metric query avg:requests: API error 403 Forbidden]',
      'adal: Refresh request failed. Status Code = 400',
    ],
    needs: {
      words:
        /unable to fetch metrics for query|unable to fetch (?:external |custom )?metrics(?: from prometheus)?: |waiting to establish gRPC connection|error (?:(?:while|when) )?(?:executing|getting) (?:the )?metrics? (?:query|values?|for trigger)|googleapi: Error \d{3}|azure\.BearerAuthorizer|\bgRPC (?:connection|server)[^]{0,40}?\bfail\w*|\bscaler\b[^]{0,80}?error (?:getting|reading) [^]{0,20}?metrics?\b|error getting scaler metrics|\bIAM returned \d{3}\b|unable to generate access token|\badal: Refresh request failed|\bAADSTS\d{3,}|StatusCode=\d{3} -- Original Error|\b(?:AccessDenied|ExpiredToken|NoCredentialProviders|UnrecognizedClient)(?:Exception)?: /i,
      without: /unable to fetch metrics from (?:resource|custom|external) metrics API|\bHPA\b/,
    },
    rank: 'generic',
    says: [
      {
        code: 'AA806',
        confidence: 'likely',
        why: 'An adapter speaks about the place that it takes its measurements from, not about its callers.',
      },
    ],
  },
  {
    name: 'authorizer-cannot-ask',
    source: 'apiserver plugin/pkg/authorizer/webhook, authenticator/token/webhook',
    examples: [
      'Failed to make webhook authorizer request: Post "https://10.96.0.1:443/apis/authorization.k8s.io/v1/subjectaccessreviews": dial tcp 10.96.0.1:443: i/o timeout',
    ],
    needs: { on: ['delegation'], failure: connectionFailures },
    rank: 'reason',
    says: [
      {
        code: 'AA806',
        confidence: 'likely',
        why: 'The backend could not reach kube-apiserver to ask whether the caller is allowed.',
      },
    ],
  },
];
