import { isInRange } from './address-range.ts';

const variable = (variables: Readonly<Record<string, string>>, name: string): string =>
  variables[name] || variables[name.toLowerCase()] || '';

/** The proxy that a Go program takes for https; null where it has none. */
export const httpsProxy = (variables: Readonly<Record<string, string>>): string | null =>
  variable(variables, 'HTTPS_PROXY') || null;

export const noProxy = (variables: Readonly<Record<string, string>>): string => variable(variables, 'NO_PROXY');

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/**
 * Whether NO_PROXY keeps a request to an IP address from the proxy (golang.org/x/net/http/httpproxy useProxy): only `*`, a
 * range and an address do. kube-aggregator's URLs hold an address, so `.svc` keeps none of them.
 */
export const bypassesProxy = (address: string, port: number | null, list: string): boolean =>
  list
    .split(',')
    .map((entry) => entry.trim())
    .some(
      (entry) =>
        entry === '*' ||
        withoutBrackets(entry) === address ||
        (port !== null && entry === `${address.includes(':') ? `[${address}]` : address}:${port}`) ||
        isInRange(address, entry),
    );
