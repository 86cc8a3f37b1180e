// The parts of the server's handshake messages that are recorded (RFC 5246, 7.4; RFC 8446, 4). Every function takes the
// body of one whole message and returns null for one that does not hold together.

export const MESSAGE = {
  serverHello: 2,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  certificateVerify: 15,
  finished: 20,
} as const;

const EXTENSION = { alpn: 16, supportedVersions: 43 } as const;

const VERSION_13 = 0x03_04;

/** RFC 8446, 4.1.3: the random by which a ServerHello says that it is a HelloRetryRequest. */
const RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** Reads forward; past the end every read gives null, and so do those after it. */
class Cursor {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  take(length: number): Uint8Array | null {
    if (this.#offset + length > this.#bytes.length) {
      this.#offset = Number.POSITIVE_INFINITY;
      return null;
    }
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  number(octets: number): number | null {
    return this.take(octets)?.reduce((value, octet) => value * 256 + octet, 0) ?? null;
  }

  /** A vector behind its length. */
  vector(lengthOctets: number): Uint8Array | null {
    const length = this.number(lengthOctets);
    return length === null ? null : this.take(length);
  }
}

const extensionsOf = (list: Uint8Array): ReadonlyMap<number, Uint8Array> | null => {
  const extensions = new Map<number, Uint8Array>();
  const cursor = new Cursor(list);
  while (!cursor.atEnd) {
    const type = cursor.number(2);
    const value = cursor.vector(2);
    if (type === null || value === null) return null;
    extensions.set(type, value);
  }
  return extensions;
};

// RFC 7301, 3.1: the list holds the one protocol that the server chose.
const alpnOf = (extensions: ReadonlyMap<number, Uint8Array>): string | null => {
  const value = extensions.get(EXTENSION.alpn);
  const list = value === undefined ? null : new Cursor(value).vector(2);
  const protocol = list === null ? null : new Cursor(list).vector(1);
  return protocol === null ? null : Buffer.from(protocol).toString('latin1');
};

export interface ServerHello {
  readonly isRetry: boolean;
  readonly version: number;
  readonly cipherSuite: number;
  readonly alpn: string | null;
}

export const readServerHello = (body: Uint8Array): ServerHello | null => {
  const cursor = new Cursor(body);
  const legacyVersion = cursor.number(2);
  const random = cursor.take(32);
  const sessionId = cursor.vector(1);
  const cipherSuite = cursor.number(2);
  const compression = cursor.number(1);
  if (legacyVersion === null || random === null || sessionId === null || cipherSuite === null || compression === null)
    return null;
  const list = cursor.atEnd ? new Uint8Array() : cursor.vector(2);
  const extensions = list === null ? null : extensionsOf(list);
  if (extensions === null) return null;
  const supported = extensions.get(EXTENSION.supportedVersions);
  const version = supported === undefined ? legacyVersion : new Cursor(supported).number(2);
  if (version === null) return null;
  const isRetry = version === VERSION_13 && RETRY_RANDOM.equals(random);
  return { isRetry, version, cipherSuite, alpn: alpnOf(extensions) };
};

/** The protocol that EncryptedExtensions name (RFC 8446, 4.3.1). */
export const readAlpn = (body: Uint8Array): string | null => {
  const list = new Cursor(body).vector(2);
  const extensions = list === null ? null : extensionsOf(list);
  return extensions === null ? null : alpnOf(extensions);
};

/** The certificates as they stand in the message (RFC 5246, 7.4.2; in TLS 1.3 each with extensions, RFC 8446, 4.4.2). */
export const readCertificates = (body: Uint8Array, version: number): readonly Uint8Array[] | null => {
  const cursor = new Cursor(body);
  const context = version === VERSION_13 ? cursor.vector(1) : new Uint8Array();
  const list = cursor.vector(3);
  if (context === null || list === null || !cursor.atEnd) return null;
  const certificates: Uint8Array[] = [];
  const entries = new Cursor(list);
  while (!entries.atEnd) {
    const certificate = entries.vector(3);
    const extensions = version === VERSION_13 ? entries.vector(2) : new Uint8Array();
    if (certificate === null || extensions === null) return null;
    certificates.push(Uint8Array.from(certificate));
  }
  return certificates;
};

const NAMED_CURVE = 3;

/** The scheme that the server signed the handshake with; null also where nothing tells (RSA key exchange). */
export const readSignatureScheme = (messageType: number, body: Uint8Array): number | null => {
  const cursor = new Cursor(body);
  if (messageType === MESSAGE.serverKeyExchange) {
    // RFC 8422, 5.4: the curve, the server's point, then the signature.
    if (cursor.number(1) !== NAMED_CURVE || cursor.number(2) === null || cursor.vector(1) === null) return null;
  }
  return cursor.number(2);
};

export const isVersion13 = (version: number): boolean => version === VERSION_13;
