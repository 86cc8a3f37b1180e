/** The Go toolchain whose behaviour is asked for, and the one whose GODEBUG defaults are in force. */
export interface GoVersionChoice {
  /** `1.26`, `1.26.8` or `go1.26.8`; 1.19 to 1.27 are known, others are taken as the nearest of these. Default: 1.26. */
  readonly goVersion?: string;
  /** The `go` or `godebug default=` line of the program's go.mod (go.dev/doc/godebug). Default: goVersion. */
  readonly defaultsOf?: string;
}

/** What differs between Go releases where certificates are concerned; each field says where it was read. */
export interface GoRules {
  /** The minor number: 26 for Go 1.26. */
  readonly minor: number;

  /** cryptobyte/asn1.go, readBase128Int: until 1.20 a subidentifier may start with 0x80. */
  readonly oidMayBePadded: boolean;
  /**
   * Encoding/pem: until 1.24.7 and 1.25.1 a block runs from its BEGIN line to the next END line; then from an END line
   * back to the last BEGIN line, at first giving up for good where the two do not fit, since 1.24.11 and 1.25.5 going on.
   */
  readonly pemReading: 'forward' | 'backward-once' | 'backward';
  /** time/format.go: from 1.20 a zone offset has at most 24 hours. */
  readonly zoneHoursLimited: boolean;

  /** parser.go, parseASN1String: from 1.25 T61String is Latin-1, and BMPString may hold no surrogate. */
  readonly legacyStringsDecoded: boolean;
  /** parser.go, readASN1Any: from 1.27 an attribute value may be of any type. */
  readonly attributesOfAnyType: boolean;
  /** parser.go: from 1.23, unless x509negativeserial=1 (the default of programs older than 1.23). */
  readonly negativeSerialRefused: boolean;
  /** parser.go: from 1.23 subject and authority key identifiers and authority info access must not be critical. */
  readonly criticalIdentifiersRefused: boolean;
  /** parser.go: from 1.23 the text names the extension that occurs twice. */
  readonly duplicateExtensionNamed: boolean;
  /** parser.go, parseBasicConstraintsExtension: until 1.20 the texts end in ` a`, ` b` or ` c`. */
  readonly basicConstraintsLettered: boolean;
  /** parser.go: from 1.25 a negative path length is refused. */
  readonly negativePathLengthRefused: boolean;
  /** parser.go, domainNameValid: which names count as well-formed. */
  readonly domainNames: 'reversed-labels-lenient' | 'reversed-labels' | 'scanned';
  /** oid.go: from 1.22 a policy identifier may be larger than 31 bits. */
  readonly policiesOfAnySize: boolean;
  /** parser.go: from 1.24 a certificate policy must not be listed twice. */
  readonly duplicatePoliciesRefused: boolean;
  /** parser.go: from 1.24 policy constraints, policy mappings and inhibitAnyPolicy are understood. */
  readonly policyExtensionsUnderstood: boolean;
  /** parser.go: from 1.27 ::ffff:0:0/96 is refused in SANs and name constraints. */
  readonly mappedAddressesRefused: boolean;
  /** parser.go, parsePublicKey: from 1.26 the errors of crypto/ecdsa come through. */
  readonly curvePointErrorsNamed: boolean;
  /** x509.go: from 1.27 ML-DSA keys and signatures are known. */
  readonly mlDsaKnown: boolean;

  /**
   * Net/url, parseHost: since 1.24.8 and 1.25.2 brackets must hold an IPv6 address. Until 1.24.10 and 1.25.4 an
   * IPv4-mapped one was refused too; until 1.25.7 and 1.26.0 they might stand behind other text, which was dropped.
   */
  readonly urlBrackets: 'unchecked' | 'anywhere-unmapped' | 'anywhere' | 'at-the-start';
  /**
   * Net/url, parseHost: from 1.26 one colon only, unless urlstrictcolons=0 (the older default); in 1.26.0 and 1.26.1 in
   * hosts of all schemes but PostgreSQL's, since then in those of http and https.
   */
  readonly urlColonsStrict: 'never' | 'http' | 'all-but-postgresql';
  /** net/url, String: from 1.27 a path starting with `//` is escaped where there is no host. */
  readonly urlDoubleSlashEscaped: boolean;

