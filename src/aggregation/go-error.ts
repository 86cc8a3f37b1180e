import type { Failure, FailureKind } from './failure.ts';

// Texts and their sources: Go net/net.go, net/http, crypto/tls/alert.go, crypto/x509/verify.go; client-go transport;
// apiserver egressselector; kube-aggregator resolvers. Order matters: the first match wins.
const innerTexts: readonly (readonly [RegExp, FailureKind])[] = [
  [
    // The capitals are net/http's own: in small letters `service unavailable` is what kube-aggregator answers itself.
    /\b(?:proxyconnect|socks connect) tcp|^(?:Proxy Authentication Required|Bad Gateway|Gateway Timeout)\b|^(?:Service Unavailable|Forbidden)(?=\s*(?:["',;)\]]|$)|\n)/,
    'httpProxyInterferes',
  ],
  [
    /No (?:agent|backend) available|egress proxy (?:rejecting|refus)|failed to find session for client|failed to get a backend|dial timeout, (?:backstop|context)|tunnel (?:is )?closed|\bdial closed|via proxy \S{1,300} failed|buffered data from CONNECT proxy|\bproxy error from \S+ while dialing|\brpc error: code = |\b(?:dial|read|write) unix \S|No SSH tunnels currently open|\bssh: (?:rejected: connect failed|handshake failed|unable to authenticate|disconnect)/i,
    'tunnelUnavailable',
  ],
  [
    /\blookup \S{1,300}.{0,100}?(?:no such host|server misbehaving|i\/o timeout|no answer from DNS server|lame referral|cannot unmarshal DNS message|no suitable address|temporary failure in name resolution|name or service not known)/i,
    'nameUnresolvable',
  ],
  [/\bdial tcp: (?:missing address|address \S+: (?:invalid port|too many colons))/, 'serviceNotCheckable'],
  // Go before 1.9 names another system call: `getsockopt: connection refused`.
  [/(?:connect|getsockopt): connection refused/, 'connectionRefused'],
  [
    /no route to host|network is unreachable|connect: host is down|cannot assign requested address|connect: (?:invalid argument|permission denied|operation not permitted)|address is not allowed/i,
    'addressNotRoutable',
  ],
  [/unable to load root certificates: /, 'caBundleUnreadable'],
  [/x509: certificate has expired or is not yet valid: current time \S+ is before /, 'certificateNotYetValid'],
  [/x509: (?:\S+ )?certificate (?:has expired or is not yet valid|is expired)/, 'certificateExpired'],
  [/x509: certificate relies on legacy Common Name field/, 'commonNameOnly'],
  [/x509: certificate is (?:not )?valid for |x509: cannot validate certificate for /, 'serverNameNotCovered'],
  [
    /insecure algorithm |cannot verify signature: algorithm unimplemented|-bit keys are insecure|unsupported type of public key|RSA key (?:larger|smaller) than|server sent certificate containing RSA key/,
    'signatureAlgorithmRefused',
  ],
  // `is not trusted`: Go on macOS asks the system's verifier.
  [
    /x509: certificate signed by unknown authority|x509: failed to load system roots|x509: (?:\S+ )?certificate is not trusted|x509: issuer name does not match subject from issuing certificate|x509: signature check attempts limit reached/,
    'unknownAuthority',
  ],
  // Behind `signed by unknown authority` it is only Go's guess at the reason.
  [/cannot sign this kind of certificate/, 'keyUsageUnsuitable'],
  [/not authorized to sign for this name|unconstrained name|name constraint/, 'nameConstraintViolated'],
  [
    /incompatible key usage|no valid chains built|not authorized to sign other certificates|not authorized for an extended key usage|too many intermediates for path length/,
    'keyUsageUnsuitable',
  ],
  [
    /failed to parse certificate from server|x509: (?:malformed|negative serial|invalid|unhandled critical|unsupported)/,
    'certificateMalformed',
  ],
  // Proxied bodies have the second wording for the same: the TLS hello was answered in clear text.
  // 20527 are the bytes `P/` of `HTTP/` read as the length of a TLS record.
  [
    /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake|oversized record received with length 20527/,
    'plainHttp',
  ],
  [
    /context deadline exceeded|Client\.Timeout (?:exceeded|or context cancellation)|i\/o timeout|TLS handshake timeout|timeout awaiting response headers|connection timed out|operation timed out|request canceled while waiting|timed out waiting for https?:/,
    'connectionTimedOut',
  ],
  [
    /(?:remote|local) error: (?:tls: )?\w|server selected unsupported protocol version|(?:^|[\s"'[])(?:tls|x509): \w/,
    'tlsHandshakeFails',
  ],
  [
    /\bEOF\b|connection reset by peer|broken pipe|http2: |stream error: stream ID|transport connection broken|malformed HTTP|server closed idle connection|use of closed network connection|software caused connection abort|malformed chunked encoding/,
    'backendError',
  ],
  [/stopped after \d+ redirects/, 'redirect'],
];

const dialled = /(?:dial tcp |(?:read|write) tcp \S+?->)(?:\[([0-9a-fA-F:]+)\]|([\w.-]+)):(\d+)/;

/** The kind of the first Go error in the text, wherever it stands; null where there is none that is known. */
export const findGoError = (text: string): FailureKind | null =>
  innerTexts.find(([pattern]) => pattern.test(text))?.[1] ?? null;

/**
 * Reads the words of a Go client about a request that got no HTTP answer: `dial tcp 10.0.0.1:443: connect: connection
 * refused`, `x509: …`, `EOF`. Words that fit nothing known are a `backendError`: the connection broke in some other way.
 */
export const readGoError = (text: string): Failure => {
  const inner = text.replace(/^tls: failed to verify certificate: /, '');
  const address = dialled.exec(text);
  return {
    // kube-apiserver dials a backend over a Unix socket only where an egress proxy is configured (apiserver egressselector).
    kind: /\bdial unix \S/.test(inner) ? 'tunnelUnavailable' : (findGoError(inner) ?? 'backendError'),
    text,
    address: address?.[1] ?? address?.[2] ?? null,
    port: address?.[3] === undefined ? null : Number(address[3]),
    url: null,
    httpStatus: null,
    boundary: /current time \S+ is (?:after|before) (\S+)$/.exec(text)?.[1] ?? null,
  };
};

/** What an HTTP status from the backend itself means to the availability check, which accepts 200 to 299 only. */
export const readHttpStatus = (httpStatus: number, text: string): Failure => ({
  kind: statusKind(httpStatus, text),
  text,
  address: null,
  port: null,
  url: null,
  httpStatus,
  boundary: null,
});

// A k8s.io/apiserver backend that may not ask whether the caller is allowed (apiserver pkg/endpoints/filters/authorization.go).
export const delegationRefused =
  /(?:subjectaccessreviews|tokenreviews)\.\S+ is forbidden: User "system:serviceaccount:/;

// The same question, refused because the backend's own token is not accepted (client-go rest/request.go, newUnstructuredResponseError).
const credentialsRejected =
  /^Internal Server Error: "[^"]*": (?:Unauthorized|the server has asked for the client to provide credentials)/;

// apiserver pkg/authentication/request/x509/x509.go, a verifier with allowed names.
const notAllowedName = /x509: subject with cn=\S+ is not in the allowed list/;

const statusKind = (httpStatus: number, text: string): FailureKind => {
  if (httpStatus === 500 && delegationRefused.test(text)) return 'authDelegatorMissing';
  if (httpStatus === 500 && credentialsRejected.test(text)) return 'backendCredentialsRejected';
  if (httpStatus === 401) return notAllowedName.test(text) ? 'proxyNameNotAllowed' : 'proxyCertificateRejected';
  if (httpStatus === 403) return 'backendForbids';
  if (httpStatus === 404) return 'pathMissing';
  if (httpStatus >= 300 && httpStatus < 400) return 'redirect';
  return 'backendError';
};
