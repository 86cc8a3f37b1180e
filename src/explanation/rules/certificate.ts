import type { Rule } from '../rule.ts';

const inProxy = (words: string): string => `error trying to reach service: ${words}`;
const x509 =
  'Go crypto/x509 verify.go; kube-aggregator handler_proxy.go and, from 1.36 on, remote_available_controller.go';

/** What kube-aggregator says of the TLS handshake, the serving certificate and the CA bundle. */
export const certificateRules: readonly Rule[] = [
  {
    name: 'certificate-expired',
    source: x509,
    examples: [
      inProxy(
        'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-01-02T00:00:00Z is after 2026-01-01T00:00:00Z',
      ),
    ],
    needs: { failure: ['certificateExpired'] },
    rank: 'reason',
    says: [
      {
        code: 'AA301',
        confidence: 'certain',
        why: 'The certificate that the backend serves, or an authority on its path, is past its end.',
      },
    ],
  },
  {
    name: 'certificate-not-yet-valid',
    source: x509,
    examples: [
      inProxy(
        'x509: certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z is before 2026-01-02T00:00:00Z',
      ),
    ],
    needs: { failure: ['certificateNotYetValid'] },
    rank: 'reason',
    says: [
      {
        code: 'AA302',
        confidence: 'certain',
        why: 'The current time printed is before the certificate begins: a clock is behind, or the certificate is made for later.',
      },
    ],
  },
  {
    name: 'wrong-name',
    source: x509,
    examples: [
      inProxy('x509: certificate is valid for api, api.team, not api.team.svc'),
      inProxy('x509: certificate is not valid for any names, but wanted to match api.team.svc'),
    ],
    needs: {
      failure: ['serverNameNotCovered'],
      without: /doesn't contain any IP SANs|, not \d{1,3}(?:\.\d{1,3}){3}\b|, not [0-9a-f]{0,4}:[0-9a-f:]+/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA303',
        confidence: 'certain',
        why: 'The names in the certificate do not include the name that was asked for; kube-aggregator always asks for <service>.<namespace>.svc.',
      },
    ],
  },
  {
    name: 'unknown-authority',
    source: x509,
    examples: [inProxy('tls: failed to verify certificate: x509: certificate signed by unknown authority')],
    needs: {
      failure: ['unknownAuthority'],
      without: /candidate authority certificate "[^"]*(?:front-?proxy|request-?header)/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA304',
        confidence: 'certain',
        why: "The serving certificate's chain ends in no authority of the CA bundle.",
      },
    ],
  },
  {
    name: 'ca-bundle-unreadable',
    source: 'client-go transport/transport.go (rootCertPool); API decoding of spec.caBundle',
    examples: [
      'v1beta1.metrics.k8s.io failed with: unable to load root certificates: unable to parse bytes as PEM block',
    ],
    needs: { failure: ['caBundleUnreadable'] },
    rank: 'reason',
    says: [{ code: 'AA306', confidence: 'certain', why: 'kube-apiserver found no certificate in spec.caBundle.' }],
  },
  {
    name: 'common-name-only',
    source: x509,
    examples: [inProxy('x509: certificate relies on legacy Common Name field, use SANs instead')],
    needs: { failure: ['commonNameOnly'] },
    rank: 'reason',
    says: [
      {
        code: 'AA308',
        confidence: 'certain',
        why: 'The certificate has no subject alternative name, only a Common Name, which Go does not read.',
      },
    ],
  },
  {
    name: 'key-usage',
    source: x509,
    examples: [
      inProxy('x509: certificate specifies an incompatible key usage'),
      inProxy('x509: invalid signature: parent certificate cannot sign this kind of certificate'),
    ],
    needs: { failure: ['keyUsageUnsuitable'] },
    rank: 'reason',
    says: [
      {
        code: 'AA312',
        confidence: 'certain',
        why: 'A certificate on the path may not be used for what it is used for here.',
      },
    ],
  },
  {
    name: 'signature-algorithm',
    source: x509,
    examples: [
      inProxy(
        'x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm SHA1-RSA" while trying to verify candidate authority certificate "ca")',
      ),
    ],
    needs: { failure: ['signatureAlgorithmRefused'] },
    rank: 'reason',
    says: [
      {
        code: 'AA313',
        confidence: 'certain',
        why: "The control plane's Go refuses the algorithm or the key size of a signature on the path.",
      },
    ],
  },
  {
    name: 'mutual-tls-alert',
    source: 'Go crypto/tls alert.go (alerts 42 to 49, 116)',
    examples: [inProxy('remote error: tls: bad certificate'), inProxy('remote error: tls: certificate required')],
    needs: {
      failure: ['tlsHandshakeFails'],
      words:
        /error: (?:tls: )?(?:bad certificate|certificate required|(?:unknown|expired|unsupported|revoked) certificate|access denied|error decrypting)/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA316',
        confidence: 'certain',
        why: "The other end broke the handshake off with an alert about the client's certificate.",
      },
      {
        code: 'AA212',
        confidence: 'likely',
        why: 'k8s.io/apiserver servers only request a client certificate; one that is demanded in TLS is the work of a mesh sidecar or of a server of its own make.',
      },
      {
        code: 'AA601',
        confidence: 'possible',
        why: 'It is the front-proxy certificate of kube-apiserver that was refused.',
      },
    ],
  },
  {
    name: 'handshake',
    source: 'Go crypto/tls alert.go, handshake_client.go',
    examples: [
      inProxy('remote error: tls: protocol version not supported'),
      inProxy('remote error: tls: internal error'),
    ],
    needs: {
      failure: ['tlsHandshakeFails'],
      without:
        /error: (?:tls: )?(?:bad certificate|certificate required|(?:unknown|expired|unsupported|revoked) certificate|access denied|error decrypting)/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA316',
        confidence: 'certain',
        why: 'The TLS handshake was broken off over protocol version, cipher suite, server name or another alert.',
      },
    ],
  },
  {
    name: 'name-constraint',
    source: x509,
    examples: [
      inProxy(
        'x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "api.team.svc" is not permitted by any constraint',
      ),
    ],
    needs: { failure: ['nameConstraintViolated'] },
    rank: 'reason',
    says: [{ code: 'AA318', confidence: 'certain', why: 'An authority on the path is restricted to other names.' }],
  },
  {
    name: 'certificate-malformed',
    source: 'Go crypto/x509 parser.go, crypto/tls handshake_client.go',
    examples: [inProxy('tls: failed to parse certificate from server: x509: negative serial number')],
    needs: { failure: ['certificateMalformed'] },
    rank: 'reason',
    says: [{ code: 'AA319', confidence: 'certain', why: 'Go could not parse the certificate.' }],
  },
];
