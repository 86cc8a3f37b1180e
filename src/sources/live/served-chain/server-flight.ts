import {
  isVersion13,
  MESSAGE,
  readAlpn,
  readCertificates,
  readServerHello,
  readSignatureScheme,
} from './handshake-messages.ts';
import { TAG_BYTES, type Unprotect, unprotectWith } from './record-protection.ts';

// What OpenSSL makes of the same bytes is not asked: it refuses certificates that must be reported, and Node re-orders
// and drops what was presented.

/** What the server said so far. */
export interface ServerFlight {
  readonly version: number | null;
  readonly cipherSuite: number | null;
  readonly signatureScheme: number | null;
  readonly alpn: string | null;
  readonly clientCertificateRequested: boolean;
  /** Null until the Certificate message is whole. */
  readonly chain: readonly Uint8Array[] | null;
  readonly alert: { readonly level: number; readonly description: number } | null;
  /** Set for good where the bytes cannot be followed further. */
  readonly problem: FlightProblem | null;
  /** Something came after the handshake: the server is content with it. */
  readonly answeredAfterwards: boolean;
}

export interface FlightProblem {
  readonly kind: 'notTls' | 'tooLarge' | 'malformed';
  readonly detail: string;
}

export interface ServerFlightReader {
  readonly flight: ServerFlight;
  readonly receive: (chunk: Uint8Array) => void;
  /** No more bytes will come. */
  readonly end: () => void;
  /** One line of the NSS key log format, as node:tls emits it. */
  readonly learnSecret: (keyLogLine: string) => void;
}

const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
const HEADER_BYTES = 5;
/** RFC 5246, 6.2.3: the most that any version lets a record hold. */
const MAX_RECORD_BYTES = 16_384 + 2048;
const QUOTED_BYTES = 60;
const FATAL = 2;
const CLOSE_NOTIFY = 0;

/** The first octets as far as they are plain text, for the reader of a report. */
const quoteStart = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.subarray(0, QUOTED_BYTES)).toString('latin1');
  return JSON.stringify(/^[\t\r\n\u0020-\u007e]*/.exec(text)?.[0].split(/[\r\n]/, 1)[0] ?? '');
};

