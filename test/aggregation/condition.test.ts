import { describe, expect, it } from 'vitest';

import { readCondition } from '../../src/aggregation/condition.ts';
import type { Failure, FailureKind } from '../../src/aggregation/failure.ts';

type Expected = Partial<Omit<Failure, 'kind' | 'text'>>;

const nothing = { address: null, port: null, url: null, httpStatus: null, boundary: null };
const url = 'https://10.96.0.20:443/apis/metrics.k8s.io/v1beta1';
const dialled = { url, address: '10.96.0.20', port: 443 };

const read = (reason: string, message: string, status: 'False' | 'Unknown' = 'False'): Failure | null =>
  readCondition({ status, reason, message, since: null });

const unanswered = (words: string, at = url): Failure | null =>
  read('FailedDiscoveryCheck', `failing or missing response from ${at}: Get "${at}": ${words}`);

describe('a condition that is True', () => {
  it.each([
    ['Local', 'Local APIServices are always available'],
    ['Passed', 'all checks passed'],
  ])('%s is no failure', (reason, message) => {
    expect(readCondition({ status: 'True', reason, message, since: null })).toBeNull();
  });
});

describe('reasons that speak for themselves', () => {
  it.each<[string, string, FailureKind]>([
    ['ServiceNotFound', 'service/nosvc in "sem" is not present', 'serviceMissing'],
    ['ServiceAccessError', 'service/x in "sem" cannot be checked due to: boom', 'serviceNotCheckable'],
    ['ServicePortError', 'service/badport in "sem" is not listening on port 8443', 'servicePortMissing'],
    ['EndpointsNotFound', 'cannot find endpoints for service/noep in "sem"', 'endpointsMissing'],
    ['EndpointsNotFound', 'cannot find endpointslices for service/noep in "sem"', 'endpointsMissing'],
    ['EndpointsAccessError', 'service/x in "sem" cannot be checked due to: boom', 'serviceNotCheckable'],
    [
      'MissingEndpoints',
      'endpoints for service/x in "sem" have no addresses with port name "https"',
      'endpointsMissing',
    ],
    [
      'MissingEndpoints',
      'endpointslices for service/x in "sem" have no addresses with port name "https"',
      'endpointsMissing',
    ],
    [
      'MissingEndpoints',
      'endpointslices for service/x in "sem" have no addresses with port name ""',
      'endpointsMissing',
    ],
  ])('%s: %s', (reason, message, kind) => {
    const status = reason.endsWith('AccessError') ? 'Unknown' : 'False';
    expect(read(reason, message, status)).toEqual({ ...nothing, kind, text: message });
  });
});

describe('FailedDiscoveryCheck of the resolver, without URL', () => {
  it.each<[string, FailureKind]>([
    ['cannot route to service with ClusterIP "None"', 'serviceHeadless'],
    ['unsupported service type "ExternalName"', 'serviceNotCheckable'],
    ['no service port 8443 found for service "np-badport"', 'servicePortMissing'],
    ['no endpoints available for service "np-noep"', 'endpointsMissing'],
    ['endpoints "np-noep" not found', 'endpointsMissing'],
    ['service "gone" not found', 'serviceMissing'],
  ])('%s', (message, kind) => {
    expect(read('FailedDiscoveryCheck', message)).toEqual({ ...nothing, kind, text: message });
  });
});

describe('FailedDiscoveryCheck through an egress proxy on a Unix socket', () => {
  it.each(['no such file or directory', 'connection refused'])('%s', (error) => {
    const message = `failing or missing response from ${url}: Get "${url}": dial unix /etc/kubernetes/konnectivity-server/konnectivity-server.socket: connect: ${error}`;
    expect(read('FailedDiscoveryCheck', message)).toMatchObject({ kind: 'tunnelUnavailable' });
  });
});

describe('FailedDiscoveryCheck with a bad status', () => {
  it.each<[number, FailureKind]>([
    [301, 'redirect'],
    [302, 'redirect'],
    [304, 'redirect'],
    [307, 'redirect'],
    [308, 'redirect'],
    [401, 'proxyCertificateRejected'],
    [403, 'backendForbids'],
    [404, 'pathMissing'],
    [429, 'backendError'],
    [500, 'backendError'],
    [502, 'backendError'],
    [503, 'backendError'],
    [504, 'backendError'],
  ])('%i', (httpStatus, kind) => {
    const words = `bad status from ${url}: ${httpStatus}`;
    expect(read('FailedDiscoveryCheck', `failing or missing response from ${url}: ${words}`)).toEqual({
      ...nothing,
      ...dialled,
      kind,
      httpStatus,
      text: words,
    });
  });

  it('reads the URL of kube-apiserver itself, to which service default/kubernetes resolves', () => {
    const own = 'https://[::1]:6443/apis/sem.example.com/v1';
    expect(
      read('FailedDiscoveryCheck', `failing or missing response from ${own}: bad status from ${own}: 503`),
    ).toMatchObject({
      kind: 'backendError',
      url: own,
      address: '::1',
      port: 6443,
      httpStatus: 503,
    });
  });
});

