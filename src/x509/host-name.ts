import type { ParsedCertificate } from './certificate.ts';
import { lowerAscii } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { formatIp, parseAddress, parseIp, sameAddress } from './ip-address.ts';
import { Refusal } from './refusal.ts';

/** What of a certificate decides whether it covers a name. */
export interface NamedCertificate {
  /** Byte strings, in certificate order. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly Uint8Array[];
  /** The last CN, "" without one. */
  readonly commonName: string;
  readonly hasAlternativeNames: boolean;
}

/** The names of a parsed certificate. */
export const namesOf = ({ extensions, subject }: ParsedCertificate): NamedCertificate => ({
  dnsNames: extensions.alternativeNames.flatMap((name) => (name.kind === 'dns' ? [name.text] : [])),
  ipAddresses: extensions.alternativeNames.flatMap((name) => (name.kind === 'ip' ? [name.octets] : [])),
  commonName: subject.commonName,
  hasAlternativeNames: extensions.alternativeNamesKey !== null,
});

const LABEL = /^[a-zA-Z0-9_][a-zA-Z0-9_-]*$/;
const MANY = 100;

const withoutTrailingDot = (host: string): string => (host.endsWith('.') ? host.slice(0, -1) : host);

const isHostName = (host: string, rules: GoRules, isPattern: boolean): boolean => {
  if (host === '' || (host === '*' && rules.bareWildcardRefused)) return false;
  return host.split('.').every((label, index) => LABEL.test(label) || (isPattern && index === 0 && label === '*'));
};

// verify.go, validHostnamePattern and validHostnameInput.
const isPattern = (name: string, rules: GoRules): boolean => isHostName(name, rules, true);
const isInput = (host: string, rules: GoRules): boolean => isHostName(withoutTrailingDot(host), rules, false);

const matchesPattern = (pattern: string, host: string, rules: GoRules): boolean => {
  const plainHost = lowerAscii(withoutTrailingDot(host));
  if (pattern === '' || (plainHost === '' && !rules.emptyHostHasLabel)) return false;
  const labels = lowerAscii(pattern).split('.');
  const hostLabels = plainHost.split('.');
  if (labels.length !== hostLabels.length) return false;
  return labels.every((label, index) => (index === 0 && label === '*') || label === hostLabels[index]);
};

const matchesExactly = (name: string, host: string): boolean =>
  name !== '' && name !== '.' && host !== '' && host !== '.' && lowerAscii(name) === lowerAscii(host);

const COMMON_NAME_TEXT = 'x509: certificate relies on legacy Common Name field, use SANs instead';

const mismatchOfIp = ({ ipAddresses }: NamedCertificate, host: string, rules: GoRules): string => {
  if (ipAddresses.length === 0) {
    return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  }
  if (ipAddresses.length >= MANY && rules.manyNamesCounted) {
    return `x509: certificate is valid for ${ipAddresses.length} IP SANs, but none matched ${host}`;
  }
  return `x509: certificate is valid for ${ipAddresses.map(formatIp).join(', ')}, not ${host}`;
};

const mismatchOfName = ({ dnsNames }: NamedCertificate, host: string, rules: GoRules): string => {
  if (dnsNames.length >= MANY && rules.manyNamesCounted) {
    return `x509: certificate is valid for ${dnsNames.length} names, but none matched ${host}`;
  }
  const names = dnsNames.join(', ');
  if (names === '') return `x509: certificate is not valid for any names, but wanted to match ${host}`;
  return `x509: certificate is valid for ${names}, not ${host}`;
};

// verify.go, HostnameError.Error.
const mismatch = (names: NamedCertificate, host: string, rules: GoRules): Refusal => {
  if (!names.hasAlternativeNames && matchesPattern(names.commonName, host, rules)) return new Refusal(COMMON_NAME_TEXT);
  const tell = parseIp(host) === null ? mismatchOfName : mismatchOfIp;
  return new Refusal(tell(names, host, rules));
};

/** True for the refusal of a certificate that has the name as its Common Name only. */
export const isCommonNameOnly = (refusal: Refusal): boolean => refusal.text === COMMON_NAME_TEXT;

const addressOf = (host: string, rules: GoRules): Uint8Array | null => {
  if (!rules.zonedAddressesAreAddresses) return parseIp(host);
  const address = parseAddress(host);
  return address instanceof Refusal ? null : address.octets;
};

/** Checks that the certificate covers the host, null if it does (verify.go, VerifyHostname). */
export const verifyHostName = (names: NamedCertificate, host: string, rules: GoRules): Refusal | null => {
  const isBracketed = host.length >= 3 && host.startsWith('[') && host.endsWith(']');
  const candidate = isBracketed ? host.slice(1, -1) : host;
  const address = addressOf(candidate, rules);
  if (address !== null) {
    const isCovered = names.ipAddresses.some((octets) => sameAddress(octets, address));
    return isCovered ? null : mismatch(names, rules.zonedAddressesAreAddresses ? formatIp(address) : candidate, rules);
  }
  const isValidHost = isInput(host, rules);
  const isCovered = names.dnsNames.some((name) =>
    isValidHost && isPattern(name, rules) ? matchesPattern(name, host, rules) : matchesExactly(name, host),
  );
  return isCovered ? null : mismatch(names, host, rules);
};
