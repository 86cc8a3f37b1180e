import { BlockList, isIP } from 'node:net';

import { ClusterAccessError } from '../cluster-access-error.ts';

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const covers = (rule: string, host: string, port: string): boolean => {
  if (rule === '*') return true;
  if (isIP(rule)) return host === rule;
  const [address, prefix] = rule.split('/');
  if (address && prefix && isIP(address)) {
    if (!isIP(host) || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (isIP(address) === 6 ? 128 : 32)) return false;
    const range = new BlockList();
    range.addSubnet(address, Number(prefix), family(address));
    return range.check(host, family(host));
  }
  const [, name = rule, onlyPort] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(rule) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const suffix = name.replace(/^\*?\./, '.');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
};

/** As Go: the first that is set to something, upper case first. */
const first = (env: Readonly<Record<string, string | undefined>>, name: string): string =>
  env[name] || env[name.toLowerCase()] || '';

const isProxy = (url: string): boolean => /^(?:https?|socks5h?):\/\//i.test(url) && URL.canParse(url);

/**
 * proxy-url of a cluster, or null where it has none (client-go tools/clientcmd/validation.go). It is not repeated: it may hold
 * a password.
 * @throws ClusterAccessError
 */
export const clusterProxy = (proxyUrl: string | null | undefined, clusterTitle: string): string | null => {
  if (!proxyUrl) return null;
  if (isProxy(proxyUrl)) return proxyUrl;
  const scheme = URL.canParse(proxyUrl) ? new URL(proxyUrl).protocol.replace(/:$/, '') : null;
  throw new ClusterAccessError(
    `invalid configuration: invalid 'proxy-url' for ${clusterTitle}: ${scheme === null || /^(?:https?|socks5h?)$/.test(scheme) ? 'could not parse it' : `unsupported scheme "${scheme}", must be http, https, or socks5`}`,
  );
};

/**
 * The proxy for a server URL, or null for a direct connection: proxy-url of the cluster before the environment, and there
 * Go's rules (loopback is never proxied) with the CIDRs that apimachinery adds (pkg/util/net/http.go).
 * @throws ClusterAccessError for a proxy of the environment that is of another kind
 */
export const proxyFor = (
  server: URL,
  proxyUrl: string | null,
  env: Readonly<Record<string, string | undefined>>,
): string | null => {
  if (proxyUrl) return proxyUrl;
  const proxy = first(env, server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const host = server.hostname.replace(/^\[|\]$/g, '');
  if (proxy === '' || isLoopback(host)) return null;
  const excepted = first(env, 'NO_PROXY')
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .filter((rule) => rule !== '')
    .some((rule) => covers(rule, host, server.port || (server.protocol === 'https:' ? '443' : '80')));
  if (excepted) return null;
  // Go takes a bare host:port of the environment for an http proxy.
  const url = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (isProxy(url)) return url;
  throw new ClusterAccessError('the proxy of the environment is no http://, https:// or socks5:// URL');
};
