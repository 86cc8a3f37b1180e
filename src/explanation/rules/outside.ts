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
    name: 'certificate-without-ip-address',
    source: 'Go crypto/x509 verify.go (HostnameError); kube-aggregator verifies a name, never an address',
    examples: ["x509: cannot validate certificate for 10.0.0.7 because it doesn't contain any IP SANs"],
    needs: { words: /doesn't contain any IP SANs/ },
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
    name: 'probe',
    source: 'kubelet pkg/kubelet/prober (events Unhealthy, ProbeError)',
    examples: [
      'Readiness probe failed: HTTP probe failed with statuscode: 500',
      'Liveness probe failed: Get "https://10.0.0.9:8443/livez": dial tcp 10.0.0.9:8443: connect: connection refused',
    ],
    needs: { on: ['probe'], words: /^/ },
    rank: 'reason',
    says: [
      {
        code: 'AA205',
        confidence: 'certain',
        why: 'The kubelet speaks, about a Pod that it probes; while a Pod is not Ready it is no endpoint.',
      },
      { code: 'AA203', confidence: 'possible', why: 'If no other Pod is Ready the Service has no endpoint.' },
    ],
  },
  {
    name: 'pod-does-not-run',
    source: 'kubelet and kube-scheduler (events and waiting reasons)',
    examples: [
      'Back-off restarting failed container api in pod api-1',
      '0/3 nodes are available: 3 Insufficient memory.',
      'Failed to pull image "registry.example.com/api:1": not found',
    ],
    needs: {
      words:
        /CrashLoopBackOff|Back-off restarting failed container|ImagePullBackOff|ErrImagePull|failed to pull image|\b\d{1,5}\/\d{1,5} nodes are available|CreateContainerConfigError|\bOOMKilled\b|containers with unready status/i,
      without: /didn't have free ports/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA205',
        confidence: 'certain',
        why: 'A Pod does not get to run; if it is the backend, it is no endpoint.',
      },
    ],
  },
  {
    name: 'port-taken',
    source: 'Go net (listen), kube-scheduler NodePorts',
    examples: [
      'failed to listen on 0.0.0.0:10250: listen tcp 0.0.0.0:10250: bind: address already in use',
      "0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports.",
    ],
    needs: { words: /bind: address already in use|didn't have free ports/ },
    rank: 'reason',
    says: [
      {
        code: 'AA223',
        confidence: 'likely',
        why: 'The port is taken on the node already, as the kubelet takes 10250.',
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
    needs: { on: ['webhook'] },
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
    name: 'call-to-a-peer',
    source: 'gRPC status codes',
    examples: ['rpc error: code = Unavailable desc = name resolver error: produced zero addresses'],
    needs: { words: /\brpc error: code = (?:Unavailable|DeadlineExceeded|Unknown|Internal|Unimplemented|Canceled)/ },
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
  {
    name: 'handshake-refused-by-the-client',
    source: 'Go net/http server.go and crypto/tls alert.go, in the log of the server',
    examples: [
      'http: TLS handshake error from 10.0.0.1:40000: remote error: tls: bad certificate',
      'http: TLS handshake error from 10.0.0.1:40000: remote error: tls: unknown certificate authority',
    ],
    needs: { on: ['listener'], words: /remote error: (?:tls: )?(?:bad|unknown|unsupported) certificate/ },
    rank: 'reason',
    says: [
      {
        code: 'AA304',
        confidence: 'likely',
        why: 'It is the log of a server whose client refused its serving certificate; a Go client sends this alert for an authority that it does not know, first of all.',
      },
      {
        code: 'AA303',
        confidence: 'possible',
        why: 'The alert is the same for a name that the certificate does not have.',
      },
      {
        code: 'AA805',
        confidence: 'possible',
        why: 'If the server is a webhook and not behind an APIService, the bundle to mend is in the webhook configuration.',
      },
    ],
  },
  {
    name: 'handshake-expired',
    source: 'Go crypto/tls alert.go (alert 45), in the log of the server',
    examples: ['http: TLS handshake error from 10.0.0.1:40000: remote error: tls: expired certificate'],
    needs: { on: ['listener'], words: /expired certificate/ },
    rank: 'reason',
    says: [{ code: 'AA301', confidence: 'likely', why: 'A client refused the serving certificate as expired.' }],
  },
  {
    name: 'handshake-noise',
    source: 'Go net/http server.go, in the log of the server',
    examples: [
      'http: TLS handshake error from 10.0.0.1:40000: EOF',
      'http: TLS handshake error from 10.0.0.1:40000: read tcp 10.0.0.9:8443->10.0.0.1:40000: read: connection reset by peer',
    ],
    needs: { on: ['listener'], failure: ['backendError', 'connectionTimedOut', 'plainHttp'] },
    rank: 'generic',
    says: [
      {
        code: 'AA802',
        confidence: 'likely',
        why: 'Somebody connected and went away, as the TCP checks of load balancers do; by itself it is harmless.',
      },
    ],
  },
  {
    name: 'handshake-without-cipher',
    source: 'Go crypto/tls handshake_server.go, in the log of the server',
    examples: [
      'http: TLS handshake error from 10.0.0.1:40000: tls: no cipher suite supported by both client and server',
    ],
    needs: { on: ['listener'], failure: ['tlsHandshakeFails'], without: /certificate/ },
    rank: 'reason',
    says: [
      {
        code: 'AA316',
        confidence: 'likely',
        why: 'Client and server found no protocol version or cipher suite that both speak.',
      },
    ],
  },
  {
    name: 'legacy-certificate-counted',
    source: 'apiserver pkg/util/x509metrics (missing-san)',
    examples: [
      'missing-san.invalid-cert.kubernetes.io: invalid certificate detected connecting to "10.96.0.20": relies on a legacy Common Name field instead of the SAN extension for subject validation',
    ],
    needs: { words: /missing-san\.invalid-cert\.kubernetes\.io/ },
    rank: 'reason',
    says: [
      {
        code: 'AA308',
        confidence: 'certain',
        why: 'kube-apiserver saw a certificate without subject alternative name.',
      },
    ],
  },
  {
    name: 'sha1-certificate-counted',
    source: 'apiserver pkg/util/x509metrics (insecure-sha1)',
    examples: [
      'insecure-sha1.invalid-cert.kubernetes.io: invalid certificate detected connecting to "10.96.0.20": uses an insecure SHA-1 signature',
    ],
    needs: { words: /insecure-sha1\.invalid-cert\.kubernetes\.io/ },
    rank: 'reason',
    says: [{ code: 'AA313', confidence: 'certain', why: 'kube-apiserver saw a certificate with a SHA-1 signature.' }],
  },
  {
    name: 'certificate-ends-soon',
    source: 'cert-manager, OLM and monitoring rules, which word it freely',
    examples: ['the serving certificate of v1.team.example.com will expire in 3 days'],
    needs: {
      words:
        /cert(?:ificate)?s?\b[^]{0,120}?(?:(?:will|is about to|going to) expire|expir(?:es|ing) (?:in|soon|on|at|within)|(?:near(?:ing|s)?|close to|before) (?:its |their )?expir)/i,
      without: /x509: certificate has expired/,
    },
    rank: 'generic',
    says: [{ code: 'AA311', confidence: 'likely', why: 'A certificate still works and is near its end.' }],
  },
  {
    name: 'not-this-cluster-connection',
    source: 'kubectl (cmd/util/helpers.go), client-go',
    examples: [
      'Unable to connect to the server: x509: certificate signed by unknown authority',
      'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?',
    ],
    needs: { on: ['apiServer'] },
    rank: 'reason',
    says: [],
    outside:
      'A client could not reach kube-apiserver itself, or does not trust it; the aggregation layer comes only after that.',
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
