import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import tls from 'node:tls';

/**
 * Node's check of the name in a certificate, but for IPv6: node:tls compares texts, and OpenSSL writes `::1` as
 * `0:0:0:0:0:0:0:1`, so that no certificate for an IPv6 address would ever do.
 */
export const checkServerIdentity: typeof tls.checkServerIdentity = (host, certificate) =>
  // Only then: the expression of isIPv6 takes 5 ms to compile.
  host.includes(':') && isIPv6(host) && new X509Certificate(certificate.raw).checkIP(host) !== undefined
    ? undefined
    : tls.checkServerIdentity(host, certificate);
