import { goQuote } from './go-text.ts';
import type { GoRules } from './go-version.ts';
import { parseAddress, parseIp } from './ip-address.ts';
import { Refusal } from './refusal.ts';
import { type ParsedUri, formatUri } from './uri.ts';

/** Host without port (net, SplitHostPort), or why there is none. */
const splitHostPort = (hostPort: string): string | Refusal => {
  const refuse = (why: string): Refusal => new Refusal(`address ${hostPort}: ${why}`);
  const colon = hostPort.lastIndexOf(':');
  if (!hostPort.startsWith('[')) {
    const host = hostPort.slice(0, colon);
    if (host.includes(':')) return refuse('too many colons in address');
    if (hostPort.includes('[')) return refuse("unexpected '[' in address");
    return hostPort.includes(']') ? refuse("unexpected ']' in address") : host;
  }
  const close = hostPort.indexOf(']');
  if (close < 0) return refuse("missing ']' in address");
  if (close + 1 !== colon) {
    return refuse(hostPort[close + 1] === ':' ? 'too many colons in address' : 'missing port in address');
  }
  if (hostPort.includes('[', 1)) return refuse("unexpected '[' in address");
  return hostPort.includes(']', colon) ? refuse("unexpected ']' in address") : hostPort.slice(1, close);
};

const isAddress = (host: string, rules: GoRules): boolean =>
  (host.startsWith('[') && host.endsWith(']')) ||
  (rules.uriZonesAreAddresses ? !(parseAddress(host) instanceof Refusal) : parseIp(host) !== null);

/**
 * The host a URI is held against name constraints by; RFC 5280, 4.2.1.10 wants one without host, or with an address,
 * refused (verify.go, matchURIConstraint; constraints.go, parseURIs).
 */
export const constrainedHost = (uri: ParsedUri, rules: GoRules): string | Refusal => {
  if (uri.host === '') {
    return new Refusal(`URI with empty host (${goQuote(formatUri(uri, rules))}) cannot be matched against constraints`);
  }
  const hasPort = uri.host.includes(':') && !uri.host.endsWith(']');
  const host = hasPort ? splitHostPort(uri.host) : uri.host;
  if (host instanceof Refusal) {
    return rules.constraintsCheckedOnChain
      ? new Refusal(`cannot parse URI host ${goQuote(uri.host)}: ${host.text}`)
      : host;
  }
  if (isAddress(host, rules)) {
    return new Refusal(`URI with IP (${goQuote(formatUri(uri, rules))}) cannot be matched against constraints`);
  }
  return host;
};
