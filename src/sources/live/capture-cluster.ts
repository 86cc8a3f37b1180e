import { objectSchemas, type RawFactValues, type RawSnapshot } from '../../snapshot/raw-snapshot.ts';
import { redactParsed, redactText, textRedactor } from '../../snapshot/redact.ts';
import { capture, type CaptureOptions } from './capture.ts';
import { readClientCache } from './client-cache.ts';
import { ClusterAccessError } from './cluster-access-error.ts';
import { type ClusterReader, RequestFailed } from './cluster-reader.ts';
import { collectors } from './collectors/index.ts';
import { openHttpsReader } from './kubernetes/https-reader.ts';
import {
  type Connection,
  type ConnectionEnvironment,
  type ConnectionFlags,
  loadConnection,
} from './kubernetes/kubeconfig.ts';
import { lookThrough } from './look.ts';

/** How the cluster is reached. */
export interface ConnectionOptions {
  readonly flags: ConnectionFlags;
  readonly environment: ConnectionEnvironment;
  /** Whether a credential plugin may ask a person; default: no. */
  readonly stdinIsTerminal?: () => boolean;
  /** This tool's version, without a `v`. */
  readonly clientVersion: string;
  /** Limit of a single request instead of the tool's own; null for none. */
  readonly requestTimeoutMs?: number | null;
  /** From 6 on each request is told of. */
  readonly logLevel?: number;
  /** Takes warnings of the server, logged requests, and what a credential plugin says on its standard error, line by line. */
  readonly onStderr: (line: string) => void;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * A reader that is closed when `use` has ended.
 * @throws ClusterAccessError where no connection can even be tried
 */
export const withReader = async <T>(
  { flags, environment, clientVersion, ...options }: ConnectionOptions,
  use: (reader: ClusterReader, connection: Connection) => Promise<T>,
): Promise<T> => {
  const connection = await loadConnection(flags, environment, options.signal);
  const userAgent = `kubectl-aa/${clientVersion}`;
  const reader = await openHttpsReader({ ...options, env: environment.env, connection, userAgent });
  try {
    if (flags['match-server-version']) assertSameVersion(clientVersion, await readServerVersion(reader, options));
    return await use(reader, connection);
  } finally {
    reader.close();
  }
};

/** kubectl's own rule; a tool that is no Kubernetes release keeps it by failing (client-go discovery/helper.go, MatchesServerVersion). */
const assertSameVersion = (client: string, { gitVersion }: RawFactValues['serverVersion']): void => {
  if (gitVersion !== `v${client}`)
    throw new ClusterAccessError(`server version (${gitVersion}) differs from client version (kubectl-aa v${client})`);
};

const readServerVersion = async (
  reader: ClusterReader,
  { timeoutMs, signal }: Pick<ConnectionOptions, 'timeoutMs' | 'signal'>,
): Promise<RawFactValues['serverVersion']> => {
  try {
    return await collectors.serverVersion.collect(lookThrough(reader, timeoutMs, signal));
  } catch (error) {
    if (error instanceof RequestFailed)
      throw new ClusterAccessError(redactText(error.message, reader.secrets()), { cause: error });
    throw error;
  }
};

/**
 * Captures the cluster that the kubeconfig and the flags name.
 * @throws ClusterAccessError where no connection can even be tried
 */
export const captureCluster = (options: ConnectionOptions & CaptureOptions): Promise<RawSnapshot> =>
  withReader(options, async (reader, { server }) => {
    const snapshot = await capture(reader, options);
    if (!options.facts.includes('clientCache')) return snapshot;
    const { apiServices } = snapshot.facts;
    const clientCache = await readClientCache(server, apiServices.state === 'known' ? apiServices.value : [], options);
    return redactParsed({ ...snapshot, facts: { ...snapshot.facts, clientCache } }, reader.secrets());
  });

/** A document as it was received, byte for byte but for the caller's credentials. */
export interface ReceivedDocument extends DocumentRequest {
  readonly httpStatus: number;
  readonly contentType: string | null;
  readonly etag: string | null;
  readonly latencyMs: number;
  /** Null where it is larger than is read. */
  readonly bytes: Buffer | null;
}

export interface DocumentRequest {
  readonly path: string;
  readonly accept: string;
}

/** One that could not be had. */
export interface FailedDocument extends DocumentRequest {
  readonly error: string;
}

/**
 * Asks for documents one after the other.
 * @throws ClusterAccessError where no connection can even be tried
 */
export const fetchDocuments = (
  options: ConnectionOptions,
  requests: readonly DocumentRequest[],
): Promise<readonly (ReceivedDocument | FailedDocument)[]> =>
  withReader(options, async (reader) => {
    const redacted = textRedactor(reader.secrets());
    const documents: (ReceivedDocument | FailedDocument)[] = [];
    for (const request of requests) {
      try {
        const { httpStatus, contentType, etag, latencyMs, body } = await reader.get(request.path, {
          accept: request.accept,
          timeoutMs: options.timeoutMs,
          signal: options.signal,
          encoding: 'latin1',
        });
        const bytes = body === null ? null : Buffer.from(redacted(body), 'latin1');
        documents.push({ ...request, httpStatus, contentType, etag, latencyMs, bytes });
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        documents.push({ ...request, error: redacted(error.message) });
      }
    }
    return documents;
  });

/**
 * The names of all namespaces.
 * @throws ClusterAccessError, RequestFailed
 */
export const listNamespaces = (options: ConnectionOptions): Promise<readonly string[]> =>
  withReader(options, async (reader) => {
    const look = lookThrough(reader, options.timeoutMs, options.signal);
    const namespaces = await look.list('/api/v1/namespaces', objectSchemas.namespaces, 'list namespaces');
    return namespaces.map(({ metadata }) => metadata.name);
  });

/**
 * Asks for the server's version and nothing else.
 * @throws ClusterAccessError
 */
export const captureServerVersion = (options: ConnectionOptions): Promise<RawFactValues['serverVersion']> =>
  withReader(options, (reader) => readServerVersion(reader, options));
