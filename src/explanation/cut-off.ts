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

const SHORTEST = 8;

/** Without dots nothing shows that a word is cut off: more has to stand there of the ending. */
const SHORTEST_WITHOUT_DOTS = 12;

/** The rest of the one ending that the words begin; null where they begin none, or more than one. */
const restOf = (words: string, shortest: number): string | null => {
  const rests = endings.flatMap((ending) => {
    for (let length = ending.length - 1; length >= shortest; length -= 1)
      if (words.endsWith(ending.slice(0, length)) && !/\w/.test(words.at(-length - 1) ?? ''))
        return [ending.slice(length)];
    return [];
  });
  return rests.length === 1 ? (rests[0] ?? null) : null;
};

/**
 * The text with words completed that are cut off, before dots or at its end, where they can only be the beginning of one ending.
 * Terminals, web consoles and people shorten what they show.
 */
export const withoutEllipsis = (text: string): string => {
  const whole = text.replace(
    / {0,2}(?:\.{3,4}|\u2026)/g,
    (dots, offset: number) => restOf(text.slice(Math.max(0, offset - 120), offset), SHORTEST) ?? dots,
  );
  return `${whole}${restOf(whole.slice(-120), SHORTEST_WITHOUT_DOTS) ?? ''}`;
};
