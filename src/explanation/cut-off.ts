/** What failures of this layer end with, in full: kube-aggregator, client-go, Go net, net/http, crypto/x509. */
const endings: readonly string[] = [
  'connection refused',
  'connection reset by peer',
  'connection timed out',
  'i/o timeout',
  'context deadline exceeded',
  'no route to host',
  'network is unreachable',
  'no such host',
  'net/http: TLS handshake timeout',
  'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
  'server gave HTTP response to HTTPS client',
  'x509: certificate signed by unknown authority',
  'x509: certificate has expired or is not yet valid',
  'x509: certificate relies on legacy Common Name field',
  'the server is currently unable to handle the request',
  'the server could not find the requested resource',
  'stale GroupVersion discovery',
];

const SHORTEST = 6;

/**
 * The text with its last words completed, where dots show that they were cut off and they can only be the beginning of one
 * ending. Terminals, web consoles and people shorten what they show.
 */
export const withoutEllipsis = (text: string): string => {
  const cut = /^([^]*?)\s{0,2}(?:\.{2,4}|\u2026)["')\]}\s]{0,8}$/.exec(text)?.[1];
  if (cut === undefined) return text;
  const fits = endings.flatMap((ending) => {
    for (let length = ending.length - 1; length >= SHORTEST; length -= 1)
      if (cut.endsWith(ending.slice(0, length))) return [{ ending, length }];
    return [];
  });
  const [only, ...others] = fits;
  return only === undefined || others.length > 0 ? text : cut.slice(0, cut.length - only.length) + only.ending;
};