describe('FailedDiscoveryCheck that waited', () => {
  it.each([
    [url, '10.96.0.20', 443],
    ['https://[fd00:10:96::14]:8443/apis/metrics.k8s.io/v1beta1', 'fd00:10:96::14', 8443],
    ['https://10.244.1.7:4443/api/v1', '10.244.1.7', 4443],
  ])('timed out waiting for %s', (at, address, port) => {
    const message = `timed out waiting for ${at}`;
    expect(read('FailedDiscoveryCheck', message)).toEqual({
      ...nothing,
      kind: 'connectionTimedOut',
      text: message,
      url: at,
      address,
      port,
    });
  });
});

describe('FailedDiscoveryCheck without an answer', () => {
  const verify = 'tls: failed to verify certificate: ';
  it.each<[string, FailureKind, Expected?]>([
    ['dial tcp 10.96.0.20:443: connect: connection refused', 'connectionRefused'],
    ['dial tcp 10.96.0.20:443: connect: no route to host', 'addressNotRoutable'],
    ['dial tcp 10.96.0.20:443: connect: network is unreachable', 'addressNotRoutable'],
    ['dial tcp 10.96.0.20:443: i/o timeout', 'connectionTimedOut'],
    ['dial tcp 10.96.0.20:443: connect: connection timed out', 'connectionTimedOut'],
    ['dial tcp 10.96.0.20:443: connect: connection reset by peer', 'backendError'],
    ['dial tcp: lookup nowhere.invalid on 10.0.0.2:53: no such host', 'nameUnresolvable'],
    ['dial tcp: lookup nowhere.invalid: no such host', 'nameUnresolvable'],
    ['dial tcp: lookup nowhere.invalid on 10.0.0.2:53: server misbehaving', 'nameUnresolvable'],
    ['dial tcp: lookup nowhere.invalid on [fd00::2]:53: server misbehaving', 'nameUnresolvable'],
    [
      'dial tcp: lookup nowhere.invalid on 10.0.0.2:53: read udp 10.0.0.1:4242->10.0.0.2:53: i/o timeout',
      'nameUnresolvable',
    ],
    ['dial tcp: lookup nowhere.invalid: i/o timeout', 'nameUnresolvable'],
    ['dial tcp: address 10.96.0.20:99999: invalid port', 'serviceNotCheckable'],
    ['dial tcp: missing address', 'serviceNotCheckable'],
    ['context deadline exceeded (Client.Timeout exceeded while awaiting headers)', 'connectionTimedOut'],
    [
      'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
      'connectionTimedOut',
    ],
    ['net/http: request canceled (Client.Timeout exceeded while awaiting headers)', 'connectionTimedOut'],
    ['context deadline exceeded', 'connectionTimedOut'],
    ['net/http: TLS handshake timeout', 'connectionTimedOut'],
    ['EOF', 'backendError'],
    ['unexpected EOF', 'backendError'],
    ['read tcp 10.0.0.1:40312->10.96.0.20:443: read: connection reset by peer', 'backendError'],
    ['write tcp 10.0.0.1:40312->10.96.0.20:443: write: broken pipe', 'backendError'],
    ['http: server gave HTTP response to HTTPS client', 'plainHttp'],
    ['tls: first record does not look like a TLS handshake', 'plainHttp'],
    // 20527 is 0x502F, the `P/` of `HTTP/1.1` where a TLS record has its length (RFC 8446, 5.1).
    ['tls: oversized record received with length 20527', 'plainHttp'],
    ['tls: oversized record received with length 25888', 'tlsHandshakeFails'],
    ['tls: unsupported SSLv2 handshake received', 'tlsHandshakeFails'],
    ['tls: received record with version 3031 when expecting version 303', 'tlsHandshakeFails'],
    ['tls: server selected unsupported protocol version 302', 'tlsHandshakeFails'],
    ['remote error: tls: handshake failure', 'tlsHandshakeFails'],
    ['remote error: tls: protocol version not supported', 'tlsHandshakeFails'],
    ['remote error: tls: unrecognized name', 'tlsHandshakeFails'],
    ['remote error: tls: internal error', 'tlsHandshakeFails'],
    ['remote error: tls: bad certificate', 'tlsHandshakeFails'],
    ['remote error: tls: certificate required', 'tlsHandshakeFails'],
    ['remote error: tls: unknown certificate authority', 'tlsHandshakeFails'],
    ['remote error: tls: expired certificate', 'tlsHandshakeFails'],
    ['remote error: tls: unknown certificate', 'tlsHandshakeFails'],
    ['remote error: tls: unsupported certificate', 'tlsHandshakeFails'],
    ['remote error: tls: access denied', 'tlsHandshakeFails'],
    ['remote error: tls: error decrypting message', 'tlsHandshakeFails'],
    ['local error: tls: bad record MAC', 'tlsHandshakeFails'],
    ['tls: failed to parse certificate from server: x509: negative serial number', 'certificateMalformed'],
    ['tls: failed to parse certificate from server: x509: malformed certificate', 'certificateMalformed'],
    ['tls: server sent certificate containing RSA key larger than 8192 bits', 'signatureAlgorithmRefused'],
    ['unable to load root certificates: unable to parse bytes as PEM block', 'caBundleUnreadable'],
    ['http2: client connection lost', 'backendError'],
    ['http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug=""', 'backendError'],
    ['http2: client conn not usable', 'backendError'],
    ['stream error: stream ID 1; INTERNAL_ERROR', 'backendError'],
    ['http: server closed idle connection', 'backendError'],
    ['use of closed network connection', 'backendError'],
    ['stopped after 10 redirects', 'redirect'],
    ['net/http: HTTP/1.x transport connection broken: malformed HTTP status code "world"', 'backendError'],
    ['net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0"', 'backendError'],
    [
      'proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused',
      'httpProxyInterferes',
      { address: '10.0.0.9', port: 3128 },
    ],
    ['proxyconnect tcp: dial tcp: lookup proxy.example.com on 10.0.0.2:53: no such host', 'httpProxyInterferes'],
    ['proxyconnect tcp: tls: first record does not look like a TLS handshake', 'httpProxyInterferes'],
    ['Service Unavailable', 'httpProxyInterferes'],
    ['Forbidden', 'httpProxyInterferes'],
    ['Bad Gateway', 'httpProxyInterferes'],
    ['No agent available', 'tunnelUnavailable'],
    ['dial timeout, backstop', 'tunnelUnavailable'],
    ['dial timeout, context', 'tunnelUnavailable'],
    ['dial closed', 'tunnelUnavailable'],
    ['tunnel closed', 'tunnelUnavailable'],
    ['tunnel is closed', 'tunnelUnavailable'],
    ['reading HTTP response from CONNECT to 10.96.0.20:443 via proxy 127.0.0.1:8131 failed: EOF', 'tunnelUnavailable'],
    [
      'proxy error from 127.0.0.1:8131 while dialing 10.96.0.20:443, code 503: 503 Service Unavailable',
      'tunnelUnavailable',
    ],
    ['unexpected 12 bytes of buffered data from CONNECT proxy "127.0.0.1:8131"', 'tunnelUnavailable'],
    [
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/konnectivity-server.socket: connect: no such file or directory"',
      'tunnelUnavailable',
    ],
    ['write unix @->/run/proxysocket: write: broken pipe', 'tunnelUnavailable'],
    [
      'No SSH tunnels currently open. Were the targets able to accept an ssh-key for user "gke-1"?',
      'tunnelUnavailable',
    ],
    ['ssh: rejected: connect failed (Connection timed out)', 'tunnelUnavailable'],
    ...['', verify].flatMap((prefix): [string, FailureKind, Expected?][] => [
      [
        `${prefix}x509: certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is after 2026-11-01T00:00:00Z`,
        'certificateExpired',
        { boundary: '2026-11-01T00:00:00Z' },
      ],
      [
        `${prefix}x509: certificate has expired or is not yet valid: current time 2026-11-21T10:00:00Z is before 2026-12-01T00:00:00Z`,
        'certificateNotYetValid',
        { boundary: '2026-12-01T00:00:00Z' },
      ],
      [
        `${prefix}x509: certificate is valid for a.example.org, b.example.org, not t-wrongname.sem.svc`,
        'serverNameNotCovered',
      ],
      [
        `${prefix}x509: certificate is valid for *.sem.svc.cluster.local, not t-clusterlocal.sem.svc`,
        'serverNameNotCovered',
      ],
      [`${prefix}x509: certificate is valid for 120 names, but none matched t-many.sem.svc`, 'serverNameNotCovered'],
      [
        `${prefix}x509: certificate is not valid for any names, but wanted to match t-iponly.sem.svc`,
        'serverNameNotCovered',
      ],
      [`${prefix}x509: certificate relies on legacy Common Name field, use SANs instead`, 'commonNameOnly'],
      [
        `${prefix}x509: certificate relies on legacy Common Name field, use SANs or temporarily enable Common Name matching with GODEBUG=x509ignoreCN=0`,
        'commonNameOnly',
      ],
      [`${prefix}x509: certificate signed by unknown authority`, 'unknownAuthority'],
      [
        `${prefix}x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "extension-ca")`,
        'unknownAuthority',
      ],
      [
        `${prefix}x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "extension-ca")`,
        'unknownAuthority',
      ],
      [
        `${prefix}x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "serial:1")`,
        'unknownAuthority',
      ],
      [`${prefix}x509: failed to load system roots and no roots provided`, 'unknownAuthority'],
      [
        `${prefix}x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm SHA1-RSA" while trying to verify candidate authority certificate "extension-ca")`,
        'signatureAlgorithmRefused',
      ],
      [`${prefix}x509: certificate specifies an incompatible key usage`, 'keyUsageUnsuitable'],
      [`${prefix}x509: certificate is not authorized to sign other certificates`, 'keyUsageUnsuitable'],
      [
        `${prefix}x509: invalid signature: parent certificate cannot sign this kind of certificate`,
        'keyUsageUnsuitable',
      ],
      [`${prefix}x509: too many intermediates for path length constraint`, 'keyUsageUnsuitable'],
      [
        `${prefix}x509: a root or intermediate certificate is not authorized for an extended key usage: EKU not permitted: 1`,
        'keyUsageUnsuitable',
      ],
      [
        `${prefix}x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "a.b.svc" is not permitted by any constraint`,
        'nameConstraintViolated',
      ],
      [
        `${prefix}x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "a.b.svc" is excluded by constraint "b.svc"`,
        'nameConstraintViolated',
      ],
      [
        `${prefix}x509: issuer has name constraints but leaf contains unknown or unconstrained name: a.b.svc`,
        'nameConstraintViolated',
      ],
      [`${prefix}x509: unhandled critical extension`, 'certificateMalformed'],
      // Refusals of kube-apiserver, for which no finding has a closer name; never a connection that the backend broke.
      [`${prefix}x509: issuer name does not match subject from issuing certificate`, 'unknownAuthority'],
      [`${prefix}x509: signature check attempts limit reached while verifying certificate chain`, 'unknownAuthority'],
      [`${prefix}x509: unknown error`, 'tlsHandshakeFails'],
    ]),
  ])('%s', (words, kind, expected = {}) => {
    const inUrl = /lookup nowhere\.invalid/.test(words)
      ? 'https://nowhere.invalid:443/apis/metrics.k8s.io/v1beta1'
      : url;
    const host = inUrl === url ? dialled : { url: inUrl, address: 'nowhere.invalid', port: 443 };
    expect(unanswered(words, inUrl)).toEqual({ ...nothing, ...host, ...expected, kind, text: words });
  });
});