  /** verify.go, validHostname: from 1.23 a lone `*` is no host name. */
  readonly bareWildcardRefused: boolean;
  /** verify.go, HostnameError: from 1.24.11 and 1.25.5 a hundred names and more are only counted. */
  readonly manyNamesCounted: boolean;
  /** verify.go, matchHostnames: from 1.25.11 and 1.26.4 an empty host still has one (empty) label. */
  readonly emptyHostHasLabel: boolean;
  /** verify.go, VerifyHostname: from 1.27 an address with a zone is an address. */
  readonly zonedAddressesAreAddresses: boolean;

  /** handshake_client.go: the error of Verify has been wrapped since 1.20. */
  readonly verificationErrorWrapped: boolean;
  /** crypto/tls/common.go: bytes of a Certificate message that are still read. */
  readonly certificateMessageLimit: number;
  /** handshake_client.go, checkKeySize: since 1.19.12, 1.20.7 and 1.21. */
  readonly rsaSizeLimited: boolean;

  /** verify.go, buildChains: from 1.20 an invalid candidate is also the hint. */
  readonly invalidCandidateIsHint: boolean;
  /** verify.go, buildChains: from 1.21 a candidate whose key is not understood is passed over. */
  readonly unknownKeysSkipped: boolean;
  /** verify.go, alreadyInChain: from 1.25 keys are compared as DER, before as Go values. */
  readonly keysComparedAsDer: boolean;
  /** verify.go, buildChains: from 1.25.9 and 1.26.2 the limit of signature checks is counted first and ends everything. */
  readonly signatureLimitEnds: boolean;
  /** verify.go: from 1.26 name constraints are checked on the finished chain. */
  readonly constraintsCheckedOnChain: boolean;
  /** verify.go, isValid: from 1.21 the names of every certificate below are checked, before those of leaf and CA only. */
  readonly constraintsCheckWholeChain: boolean;
  /**
   * Verify.go, matchDomainConstraint: since 1.24.11 and 1.25.5 a wildcard name is excluded with any name it covers. How
   * many labels both must have for that, or that they must have the same number, changed twice.
   */
  readonly wildcardsExcluded: 'never' | 'from-one-label' | 'from-two-labels' | 'of-equal-length';
  /** constraints.go: until 1.26.1 the case of wildcard names and of subtrees with a sibling wildcard counted. */
  readonly wildcardCaseCounts: boolean;
  /** verify.go, matchURIConstraint: from 1.22 by netip.ParseAddr, which knows zones. */
  readonly uriZonesAreAddresses: boolean;
  /** constraints.go: from 1.27 IP subtrees are masked before they are sorted and printed. */
  readonly ipSubtreesMasked: boolean;
  /** verify.go, parseRFC2821Mailbox: from 1.27 by domainNameValid, and no second `@`. */
  readonly mailboxDomainScanned: boolean;
  /** verify.go: from 1.24 certificate policies are processed. */
  readonly policiesProcessed: boolean;
  /** verify.go, policiesValid: from 1.25.9 and 1.26.2 pruned once after all inhibited mappings, before after each. */
  readonly policyMappingsPrunedOnce: boolean;
  /** verify.go, distrustedSPKIHashes: from 1.26.10 and 1.27.3. */
  readonly distrustedKeysKnown: boolean;

  /** x509.go, InsecureAlgorithmError: until 1.23 the text names the GODEBUG that lifts it. */
  readonly sha1OverrideNamed: boolean;
  /** crypto/rsa: from 1.20 a signature not smaller than the modulus is refused; before it was reduced. */
  readonly rsaSignatureMayExceedModulus: boolean;
  /** crypto/rsa: from 1.24 moduli below 1024 bits are refused, unless rsa1024min=0 (the older default). */
  readonly rsaMinimum1024: boolean;
  /** crypto/rsa, checkPublicKey: from 1.24 an even modulus or exponent has a text of its own. */
  readonly rsaKeyFaultsNamed: boolean;
}

const OLDEST_MINOR = 19;
const NEWEST_MINOR = 27;

// A bare minor means the patch release that gave the verdicts which
// test/x509/shared-vectors.test.ts compares with; for 1.20 and 1.22 the last one.
const RECORDED_PATCH: Readonly<Record<number, number>> = {
  19: 8,
  20: 14,
  21: 13,
  22: 12,
  23: 5,
  24: 4,
  25: 12,
  26: 10,
  27: 3,
};

