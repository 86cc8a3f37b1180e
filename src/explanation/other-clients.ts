import type { FailureKind } from '../aggregation/failure.ts';

// What other languages' clients say for the failures that Go has its own words for. First match wins.
const texts: readonly (readonly [RegExp, FailureKind])[] = [
  // Windows (WSA error texts), also behind Go's `connectex:` and `wsarecv:`.
  [/target machine actively refused it/, 'connectionRefused'],
  [/connected party did not properly respond after a period of time/, 'connectionTimedOut'],
  [/socket operation was attempted to an unreachable (?:network|host)/, 'addressNotRoutable'],
  [/existing connection was forcibly closed/, 'backendError'],
  [/certificate[_ ](?:has )?expired|\bCERT_HAS_EXPIRED\b|invalid peer certificate: Expired/i, 'certificateExpired'],
  [/certificate is not yet valid|invalid peer certificate: NotValidYet/i, 'certificateNotYetValid'],
  [
    /does not match certificate's altnames|ERR_TLS_CERT_ALTNAME_INVALID|hostname ['"][^'"]{1,253}['"] doesn't match|No subject alternative (?:DNS )?names? (?:matching|present)|certificate is not valid for ['"]|no alternative certificate subject name matches|NotValidForName|hostname mismatch|does(?: not|n't) match (?:the )?host ?name/i,
    'serverNameNotCovered',
  ],
  [
    /unable to get (?:local )?issuer certificate|unable to verify the first certificate|(?<!(?:creat|generat|us|load)\w{0,3} (?:a |an |the |new ){0,2})self[- ]signed certificate(?!s)|PKIX path building failed|unable to find valid certification path|CERTIFICATE_VERIFY_FAILED|UnknownIssuer|certificate verify failed|root certificate which is not trusted|\bUNABLE_TO_(?:GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)\b/i,
    'unknownAuthority',
  ],
  [/wrong version number|Unsupported or unrecognized SSL message|HTTP request to an HTTPS server/i, 'plainHttp'],
  // curl says the same of a refusal and of a dial that nobody answered; the time that it took tells them apart.
  [/failed to connect to \S{1,300} port \d{1,5} after \d{4,9} ms/i, 'connectionTimedOut'],
  [/\bECONNREFUSED\b|connection refused|could(?:n't| not) connect to server/i, 'connectionRefused'],
  [/\bE(?:HOST|NET)UNREACH\b|NoRouteToHost|host is unreachable/i, 'addressNotRoutable'],
  [
    /\bENOTFOUND\b|\bEAI_AGAIN\b|could not resolve host|name or service not known|UnknownHostException|temporary failure in name resolution/i,
    'nameUnresolvable',
  ],
  [
    /\bETIMEDOUT\b|\bESOCKETTIMEDOUT\b|connect timed out|read timed out|connection timeout|ConnectTimeout|SocketTimeoutException|(?:operation|connection) timed out|deadline[ _]exceeded|http: Handler timeout/i,
    'connectionTimedOut',
  ],
  [
    /handshake[_ ]failure|sslv3 alert|tlsv1 alert|SSLHandshakeException|no shared cipher|no cipher suite supported/i,
    'tlsHandshakeFails',
  ],
  [
    /\bECONNRESET\b|socket hang up|connection (?:was )?reset|empty reply from server|SSL_ERROR_SYSCALL|unexpected eof while reading|connection closed (?:by|before)/i,
    'backendError',
  ],
];

/** The kind of failure in the words of OpenSSL, Node.js, Python, Java, Rust, curl or Windows; null where it is none of them. */
export const findOtherClientsError = (text: string): FailureKind | null =>
  texts.find(([pattern]) => pattern.test(text))?.[1] ?? null;