/** Follows the bytes that a server sends in a TLS handshake; never throws, and keeps no more than `maxBytes`. */
export const followServerFlight = (maxBytes: number): ServerFlightReader => {
  const flight = {
    version: null as number | null,
    cipherSuite: null as number | null,
    signatureScheme: null as number | null,
    alpn: null as string | null,
    clientCertificateRequested: false,
    chain: null as readonly Uint8Array[] | null,
    alert: null as ServerFlight['alert'],
    problem: null as FlightProblem | null,
    answeredAfterwards: false,
  };

  let received = 0;
  const record = Buffer.alloc(HEADER_BYTES + MAX_RECORD_BYTES);
  let recordFill = 0;
  let isFirstRecord = true;

  let message: Buffer | null = null;
  let messageFill = 0;
  const messageHeader = Buffer.alloc(4);
  let headerFill = 0;

  /** TLS 1.2 hides everything behind ChangeCipherSpec; by then the certificates have been seen. */
  let hidden = false;
  const secrets = new Map<string, Buffer>();
  let finished = false;
  let unprotect: Unprotect | null = null;
  let waiting: { readonly header: Buffer; readonly body: Buffer }[] = [];

  const fail = (kind: FlightProblem['kind'], detail: string): void => {
    flight.problem ??= { kind, detail };
  };

  const takeMessage = (type: number, body: Uint8Array): void => {
    switch (type) {
      case MESSAGE.serverHello: {
        const hello = readServerHello(body);
        if (hello === null) return fail('malformed', 'the ServerHello is malformed');
        flight.version = hello.version;
        flight.cipherSuite = hello.cipherSuite;
        flight.alpn = hello.alpn;
        // A HelloRetryRequest is answered by a second ClientHello; the real one follows.
        if (hello.isRetry) flight.cipherSuite = null;
        return;
      }
      case MESSAGE.encryptedExtensions:
        flight.alpn = readAlpn(body);
        return;
      case MESSAGE.certificate: {
        if (flight.version === null) return fail('malformed', 'a Certificate message came before any ServerHello');
        const chain = readCertificates(body, flight.version);
        if (chain === null) return fail('malformed', 'the Certificate message is malformed');
        flight.chain ??= chain;
        return;
      }
      case MESSAGE.certificateRequest:
        flight.clientCertificateRequested = true;
        return;
      case MESSAGE.serverKeyExchange:
      case MESSAGE.certificateVerify:
        // Before TLS 1.2 no scheme is named.
        if (flight.version !== null && flight.version >= 0x03_03)
          flight.signatureScheme = readSignatureScheme(type, body);
        return;
      case MESSAGE.finished:
        finished = true;
        unprotect = null;
        return;
      default:
    }
  };

  /** Puts messages together that run over several records (RFC 8446, 5.1). */
  const takeHandshake = (content: Uint8Array): void => {
    let rest = content;
    while (rest.length > 0 && flight.problem === null) {
      if (message === null) {
        const part = rest.subarray(0, messageHeader.length - headerFill);
        messageHeader.set(part, headerFill);
        headerFill += part.length;
        rest = rest.subarray(part.length);
        if (headerFill < messageHeader.length) return;
        const length = messageHeader.readUIntBE(1, 3);
        if (length > maxBytes) {
          return messageHeader[0] === MESSAGE.certificate
            ? fail('tooLarge', `the Certificate message has ${length} bytes`)
            : fail('malformed', `a handshake message has ${length} bytes`);
        }
        message = Buffer.allocUnsafe(length);
        messageFill = 0;
      }
      const part = rest.subarray(0, message.length - messageFill);
      message.set(part, messageFill);
      messageFill += part.length;
      rest = rest.subarray(part.length);
      if (messageFill < message.length) return;
      const whole = message;
      message = null;
      headerFill = 0;
      takeMessage(messageHeader[0] ?? 0, whole);
      // RFC 8446, 5.1: keys change at a record's end.
      if (finished && rest.length > 0) fail('malformed', 'a record goes on after the Finished message');
    }
  };

  const takeAlert = (content: Uint8Array): void => {
    const [level, description] = content;
    if (level === undefined || description === undefined || content.length !== 2)
      return fail('malformed', 'an alert record is malformed');
    // A warning (unrecognized_name of older servers) gives way to what ends the handshake.
    if (flight.alert === null || flight.alert.level !== FATAL) flight.alert = { level, description };
  };

  const takeContent = (type: number, content: Uint8Array): void => {
    if (type === RECORD.alert) return takeAlert(content);
    if (finished) {
      flight.answeredAfterwards = true;
      return;
    }
    if (type === RECORD.handshake) return takeHandshake(content);
    fail('malformed', `a record of type ${type} came inside the handshake`);
  };

  const takeProtected = (header: Buffer, body: Buffer): void => {
    if (unprotect === null) {
      const secret = secrets.get(finished ? 'SERVER_TRAFFIC_SECRET_0' : 'SERVER_HANDSHAKE_TRAFFIC_SECRET');
      if (secret === undefined) {
        if (body.length <= TAG_BYTES) return fail('malformed', 'a protected record is too short');
        waiting.push({ header: Buffer.from(header), body: Buffer.from(body) });
        return;
      }
      unprotect = unprotectWith(flight.cipherSuite ?? 0, secret);
      if (unprotect === null) return fail('malformed', 'the server chose a cipher suite that was not offered');
    }
    const plain = unprotect(header, body);
    if (plain === null) return fail('malformed', 'a protected record does not authenticate');
    takeContent(plain.type, plain.content);
  };

  const takeRecord = (type: number, header: Buffer, body: Buffer): void => {
    const isProtected13 = flight.version !== null && isVersion13(flight.version) && flight.cipherSuite !== null;
    switch (type) {
      case RECORD.changeCipherSpec:
        // In TLS 1.3 it is there for middleboxes only (RFC 8446, D.4).
        if (!isProtected13) hidden = flight.version !== null && !isVersion13(flight.version);
        return;
      case RECORD.alert:
        return hidden ? undefined : takeAlert(body);
      case RECORD.handshake:
        if (isProtected13) return fail('malformed', 'a handshake record came unprotected');
        return hidden ? undefined : takeHandshake(body);
      case RECORD.applicationData:
        if (isProtected13) return takeProtected(header, body);
        return hidden ? undefined : fail('malformed', 'application data came inside the handshake');
      default:
        return hidden ? undefined : fail('malformed', `a record has the unknown type ${type}`);
    }
  };

  // Go's crypto/tls tells other protocols from TLS in the same way (conn.go, readRecordOrCCS).
  const looksLikeTls = (header: Buffer): boolean =>
    (header[0] === RECORD.alert || header[0] === RECORD.handshake) && (header[1] ?? 0) < 0x10;

  const notTls = (start: Uint8Array): void =>
    fail('notTls', `the first bytes do not look like TLS: ${quoteStart(start)}`);

  const judgeHeader = (header: Buffer, rest: Uint8Array): void => {
    const length = header.readUInt16BE(3);
    if (isFirstRecord && !looksLikeTls(header)) return notTls(Buffer.concat([header, rest.subarray(0, QUOTED_BYTES)]));
    if (header[1] !== 3) return fail('malformed', 'a record bears the version of no TLS');
    if (length > MAX_RECORD_BYTES) return fail('malformed', `a record has ${length} bytes`);
  };

  return {
    flight,
    receive: (chunk) => {
      received += chunk.length;
      let rest = chunk;
      while (rest.length > 0 && flight.problem === null) {
        const wanted = recordFill < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + record.readUInt16BE(3);
        const part = rest.subarray(0, wanted - recordFill);
        record.set(part, recordFill);
        recordFill += part.length;
        rest = rest.subarray(part.length);
        if (recordFill < HEADER_BYTES) break;
        const header = record.subarray(0, HEADER_BYTES);
        if (recordFill === HEADER_BYTES) judgeHeader(header, rest);
        if (flight.problem !== null) break;
        const end = HEADER_BYTES + record.readUInt16BE(3);
        if (recordFill < end) continue;
        isFirstRecord = false;
        recordFill = 0;
        takeRecord(record[0] ?? 0, header, record.subarray(HEADER_BYTES, end));
      }
      if (received > maxBytes && flight.chain === null)
        fail('tooLarge', `no whole certificate chain in ${maxBytes} bytes`);
      if (received > 2 * maxBytes) fail('malformed', 'the handshake goes on without end');
    },
    end: () => {
      const start = record.subarray(0, recordFill);
      if (isFirstRecord && start.length > 0 && !looksLikeTls(start)) notTls(start);
    },
    learnSecret: (keyLogLine) => {
      const [, label, secret] = /^(\w+) [\da-f]+ ([\da-f]+)\s*$/i.exec(keyLogLine) ?? [];
      if (label === undefined || secret === undefined) return;
      secrets.set(label, Buffer.from(secret, 'hex'));
      const ready = waiting;
      waiting = [];
      for (const { header, body } of ready) if (flight.problem === null) takeProtected(header, body);
    },
  };
};

export const isFatal = (alert: ServerFlight['alert']): boolean => alert !== null && alert.level === FATAL;
export const isCloseNotify = (alert: ServerFlight['alert']): boolean =>
  alert !== null && alert.description === CLOSE_NOTIFY;
