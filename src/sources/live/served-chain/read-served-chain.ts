import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';

import { followServerFlight, isCloseNotify, isFatal } from './server-flight.ts';
import { alertName, cipherSuiteName, signatureSchemeName, versionName } from './tls-names.ts';

/** How a handshake ended, whether or not a chain was seen in it. */
export type HandshakeOutcome =
  /** Both sides finished it. */
  | 'completed'
  /** The server ended it with an alert. */
  | 'alert'
  /** The server closed the stream. */
  | 'closed'
  /** The server reset the connection. */
  | 'reset'
  /** Nobody listens at the other end of the stream. */
  | 'connectionRefused'
  /** The stream itself failed, which says nothing about the server. */
  | 'streamFailed'
  | 'timedOut'
  /** What came is no TLS, as a plain HTTP server answers. */
  | 'notTls'
  /** TLS that does not hold together. */
  | 'malformed'
  /** The chain is larger than is read. */
  | 'tooLarge'
  /** OpenSSL does not go on with what the server sent: a certificate it cannot parse, a version, a wrong signature. */
  | 'refusedByClient';

export interface ServerAlert {
  readonly level: 'warning' | 'fatal' | 'unknown';
  /** The number on the wire, and its name in RFC 8446. */
  readonly description: number;
  readonly name: string;
}

export interface ServedChain {
  /** The certificates in DER, byte for byte and in the order of the Certificate message; null where no whole one came. */
  readonly chain: readonly Uint8Array[] | null;
  /** `1.3`, `1.2`, and what older servers choose though it is not offered; null where no ServerHello came. */
  readonly tlsVersion: string | null;
  /** As IANA names it, or by number where it was not offered. */
  readonly cipherSuite: string | null;
  /** What the server signed the handshake with, as RFC 8446, 4.2.3 names it. */
  readonly signatureScheme: string | null;
  readonly alpn: string | null;
  readonly clientCertificateRequested: boolean;
  readonly alert: ServerAlert | null;
  readonly outcome: HandshakeOutcome;
  /** One line for a person; empty where the outcome says it all. */
  readonly detail: string;
}

export interface ReadServedChainOptions {
  /** Sent as SNI; empty or an IP address: no SNI is sent. */
  readonly serverName: string;
  /** For the whole handshake. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The largest chain that is read; OpenSSL itself stops at 100 KiB. */
const MAX_HANDSHAKE_BYTES = 1024 * 1024;
/** How long a server that OpenSSL refused may take for the rest of its Certificate message. */
const AFTER_REFUSAL_MS = 1000;
/** How long a server that asked for a client certificate may take to object to none; one that is content says so first. */
const OBJECTION_MS = 300;
/** How long the farewell may take. */
const CLOSE_MS = 100;

// What Go's TLS client offers, in its order: a server may choose its certificate by it (Config.GetCertificate with
// SupportsCertificate). What stands last Go leaves out, some of it since 1.22 or 1.25: it shows the certificate of servers
// that Go cannot agree with, and signatureScheme and cipherSuite tell. Security level 0, or OpenSSL would refuse weak keys.
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  '@SECLEVEL=0',
].join(':');
const SIGNATURE_SCHEMES = [
  'rsa_pss_rsae_sha256',
  'ecdsa_secp256r1_sha256',
  'ed25519',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'rsa_pkcs1_sha1',
  'ecdsa_sha1',
  'rsa_pss_pss_sha256',
  'rsa_pss_pss_sha384',
  'rsa_pss_pss_sha512',
  'ed448',
].join(':');
const GROUPS = 'X25519:P-256:P-384:P-521';

const TLS_13 = 0x03_04;
const RECORD_HEADER_BYTES = 5;
const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;

