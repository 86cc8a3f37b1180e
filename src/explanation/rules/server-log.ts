import type { Rule } from '../rule.ts';

/** What servers, kubelets and monitoring say of a server, its Pod and its certificate. */
export const serverLogRules: readonly Rule[] = [
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
    name: 'health-check',
    source: 'apiserver pkg/server/healthz/healthz.go',
    examples: ["healthz.go:243] readyz check failed: readyz\n[-]readyz failed: last tick wasn't healthy"],
    needs: {
      words: /\b(?:healthz|livez|readyz) check failed|\[-\][\w/-]{1,80} failed: /,
      without: /metric-storage-ready/,
    },
    rank: 'generic',
    says: [
      {
        code: 'AA205',
        confidence: 'likely',
        why: 'A server says that it is not healthy; if it is the backend, its Pod is not Ready and no endpoint.',
      },
      { code: 'AA801', confidence: 'possible', why: 'In metrics-server it is so as long as no kubelet was scraped.' },
      { code: 'AA117', confidence: 'possible', why: 'In its first seconds it is normal.' },
    ],
  },
  {
    name: 'pod-does-not-run',
    source: 'kubelet and kube-scheduler (events and waiting reasons)',
    examples: [
      'Back-off restarting failed container api in pod api-1',
      '0/3 nodes are available: 3 Insufficient memory.',
      'Deployment does not have minimum availability.',
      'Error creating: pods "api-1" is forbidden: exceeded quota: team, requested: limits.memory=1Gi',
      'Failed to pull image "registry.example.com/api:1": not found',
      'MountVolume.SetUp failed for volume "certs" : secret "api-certs" not found',
    ],
    needs: {
      words:
        /CrashLoopBackOff|Back-off restarting failed container|ImagePullBackOff|ErrImagePull|failed to pull image|\b\d{1,5}\/\d{1,5} nodes are available|CreateContainerConfigError|failed to (?:create listener|listen on)|CreateContainerError|RunContainerError|InvalidImageName|\bFailedMount\b|MountVolume\.SetUp failed|\bFailedCreatePodSandBox\b|failed to create pod sandbox|\bFailedScheduling\b|unknown flag: -|bind: permission denied|\bOOMKilled\b|containers with unready status|Error creating: pods? "[^"]{1,253}" is forbidden|failed to set ?up (?:pod|network)|OCI runtime create failed|node was low on resource|\bpod was evicted|does not have minimum availability|MinimumReplicasUnavailable|ProgressDeadlineExceeded|exceeded its progress deadline|\bhas 0 available replicas|\bNAME (?:\w+ )?READY (?:UP-TO-DATE|STATUS) [^]{0,4000}? 0\/[1-9]\d* /i,
      without: /didn't have free ports|address already in use/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA205',
        confidence: 'certain',
        why: 'A program or its Pod does not get to run; if it is the backend, it is no endpoint.',
      },
    ],
  },
  {
    name: 'no-serving-certificate',
    source: 'apiserver pkg/server/dynamiccertificates/tlsconfig.go; Go crypto/tls',
    examples: ['key failed with : not loading an empty serving certificate from "serving-cert"'],
    needs: {
      words:
        /not loading an empty serving certificate|missing content for serving cert|tls: no certificates configured/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA316',
        confidence: 'likely',
        why: 'The server has no certificate to serve, so that every TLS handshake with it ends in an alert.',
      },
      { code: 'AA205', confidence: 'possible', why: 'Its Pods are not Ready as long as probes go over TLS.' },
    ],
  },
  {
    name: 'policy-drop',
    source: 'Cilium Hubble and Calico flow logs, which word it so or nearly so',
    examples: ['10.0.0.1:40000 -> team/api-1:8443 Policy denied DROPPED (TCP Flags: SYN)'],
    needs: {
      words: /\bpolicy[ -]denied\b|NetworkPolicy\b[^]{0,200}?\b(?:blocks?|blocked|denies|denied|drops?|dropped)\b/i,
    },
    rank: 'reason',
    says: [
      { code: 'AA215', confidence: 'likely', why: 'A network policy is named as what drops the connection.' },
      { code: 'AA208', confidence: 'possible', why: 'For kube-apiserver a dropped connection is a time-out.' },
    ],
  },
  {
    name: 'tunnel-not-connected',
    source:
      'SSH tunnels of managed control planes, which word it so or nearly so; apiserver pkg/server/egressselector (trace of a slow dial); apiserver-network-proxy pkg/agent/clientset.go',
    examples: [
      'Ssh to tunnel is not connected.. attempting to connect',
      '"cannot connect once" err="rpc error: code = Unavailable desc = connection error: desc = \\"transport: Error while dialing: dial tcp 10.0.0.9:8132: i/o timeout\\""',
      'Trace[1]: "Proxy via http_connect protocol over tcp" address:10.0.0.5:8443 (total time: 130000ms)',
    ],
    needs: {
      words:
        /\b(?:ssh|konnectivity)\b[^]{0,60}?\b(?:not connected|disconnected)\b|Proxy via \w{1,20} protocol over \w{1,10}|\bno (?:konnectivity |proxy )?agents? (?:are |is )?(?:connected|available)\b|\bagents? (?:are |is )?not connected\b|\bcannot connect once\b|\btunnel (?:is |was )?(?:down|disconnected|broken|not (?:up|connected|available|ready))\b/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA210',
        confidence: 'likely',
        why: 'The tunnel between control plane and nodes says that it is not up.',
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
      without: /x509: certificate has expired|client certificate/i,
    },
    rank: 'generic',
    says: [{ code: 'AA311', confidence: 'likely', why: 'A certificate still works and is near its end.' }],
  },
];
