import { readBoundedFile, UnreadableFile } from '../../bounded-file.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import { runExecPlugin } from './exec-credential.ts';
import type { Connection } from './kubeconfig.ts';

/** What a request carries to say who asks, and what must never be shown of it. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
  readonly secrets: readonly string[];
}

/** What credentials are made of. */
export interface CredentialSources {
  readonly connection: Connection;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Takes what a plugin says on its standard error, line by line, without its line end. */
  readonly onStderr: (line: string) => void;
}

const MAX_TOKEN_BYTES = 1024 * 1024;

const readToken = async (file: string, signal: AbortSignal): Promise<string> => {
  try {
    return (await readBoundedFile(file, MAX_TOKEN_BYTES, signal)).toString('utf8').trim();
  } catch (error) {
    if (error instanceof UnreadableFile)
      throw new ClusterAccessError(`unable to read tokenFile ${file}: ${error.message}`, { cause: error });
    throw error;
  }
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
export const impersonationHeaders = ({ impersonate }: Connection): Credentials['headers'] =>
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

/** As Go's http client: what stands in the URL counts where nothing else does. */
const basicOf = ({ username, password }: URL): Connection['basic'] =>
  username === '' ? null : { username: decodedUrlPart(username), password: decodedUrlPart(password) };

/**
 * The caller's credentials for the server at `url`.
 * @throws ClusterAccessError where they cannot be had
 */
export const getCredentials = async (
  { connection, env, signal, onStderr }: CredentialSources,
  url: URL,
): Promise<Credentials> => {
  const { bearer, exec } = connection;
  const plugin = exec ? await runExecPlugin(exec, connection, env, signal, onStderr) : null;
  const token = bearer
    ? 'token' in bearer
      ? bearer.token
      : await readToken(bearer.file, signal)
    : (plugin?.token ?? null);
  const basic = connection.basic ?? basicOf(url);
  const basicPair = basic ? Buffer.from(`${basic.username}:${basic.password}`).toString('base64') : null;
  const authorization = token !== null ? `Bearer ${token}` : basicPair !== null ? `Basic ${basicPair}` : null;
  if (authorization !== null && /[^\t\u0020-\u007e]/.test(authorization))
    throw new ClusterAccessError('the credential of the kubeconfig holds characters that no HTTP header may hold');
  return {
    headers: {
      ...(authorization === null ? {} : { Authorization: authorization }),
      ...impersonationHeaders(connection),
    },
    clientCertificate: connection.clientCertificate ?? plugin?.clientCertificate ?? null,
    secrets: [token, basic?.password, basicPair].filter(
      (secret): secret is string => typeof secret === 'string' && secret !== '',
    ),
  };
};
