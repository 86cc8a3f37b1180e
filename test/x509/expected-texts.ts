/** What Go 1.26 can say of a chain (go-x509-semantics.md, sections 1 to 8); `…` and N stand for what differs. */
const CHAIN_TEXTS: readonly string[] = [
  'unable to load root certificates: unable to parse bytes as PEM block',
  'unable to load root certificates: failed to parse certificate: ',
  'unable to load root certificates: no valid certificate authority data seen',
  'tls: handshake message of length N bytes exceeds maximum of N bytes',
  'tls: failed to parse certificate from server: ',
  'tls: server sent certificate containing RSA key larger than N bits',
  'tls: failed to verify certificate: ',
  "tls: server's certificate contains an unsupported type of public key: *dsa.PublicKey",
  "tls: server's certificate contains an unsupported type of public key: <nil>",
  'x509: unhandled critical extension',
  'x509: certificate has expired or is not yet valid: current time … is before …',
  'x509: certificate has expired or is not yet valid: current time … is after …',
  'x509: certificate is not authorized to sign other certificates',
  'x509: too many intermediates for path length constraint',
  'x509: signature check attempts limit reached while verifying certificate chain',
  'x509: certificate signed by unknown authority',
  'x509: certificate relies on legacy Common Name field, use SANs instead',
  'x509: certificate is valid for …, not …',
  'x509: certificate is not valid for any names, but wanted to match …',
  'x509: certificate is valid for N names, but none matched …',
  'x509: certificate is valid for N IP SANs, but none matched …',
  "x509: cannot validate certificate for … because it doesn't contain any IP SANs",
  'x509: certificate specifies an incompatible key usage',
  'x509: no valid chains built: N candidate chains with invalid policies',
  'x509: no valid chains built: N candidate chains with incompatible key usage, N candidate chains with invalid policies',
];

const UNAUTHORIZED = 'x509: a root or intermediate certificate is not authorized to sign for this name: ';
const NAME_CONSTRAINT_TEXTS: readonly string[] = [
  ...['DNS name', 'IP address', 'URI', 'email address'].flatMap((kind) => [
    `${kind} "…" is not permitted by any constraint`,
    `${kind} "…" is excluded by constraint "…"`,
  ]),
  'x509: cannot parse dnsName "…"',
  'cannot parse rfc822Name "…"',
  'URI with empty host ("…") cannot be matched against constraints',
  'URI with IP ("…") cannot be matched against constraints',
  'cannot parse URI host "…": address …: too many colons in address',
].map((detail) => UNAUTHORIZED + detail);

const HINT_TEXTS: readonly string[] = [
  'x509: invalid signature: parent certificate cannot sign this kind of certificate',
  'x509: cannot verify signature: algorithm unimplemented',
  'x509: cannot verify signature: insecure algorithm MD5-RSA',
  'x509: cannot verify signature: insecure algorithm SHA1-RSA',
  'x509: cannot verify signature: insecure algorithm ECDSA-SHA1',
  'x509: cannot verify signature: insecure algorithm DSA-SHA1',
  ...['RSA', 'ECDSA', 'Ed25519', 'DSA'].flatMap((wanted) =>
    ['*rsa.PublicKey', '*ecdsa.PublicKey', 'ed25519.PublicKey']
      .filter((type) => !type.toLowerCase().includes(`${wanted.toLowerCase()}.`))
      .map(
        (type) => `x509: signature algorithm specifies an ${wanted} public key, but have public key of type ${type}`,
      ),
  ),
  'crypto/rsa: verification error',
  'x509: ECDSA verification failure',
  'x509: Ed25519 verification failure',
  'crypto/rsa: N-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)',
].map(
  (hint) =>
    `x509: certificate signed by unknown authority (possibly because of "${hint}" while trying to verify candidate authority certificate "…")`,
);

const CURVES = ['P224', 'P256', 'P384', 'P521'];

