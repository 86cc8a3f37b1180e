import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

import { readBoundedFile, UnreadableFile } from '../../bounded-file.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import type { Connection } from './kubeconfig.ts';

export type Headers = Readonly<Record<string, string | string[]>>;

export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What requests carry to say who asks, as it is now: files rotate and credentials of plugins expire. */
export interface Credentials {
  /**
   * For one request, with the number of the credential that is in them.
   * @throws ClusterAccessError where they cannot be had any more
   */
  readonly headers: () => Promise<{ readonly headers: Headers; readonly generation: number }>;
  readonly clientCertificate: () => ClientCertificate | null;
  /** The server answered 401 to the credential of this number: the next request is made with a fresh one, if there is one. */
  readonly wereRefused: (generation: number) => Promise<void>;
  /** What must never be shown of them, those of the past as well. */
  readonly secrets: () => readonly string[];
}

/** What credentials are made of. */
export interface CredentialSources {
  readonly connection: Connection;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a credential plugin may ask a person; default: no. */
  readonly stdinIsTerminal?: () => boolean;
  readonly signal: AbortSignal;
  /** Takes what a plugin says on its standard error, line by line, without its line end. */
  readonly onStderr: (line: string) => void;
}

const MAX_TOKEN_BYTES = 1024 * 1024;

/** client-go transport/token_source.go: a token file is good for a minute, less ten seconds. */
const TOKEN_FILE_MS = 50_000;

const readToken = async (file: string, signal: AbortSignal): Promise<string> => {
  let token: string;
  try {
    token = (await readBoundedFile(file, MAX_TOKEN_BYTES, signal)).toString('utf8').trim();
  } catch (error) {
    if (error instanceof UnreadableFile)
      throw new ClusterAccessError(`unable to read tokenFile ${file}: ${error.message}`, { cause: error });
    throw error;
  }
  if (token === '')
    throw new ClusterAccessError(`invalid header field value for "Authorization": read empty token from file ${file}`);
  return token;
};

/** The token as it is now: a file that cannot be read leaves the one before it, at first the kubeconfig's own. */
const tokenSource = (
  { token, file }: NonNullable<Connection['bearer']>,
  signal: AbortSignal,
): (() => Promise<string>) => {
  let known = token ?? null;
  let goodUntil = file === undefined ? Number.POSITIVE_INFINITY : 0;
  return async () => {
    if (file !== undefined && Date.now() >= goodUntil) {
      try {
        known = await readToken(file, signal);
        goodUntil = Date.now() + TOKEN_FILE_MS;
      } catch (error) {
        if (known === null) throw error;
      }
    }
    return known ?? '';
  };
};

/** Go writes the bytes of the UTF-8 text, Node takes each character for a byte. */
const headerValue = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** client-go transport/round_trippers.go, headerKeyEscape: whatever is no token of HTTP, and the percent sign, byte by byte. */
const headerName = (key: string): string =>
  [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** Whom the caller wants to be taken for; sent over http:// as well. */
const impersonationHeaders = ({ impersonate }: Connection): Headers =>
  impersonate === null
    ? {}
    : {
        'Impersonate-User': headerValue(impersonate.user),
        ...(impersonate.groups.length > 0 ? { 'Impersonate-Group': impersonate.groups.map(headerValue) } : {}),
        ...(impersonate.uid ? { 'Impersonate-Uid': headerValue(impersonate.uid) } : {}),
        ...Object.fromEntries(
          Object.entries(impersonate.extra).map(([key, values]) => [
            `Impersonate-Extra-${headerName(key)}`,
            values.map(headerValue),
          ]),
        ),
      };

/** A part of a URL as it was meant; one that is no percent-encoding is meant as it stands. */
export const decodedUrlPart = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** As Go's http client: what stands in the URL counts before all else. */
const basicOf = ({ username, password }: URL): Connection['basic'] =>
  username === '' ? null : { username: decodedUrlPart(username), password: decodedUrlPart(password) };

/** In the words of Go's tls.X509KeyPair. @throws ClusterAccessError */
const assertKeyPair = ({ certificate, key }: ClientCertificate): void => {
  const refuse = (reason: string): never => {
    throw new ClusterAccessError(`invalid configuration: the client certificate cannot be used: tls: ${reason}`);
  };
  let x509: X509Certificate | null = null;
  let privateKey: KeyObject | null = null;
  try {
    x509 = new X509Certificate(certificate);
  } catch {
    refuse('failed to find any PEM data in certificate input');
  }
  try {
    privateKey = createPrivateKey(key);
  } catch {
    refuse('failed to find any PEM data in key input');
  }
  if (x509 && privateKey && !x509.checkPrivateKey(privateKey)) refuse('private key does not match public key');
};

/**
 * The caller's credentials for the server at `url`; over http:// none is ever read or sent, as client-go.
 * @throws ClusterAccessError where they cannot be had
 */
export const getCredentials = async (sources: CredentialSources, url: URL): Promise<Credentials> => {
  const { connection, signal } = sources;
  const impersonation = impersonationHeaders(connection);
  if (url.protocol !== 'https:') {
    return {
      headers: async () => ({ headers: impersonation, generation: 0 }),
      clientCertificate: () => null,
      wereRefused: async () => undefined,
      secrets: () => [],
    };
  }
  const secrets = new Set<string>();
  const secret = (text: string): string => {
    if (text !== '') secrets.add(text);
    return text;
  };
  const plugin =
    connection.exec === null ? null : (await import('./exec-credential.ts')).execCredentials(connection.exec, sources);
  const token = connection.bearer === null ? null : tokenSource(connection.bearer, signal);
  const basic = basicOf(url) ?? connection.basic;

  const authorization = async (): Promise<string | null> => {
    if (basic !== null) {
      secret(basic.password);
      return `Basic ${secret(Buffer.from(`${basic.username}:${basic.password}`).toString('base64'))}`;
    }
    const bearer = token === null ? ((await plugin?.current())?.token ?? null) : await token();
    return bearer === null ? null : `Bearer ${secret(bearer)}`;
  };

  const credentials: Credentials = {
    headers: async () => {
      const value = await authorization();
      // Go sends the bytes of UTF-8.
      if (value !== null && /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
        throw new ClusterAccessError(
          'invalid header field value for "Authorization": the credential of the kubeconfig holds characters that no HTTP header may hold',
        );
      return {
        headers: { ...(value === null ? {} : { Authorization: headerValue(value) }), ...impersonation },
        generation: plugin?.generation() ?? 0,
      };
    },
    clientCertificate: () => connection.clientCertificate ?? plugin?.latest()?.clientCertificate ?? null,
    wereRefused: async (generation) => plugin?.refresh(generation),
    secrets: () => [...secrets],
  };
  await credentials.headers();
  const pair = credentials.clientCertificate();
  if (pair) assertKeyPair(pair);
  return credentials;
};