const parseVersion = (text: string): { readonly minor: number; readonly patch: number } => {
  const match = /^(?:go)?1\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text.trim());
  const wanted = match?.[1] === undefined ? 26 : Number(match[1]);
  const minor = Math.min(Math.max(wanted, OLDEST_MINOR), NEWEST_MINOR);
  const given = match?.[2];
  const patch = given !== undefined && minor === wanted ? Number(given) : (RECORDED_PATCH[minor] ?? 0);
  return { minor, patch };
};

const computeRules = (choice: GoVersionChoice): GoRules => {
  const { minor, patch } = parseVersion(choice.goVersion ?? '1.26');
  const defaults = parseVersion(choice.defaultsOf ?? choice.goVersion ?? '1.26').minor;
  const since = (first: number): boolean => minor >= first;
  // A change of `first` that was also brought to older minors, by patch release.
  const sincePatch = (backports: Readonly<Record<number, number>>, first: number): boolean => {
    const backport = backports[minor];
    return backport === undefined ? minor >= first : patch >= backport;
  };
  const security202510 = sincePatch({ 24: 8, 25: 2 }, 26);
  const security202512 = sincePatch({ 24: 11, 25: 5 }, 26);
  const security202603 = sincePatch({ 25: 9, 26: 2 }, 27);
  return {
    minor,
    oidMayBePadded: !since(21),
    pemReading: security202512 ? 'backward' : security202510 ? 'backward-once' : 'forward',
    zoneHoursLimited: since(20),
    legacyStringsDecoded: since(25),
    attributesOfAnyType: since(27),
    negativeSerialRefused: since(23) && defaults >= 23,
    criticalIdentifiersRefused: since(23),
    duplicateExtensionNamed: since(23),
    basicConstraintsLettered: !since(21),
    negativePathLengthRefused: since(25),
    domainNames: security202510 ? 'scanned' : since(23) ? 'reversed-labels' : 'reversed-labels-lenient',
    policiesOfAnySize: since(22),
    duplicatePoliciesRefused: since(24),
    policyExtensionsUnderstood: since(24),
    mappedAddressesRefused: since(27),
    curvePointErrorsNamed: since(26),
    mlDsaKnown: since(27),
    urlBrackets: !security202510
      ? 'unchecked'
      : !security202512
        ? 'anywhere-unmapped'
        : sincePatch({ 25: 8, 26: 1 }, 27)
          ? 'at-the-start'
          : 'anywhere',
    urlColonsStrict: !since(26) || defaults < 26 ? 'never' : security202603 ? 'http' : 'all-but-postgresql',
    urlDoubleSlashEscaped: since(27),
    bareWildcardRefused: since(23),
    manyNamesCounted: security202512,
    emptyHostHasLabel: sincePatch({ 25: 11, 26: 4 }, 27),
    zonedAddressesAreAddresses: since(27),
    verificationErrorWrapped: since(20),
    certificateMessageLimit: since(23) ? 262_144 : 65_536,
    rsaSizeLimited: sincePatch({ 19: 12, 20: 7 }, 21),
    invalidCandidateIsHint: since(20),
    unknownKeysSkipped: since(21),
    keysComparedAsDer: since(25),
    signatureLimitEnds: security202603,
    constraintsCheckedOnChain: since(26),
    constraintsCheckWholeChain: since(21),
    wildcardsExcluded: !security202512
      ? 'never'
      : security202603
        ? 'of-equal-length'
        : sincePatch({ 24: 13, 25: 7 }, 26)
          ? 'from-two-labels'
          : 'from-one-label',
    wildcardCaseCounts: !security202603,
    uriZonesAreAddresses: since(22),
    ipSubtreesMasked: since(27),
    mailboxDomainScanned: since(27),
    policiesProcessed: since(24),
    policyMappingsPrunedOnce: security202603,
    distrustedKeysKnown: sincePatch({ 26: 10, 27: 3 }, 28),
    sha1OverrideNamed: !since(24),
    rsaSignatureMayExceedModulus: !since(20),
    rsaMinimum1024: since(24) && defaults >= 24,
    rsaKeyFaultsNamed: since(24),
  };
};

/** The rules of one Go release under one release's GODEBUG defaults. */
export const rulesOfGo = (choice: GoVersionChoice = {}): GoRules => computeRules(choice);
