import type { Rule } from '../rule.ts';

const asked = 'https://10.96.0.20:443/apis/metrics.k8s.io/v1beta1';
const inCondition = (words: string): string => `failing or missing response from ${asked}: Get "${asked}": ${words}`;
const inProxy = (words: string): string => `error trying to reach service: ${words}`;

/** What kube-aggregator says before and while it dials: failures of aggregation/failure.ts that got no HTTP answer. */
export const unansweredRules: readonly Rule[] = [
  {
    name: 'service-not-there',
    source: 'kube-aggregator remote_available_controller.go (ServiceNotFound)',
    examples: ['service/metrics-server in "kube-system" is not present'],
    needs: { failure: ['serviceMissing'] },
    rank: 'reason',
    says: [
      {
        code: 'AA201',
        confidence: 'certain',
        why: 'kube-aggregator did not find the Service that the APIService names.',
      },
    ],
  },
  {
    name: 'service-port-not-listed',
    source: 'kube-aggregator remote_available_controller.go (ServicePortError); apiserver pkg/util/proxy/proxy.go',
    examples: [
      'service/metrics-server in "kube-system" is not listening on port 8443',
      'no service port 8443 found for service "metrics-server"',
    ],
    needs: { failure: ['servicePortMissing'] },
    rank: 'reason',
    says: [
      {
        code: 'AA202',
        confidence: 'certain',
        why: 'The Service is there, and lists no port with the number that the APIService names.',
      },
    ],
  },
  {
    name: 'no-endpoints',
    source:
      'kube-aggregator remote_available_controller.go (EndpointsNotFound, MissingEndpoints); apiserver pkg/util/proxy/proxy.go',
    examples: [
      'endpointslices for service/metrics-server in "kube-system" have no addresses with port name "https"',
      'cannot find endpoints for service/metrics-server in "kube-system"',
      'no endpoints available for service "metrics-server"',
    ],
    needs: { failure: ['endpointsMissing'] },
    rank: 'reason',
    says: [
      {
        code: 'AA203',
        confidence: 'certain',
        why: 'kube-aggregator found the Service, and no ready address behind it under the name of its port.',
      },
    ],
  },
  {
    name: 'headless-service',
    source: 'apiserver pkg/util/proxy/proxy.go (ResolveCluster)',
    examples: ['cannot route to service with ClusterIP "None"'],
    needs: { failure: ['serviceHeadless'] },
    rank: 'reason',
    says: [
      {
        code: 'AA224',
        confidence: 'certain',
        why: 'The Service has no ClusterIP, and this kube-apiserver dials ClusterIPs only.',
      },
    ],
  },
  {
    name: 'service-not-checkable',
    source:
      'kube-aggregator remote_available_controller.go (ServiceAccessError, EndpointsAccessError); apiserver pkg/util/proxy/proxy.go',
    examples: [
      'service/metrics-server in "kube-system" cannot be checked due to: the cache is not synced',
      'unsupported service type "ExternalName"',
      'error resolving team/api: service "api" is not of type ClusterIP',
    ],
    needs: { failure: ['serviceNotCheckable'] },
    rank: 'reason',
    says: [
      { code: 'AA222', confidence: 'certain', why: 'kube-aggregator could not resolve the Service to an address.' },
    ],
  },
  {
    name: 'refused',
    source: 'Go net/net.go (OpError), syscall ECONNREFUSED',
    examples: [
      inCondition('dial tcp 10.96.0.20:443: connect: connection refused'),
      inProxy('dial tcp 10.96.0.20:443: getsockopt: connection refused'),
    ],
    needs: { failure: ['connectionRefused'] },
    rank: 'reason',
    says: [
      {
        code: 'AA207',
        confidence: 'certain',
        why: 'The dial was answered with a refusal: the address can be reached, and nothing listens there.',
      },
    ],
  },
  {
    name: 'timed-out',
    source: 'Go net/http client.go and transport.go; kube-aggregator remote_available_controller.go (5 s, 6 s)',
    examples: [
      inCondition('context deadline exceeded (Client.Timeout exceeded while awaiting headers)'),
      inProxy('dial tcp 10.96.0.20:443: i/o timeout'),
      `timed out waiting for ${asked}`,
      inProxy('dial tcp 10.96.0.20:443: i/o time...'),
      'Error from server (Timeout): the server was unable to return a response in the time allotted, but may still be processing the request (get nodes.metrics.k8s.io)',
    ],
    needs: { failure: ['connectionTimedOut'] },
    rank: 'generic',
    says: [
      {
        code: 'AA208',
        confidence: 'certain',
        why: 'No answer came in time. That fits at least eight causes: the words do not say which of dial, TLS and answer was slow.',
      },
    ],
  },
  {
    name: 'not-routable',
    source:
      'Go net/net.go (OpError), syscall EHOSTUNREACH and ENETUNREACH; managed control planes ("Address is not allowed")',
    examples: [
      inCondition('dial tcp 10.96.0.20:443: connect: no route to host'),
      inCondition('Address is not allowed'),
    ],
    needs: { failure: ['addressNotRoutable'] },
    rank: 'reason',
    says: [
      {
        code: 'AA209',
        confidence: 'certain',
        why: 'The network said that there is no way to that address, or that it is not permitted.',
      },
    ],
  },
  {
    name: 'tunnel',
    source:
      'apiserver pkg/server/egressselector; apiserver-network-proxy konnectivity-client; SSH tunnels of older control planes',
    examples: [
      inProxy('No agent available'),
      'Tunnel server egress proxy rejecting connection to 10.0.0.5:8443',
      'error dialing backend: No agent available',
      inProxy(
        'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/konnectivity.socket: connect: no such file or directory"',
      ),
      inCondition('No SSH tunnels currently open. Were the targets able to accept an ssh-key for user "gke-1"?'),
      inCondition('proxy error from 127.0.0.1:8090 while dialing 10.0.0.5:8443, code 503: 503 Service Unavailable'),
      inCondition(
        'dial unix /etc/kubernetes/konnectivity-server/konnectivity-server.socket: connect: no such file or directory',
      ),
    ],
    needs: { failure: ['tunnelUnavailable'], on: ['backend', 'throughApiServer', 'node', 'unknown'] },
    rank: 'reason',
    says: [
      {
        code: 'AA210',
        confidence: 'certain',
        why: 'These are the words of the tunnel (konnectivity, egress selector, SSH) between control plane and nodes.',
      },
    ],
  },
  {
    name: 'http-proxy',
    source: 'Go net/http transport.go (proxyconnect; the status text of a refused CONNECT)',
    examples: [inCondition('proxyconnect tcp: dial tcp 10.1.1.1:3128: i/o timeout'), inCondition('Forbidden')],
    needs: { failure: ['httpProxyInterferes'] },
    rank: 'reason',
    says: [
      {
        code: 'AA211',
        confidence: 'certain',
        why: 'A bare status text, or `proxyconnect`, comes from an HTTP proxy that refused CONNECT, not from the backend.',
      },
    ],
  },
  {
    name: 'name-unresolvable',
    source: 'Go net/net.go (DNSError)',
    examples: [inCondition('dial tcp: lookup api.example.com on 10.0.0.2:53: no such host')],
    needs: { failure: ['nameUnresolvable'] },
    rank: 'reason',
    says: [
      {
        code: 'AA217',
        confidence: 'certain',
        why: 'A name was looked up and not found; kube-aggregator looks names up for ExternalName Services only.',
      },
    ],
  },
  {
    name: 'plain-http',
    source: 'Go net/http client.go, crypto/tls conn.go (RecordHeaderError)',
    examples: [
      inCondition('http: server gave HTTP response to HTTPS client'),
      inProxy('tls: first record does not look like a TLS handshake'),
    ],
    needs: { failure: ['plainHttp'] },
    rank: 'reason',
    says: [{ code: 'AA218', confidence: 'certain', why: 'What answered the TLS hello was not TLS.' }],
  },
  {
    name: 'connection-broken',
    source: 'Go io.EOF, net/http transport.go, golang.org/x/net/http2',
    examples: [
      inCondition('EOF'),
      inProxy('read tcp 10.0.0.1:40000->10.96.0.20:443: read: connection reset by peer'),
      inProxy('http2: client connection lost'),
    ],
    needs: { failure: ['backendError'], status: null, without: /an error on the server/ },
    rank: 'generic',
    says: [
      {
        code: 'AA219',
        confidence: 'certain',
        why: 'The connection stood and was then closed by the other end without an answer.',
      },
    ],
  },
  {
    name: 'no-file-descriptor',
    source: 'Go net (os.SyscallError), syscall EMFILE',
    examples: [inProxy('dial tcp 10.96.0.20:443: socket: too many open files')],
    needs: {
      on: ['backend', 'throughApiServer', 'unknown'],
      words: /\b(?:socket|accept4?|pipe2?): too many open files/,
    },
    rank: 'generic',
    says: [
      {
        code: 'AA219',
        confidence: 'likely',
        why: 'The program that says so has no file descriptor left for a connection: in a dial it is kube-apiserver, in an accept the backend.',
      },
      { code: 'AA803', confidence: 'possible', why: 'Some versions of kube-apiserver leak connections to backends.' },
    ],
  },
  {
    name: 'caller-went-away',
    source: 'Go context.Canceled behind the proxy of kube-aggregator',
    examples: [inProxy('context canceled'), `Error: 'context canceled' Trying to reach: '${asked}/nodes'`],
    needs: {
      words: /error trying to reach service: ['"]{0,2}context canceled|context canceled['"]{0,2} Trying to reach: /i,
    },
    rank: 'generic',
    says: [
      {
        code: 'AA208',
        confidence: 'likely',
        why: 'Whoever asked gave up before an answer came.',
      },
      { code: 'AA214', confidence: 'possible', why: 'The backend may have been about to answer.' },
    ],
  },
];
