import type { Failure, FailureKind } from './failure.ts';

// Texts and their sources: Go net/net.go, net/http, crypto/tls/alert.go, crypto/x509/verify.go; client-go transport;
// apiserver egressselector; kube-aggregator resolvers. Order matters: the first match wins.
const innerTexts: readonly (readonly [RegExp, FailureKind])[] = [
  [
    /^proxyconnect tcp: |^(?:Service Unavailable|Forbidden|Bad Gateway|Proxy Authentication Required)$/,
    'httpProxyInterferes',
  ],
  [
    /No agent available|dial timeout, (?:backstop|context)|tunnel (?:is )?closed|dial closed|via proxy .* failed|buffered data from CONNECT proxy|^proxy error from /,
    'tunnelUnavailable',
  ],
  [/\blookup [^ ]+.*(?:no such host|server misbehaving|i\/o timeout)/, 'nameUnresolvable'],
  [/^dial tcp: (?:missing address|address \S+: invalid port)/, 'serviceNotCheckable'],
  [/connect: connection refused/, 'connectionRefused'],
  [
    /no route to host|network is unreachable|connect: invalid argument|connect: permission denied|Address is not allowed/,
    'addressNotRoutable',
  ],
  [/unable to load root certificates: /, 'caBundleUnreadable'],
  [/x509: certificate has expired or is not yet valid: current time \S+ is before /, 'certificateNotYetValid'],
  [/x509: certificate has expired or is not yet valid/, 'certificateExpired'],
  [/x509: certificate relies on legacy Common Name field/, 'commonNameOnly'],
  [/x509: certificate is (?:not )?valid for |x509: cannot validate certificate for /, 'serverNameNotCovered'],
  [
    /insecure algorithm |RSA key (?:larger|smaller) than|server sent certificate containing RSA key/,
    'signatureAlgorithmRefused',
  ],
  [/x509: certificate signed by unknown authority|x509: failed to load system roots/, 'unknownAuthority'],
  [/not authorized to sign for this name|unconstrained name|name constraint/, 'nameConstraintViolated'],
  [
    /incompatible key usage|not authorized to sign other certificates|not authorized for an extended key usage|too many intermediates for path length/,
    'keyUsageUnsuitable',
  ],
  [
    /failed to parse certificate from server|x509: (?:malformed|negative serial|invalid|unhandled critical|unsupported)/,
    'certificateMalformed',
  ],
  // Proxied bodies have the second wording for the same: the TLS hello was answered in clear text.
  [/server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/, 'plainHttp'],
  [
    /context deadline exceeded|Client\.Timeout exceeded|i\/o timeout|TLS handshake timeout|connection timed out|request canceled while waiting|^timed out waiting for /,
    'connectionTimedOut',
  ],
  [/(?:remote|local) error: tls: |server selected unsupported protocol version|^tls: |^x509: /, 'tlsHandshakeFails'],
];

const dialled = /(?:dial tcp |(?:read|write) tcp \S+?->)(?:\[([0-9a-fA-F:]+)\]|([\w.-]+)):(\d+)/;

/**
 * Reads the words of a Go client about a request that got no HTTP answer: `dial tcp 10.0.0.1:443: connect: connection
 * refused`, `x509: …`, `EOF`. Words that fit nothing known are a `backendError`: the connection broke in some other way.
 */
export const readGoError = (text: string): Failure => {
  const inner = text.replace(/^tls: failed to verify certificate: /, '');
  const address = dialled.exec(text);
  return {
    kind: innerTexts.find(([pattern]) => pattern.test(inner))?.[1] ?? 'backendError',
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
const delegationRefused = /(?:subjectaccessreviews|tokenreviews)\.\S+ is forbidden: User "system:serviceaccount:/;

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
