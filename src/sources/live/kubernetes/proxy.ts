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

/**
 * The proxy for a server URL, or null for a direct connection: proxy-url of the cluster before the environment, and there
 * Go's rules (loopback is never proxied) with the CIDRs that apimachinery adds (pkg/util/net/http.go).
 * @throws ClusterAccessError for a proxy that is not http or https
 */
export const proxyFor = (
  server: URL,
  proxyUrl: string | null,
  env: Readonly<Record<string, string | undefined>>,
): string | null => {
  const fromEnv = first(env, server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const excepted = first(env, 'NO_PROXY')
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .filter((rule) => rule !== '')
    .some((rule) => covers(rule, host, server.port || (server.protocol === 'https:' ? '443' : '80')));
  const proxy = proxyUrl || (isLoopback(host) || excepted ? '' : fromEnv);
  if (proxy === '') return null;
  // Go takes a bare host:port of the environment for an http proxy.
  const url = !proxyUrl && !proxy.includes('://') ? `http://${proxy}` : proxy;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new ClusterAccessError(
      'the proxy for the API server is neither an http:// nor an https:// URL, which alone are supported',
    );
  return url;
};