/** Cuts what OpenSSL writes into records. */
const cutIntoRecords = (pending: Buffer): { readonly records: readonly Buffer[]; readonly rest: Buffer } => {
  const records: Buffer[] = [];
  let rest = pending;
  while (rest.length >= RECORD_HEADER_BYTES) {
    const end = RECORD_HEADER_BYTES + rest.readUInt16BE(3);
    if (rest.length < end) break;
    records.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return { records, rest };
};

const levelName = (level: number): ServerAlert['level'] =>
  level === 2 ? 'fatal' : level === 1 ? 'warning' : 'unknown';

/** OpenSSL's reason without its file names and numbers. */
const reasonOf = (error: Error & { readonly reason?: string; readonly code?: string }): string =>
  error.reason ?? error.code ?? error.message.slice(0, 200);

/**
 * Makes a TLS handshake over a byte stream and tells exactly which certificates the server presents, also where the
 * handshake fails afterwards. Sends a ClientHello and what follows of it: no client certificate, no request. Always
 * settles within the time-out, never rejects, and destroys the stream.
 */
export const readServedChain = async (stream: Duplex, options: ReadServedChainOptions): Promise<ServedChain> => {
  const { flight, receive, end, learnSecret } = followServerFlight(MAX_HANDSHAKE_BYTES);
  const ending = Promise.withResolvers<{ readonly outcome: HandshakeOutcome; readonly detail: string }>();
  const timers = new Set<NodeJS.Timeout>();
  let ended = false;
  let refusal: string | null = null;
  let handshakeDone = false;

  const finish = (outcome: HandshakeOutcome, detail = ''): void => {
    ended = true;
    stream.pause();
    ending.resolve({ outcome, detail });
  };
  const finishAfter = (ms: number, outcome: HandshakeOutcome, detail: () => string): void => {
    timers.add(setTimeout(() => finish(outcome, detail()), ms));
  };

  // Until the certificates are in, only ClientHellos go out: OpenSSL's own alert would make the server stop in the middle
  // of a chain that OpenSSL refuses.
  let outgoing: Buffer = Buffer.alloc(0);
  let held: Buffer[] = [];
  const releaseHeld = (): void => {
    for (const record of held) if (stream.writable) stream.write(record);
    held = [];
  };
  const clientSide = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      const { records, rest } = cutIntoRecords(Buffer.concat([outgoing, chunk]));
      outgoing = rest;
      for (const record of records) {
        const isForHello = record[0] === HANDSHAKE || record[0] === CHANGE_CIPHER_SPEC;
        if (flight.chain === null && !isForHello) held.push(record);
        else if (stream.writable) stream.write(record);
      }
      done();
    },
    final: (done) => {
      if (stream.writable) stream.end();
      done();
    },
  });
  clientSide.on('error', () => undefined);

  const judge = (): void => {
    if (ended) return;
    if (flight.chain !== null) releaseHeld();
    if (flight.problem !== null) return finish(flight.problem.kind, flight.problem.detail);
    if (isCloseNotify(flight.alert)) return finish(handshakeDone ? 'completed' : 'closed');
    if (isFatal(flight.alert)) return finish('alert');
    if (refusal !== null && flight.chain !== null) return finish('refusedByClient', refusal);
    // Up to TLS 1.2 the server has seen by now that there is no client certificate; in TLS 1.3 it objects afterwards.
    const mayObject = flight.version === TLS_13 && flight.clientCertificateRequested && !flight.answeredAfterwards;
    if (handshakeDone && !mayObject) finish('completed');
  };

  stream.on('data', (chunk: Buffer) => {
    if (ended) return;
    receive(chunk);
    if (!clientSide.destroyed) clientSide.push(chunk);
    judge();
  });
  stream.on('end', () => {
    end();
    judge();
    finish(handshakeDone ? 'completed' : 'closed');
  });
  const failStream = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') finish('reset');
    else finish(error.code === 'ECONNREFUSED' ? 'connectionRefused' : 'streamFailed', error.message);
  };
  stream.on('error', failStream);
  stream.on('close', () => finish(handshakeDone ? 'completed' : 'closed'));

  const abort = (): void => finish('timedOut', 'the time for everything was over');
  if (options.signal.aborted) abort();
  if (stream.errored) failStream(stream.errored);
  else if (stream.destroyed || stream.readableEnded) finish('closed');
  options.signal.addEventListener('abort', abort, { once: true });
  finishAfter(options.timeoutMs, 'timedOut', () => refusal ?? `no handshake within ${options.timeoutMs} ms`);

  const client = tls.connect({
    socket: clientSide,
    ...(options.serverName === '' || isIP(options.serverName) !== 0 ? {} : { servername: options.serverName }),
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    sigalgs: SIGNATURE_SCHEMES,
    ecdhCurve: GROUPS,
    // Nothing is judged here, and no root store is loaded.
    ca: [],
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  client.on('keylog', (line: Buffer) => {
    learnSecret(line.toString('latin1'));
    judge();
  });
  client.on('secureConnect', () => {
    handshakeDone = true;
    judge();
    if (!ended) finishAfter(OBJECTION_MS, 'completed', () => '');
  });
  client.on('error', (error: Error) => {
    if (refusal !== null || handshakeDone) return;
    refusal = reasonOf(error);
    judge();
    finishAfter(AFTER_REFUSAL_MS, 'refusedByClient', () => refusal ?? '');
  });

  /** Lets the server know how it ended, so that it need not log a broken connection. */
  const sayFarewell = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_MS);
    for (const event of ['finish', 'error', 'close']) stream.once(event, () => resolve());
    if (handshakeDone) client.end();
    else {
      releaseHeld();
      stream.end();
    }
    await promise;
    clearTimeout(timer);
  };

  const { outcome, detail } = await ending.promise;
  for (const timer of timers) clearTimeout(timer);
  options.signal.removeEventListener('abort', abort);
  if (!stream.destroyed) await sayFarewell();
  client.destroy();
  clientSide.destroy();
  stream.destroy();

  return {
    chain: flight.chain,
    tlsVersion: flight.version === null ? null : versionName(flight.version),
    cipherSuite: flight.cipherSuite === null ? null : cipherSuiteName(flight.cipherSuite),
    signatureScheme: flight.signatureScheme === null ? null : signatureSchemeName(flight.signatureScheme),
    alpn: flight.alpn,
    clientCertificateRequested: flight.clientCertificateRequested,
    alert:
      flight.alert === null
        ? null
        : {
            level: levelName(flight.alert.level),
            description: flight.alert.description,
            name: alertName(flight.alert.description),
          },
    outcome,
    detail,
  };
};