describe('addresses', () => {
  it.each([
    [
      'dial tcp [fd00:10:96::14]:443: connect: connection refused',
      'https://[fd00:10:96::14]:443/apis/g/v1',
      'fd00:10:96::14',
      443,
    ],
    [
      'read tcp [fd00::1]:40312->[fd00:10:96::14]:443: read: connection reset by peer',
      'https://[fd00:10:96::14]:443/apis/g/v1',
      'fd00:10:96::14',
      443,
    ],
    ['dial tcp 10.244.1.7:8443: connect: connection refused', 'https://10.244.1.7:8443/apis/g/v1', '10.244.1.7', 8443],
    ['EOF', 'https://10.244.1.7:8443/apis/g/v1', '10.244.1.7', 8443],
    ['context deadline exceeded', 'https://[fd00:10:244::7]:8443/apis/g/v1', 'fd00:10:244::7', 8443],
    ['EOF', 'https://10.96.0.20:443/api/v1', '10.96.0.20', 443],
  ])('%s from %s', (words, at, address, port) => {
    expect(unanswered(words, at)).toMatchObject({ address, port, url: at });
  });
});

describe('a reason that kube-apiserver does not write', () => {
  it.each(['SomethingElse', '__proto__', 'constructor'])('%s is read by its message alone', (reason) => {
    expect(
      read(reason, `failing or missing response from ${url}: bad status from ${url}: 404`, 'Unknown'),
    ).toMatchObject({
      kind: 'pathMissing',
      httpStatus: 404,
    });
  });
});