/** What Go 1.26 can say of a certificate it does not parse (go-x509-semantics.md, section 9). */
const PARSE_TEXTS: readonly string[] = [
  ...[
    'malformed certificate',
    'malformed tbs certificate',
    'malformed version',
    'invalid version',
    'malformed serial number',
    'negative serial number',
    'malformed signature algorithm identifier',
    'malformed algorithm identifier',
    "inner and outer signature algorithm identifiers don't match",
    'malformed OID',
    'malformed parameters',
    'malformed issuer',
    'invalid RDNSequence',
    'invalid RDNSequence: invalid attribute',
    'invalid RDNSequence: invalid attribute type',
    'invalid RDNSequence: invalid attribute value',
    'invalid RDNSequence: invalid attribute value: invalid PrintableString',
    'invalid RDNSequence: invalid attribute value: invalid UTF-8 string',
    'invalid RDNSequence: invalid attribute value: invalid IA5String',
    'invalid RDNSequence: invalid attribute value: invalid BMPString',
    'invalid RDNSequence: invalid attribute value: invalid NumericString',
    'invalid RDNSequence: invalid attribute value: unsupported string type: N',
    'malformed validity',
    'malformed UTCTime',
    'malformed GeneralizedTime',
    'unsupported time format',
    'malformed spki',
    'malformed public key algorithm identifier',
    'malformed subjectPublicKey',
    'RSA key missing NULL parameters',
    'invalid RSA public key',
    'invalid RSA modulus',
    'invalid RSA public exponent',
    'RSA modulus is not a positive number',
    'RSA public exponent is not a positive number',
    'unsupported elliptic curve',
    'invalid ECDSA parameters',
    'wrong Ed25519 public key size',
    'Ed25519 key encoded with illegal parameters',
    'invalid DSA public key',
    'invalid DSA parameters',
    'zero or negative DSA parameter',
    'malformed issuerUniqueID',
    'malformed subjectUniqueID',
    'malformed extensions',
    'malformed extension',
    'malformed extension OID field',
    'malformed extension critical field',
    'malformed extension value field',
    'certificate contains duplicate extension with OID "…"',
    'invalid key usage',
    'invalid basic constraints',
    'invalid subject alternative names',
    'invalid subject alternative name',
    'SAN dNSName is malformed',
    'SAN rfc822Name is malformed',
    'SAN uniformResourceIdentifier is malformed',
    'cannot parse URI "…": invalid domain',
    'cannot parse IP address of length N',
    'invalid NameConstraints extension',
    'empty name constraints extension',
    'IP constraint contained value of length N',
    'IP constraint contained invalid mask …',
    'failed to parse dnsName constraint "…"',
    'failed to parse rfc822Name constraint "…"',
    'failed to parse URI constraint "…"',
    'failed to parse URI constraint "…": cannot be IP address',
    'invalid constraint value: x509: "…" cannot be encoded as an IA5String',
    'invalid authority key identifier',
    'invalid subject key identifier',
    'authority key identifier incorrectly marked critical',
    'subject key identifier incorrectly marked critical',
    'authority info access incorrectly marked critical',
    'invalid authority info access',
    'invalid CRL distribution points',
    'invalid CRL distribution point',
    'invalid extended key usages',
    'invalid certificate policies',
    'invalid policy constraints extension',
    'invalid policy mappings extension',
    'invalid inhibit any policy extension',
    'malformed signature',
    'trailing data',
    ...[
      'missing protocol scheme',
      'first path segment in URL cannot contain colon',
      'net/url: invalid control character in URL',
      'net/url: invalid userinfo',
      'invalid URL escape "…"',
      'invalid character "…" in host name',
      'invalid port "…" after host',
      'invalid IP-literal',
      "missing ']' in host",
    ].map((why) => `cannot parse URI "…": parse "…": ${why}`),
  ].map((text) => `x509: ${text}`),
  'ecdsa: invalid uncompressed public key',
  ...CURVES.map((curve) => `invalid ${curve} point encoding`),
  ...CURVES.map((curve) => `${curve} point not on curve`),
  'invalid P224Element encoding',
  'invalid P256 element encoding',
  'invalid P384Element encoding',
  'invalid P521Element encoding',
];

/** Every text a long run against Go 1.26 has to come across. */
export const EXPECTED_TEXTS: readonly string[] = [
  ...CHAIN_TEXTS,
  ...NAME_CONSTRAINT_TEXTS,
  ...HINT_TEXTS,
  ...PARSE_TEXTS,
];

const PREFIXES = [
  'tls: failed to verify certificate: ',
  'tls: failed to parse certificate from server: ',
  'unable to load root certificates: failed to parse certificate: ',
];

const withoutQuoted = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"/gs, (quoted) => {
    const inside = quoted.slice(1, -1);
    return /^x509: |^crypto\//.test(inside) ? `"${inside}"` : '"…"';
  });

/** The text without what differs from case to case. */
const kindOf = (text: string): string =>
  withoutQuoted(text)
    .replace(/current time \S+ is (before|after) \S+/, 'current time … is $1 …')
    .replace(/is valid for (\d+) (IP SANs|names), but none matched .*/s, 'is valid for N $2, but none matched …')
    .replace(/is valid for (?!N ).*, not .*/s, 'is valid for …, not …')
    .replace(/wanted to match .*/s, 'wanted to match …')
    .replace(/certificate for \S+ because/, 'certificate for … because')
    .replace(/unsupported string type: \d+/, 'unsupported string type: N')
    .replace(/address \S*: (too many|missing|unexpected)/, 'address …: $1')
    .replace(/invalid mask [0-9a-f]+/, 'invalid mask …')
    .replace(/\b(of length|exceeds maximum of|larger than|built:|usage,) \d+/g, '$1 N')
    .replace(/crypto\/rsa: \d+-bit/, 'crypto/rsa: N-bit');

/** The kinds a text is counted under: each prefix for itself, and what follows it. */
export const kindsOfText = (text: string): readonly string[] => {
  const prefix = PREFIXES.find((candidate) => text.startsWith(candidate));
  if (text === '') return ['(accepted)'];
  return prefix === undefined ? [kindOf(text)] : [prefix, kindOf(text.slice(prefix.length))];
};
