import type { RawFactValues, RawSnapshot } from '../../snapshot/raw-snapshot.ts';
import { redactText, textRedactor } from '../../snapshot/redact.ts';
import { capture, type CaptureOptions } from './capture.ts';
import { ClusterAccessError } from './cluster-access-error.ts';
import { type ClusterReader, RequestFailed } from './cluster-reader.ts';
import { collectors } from './collectors/index.ts';
import { openHttpsReader } from './kubernetes/https-reader.ts';
import { type ConnectionEnvironment, type ConnectionFlags, loadConnection } from './kubernetes/kubeconfig.ts';
import { lookThrough } from './look.ts';

/** How the cluster is reached. */
export interface ConnectionOptions {
  readonly flags: ConnectionFlags;
  readonly environment: ConnectionEnvironment;
  readonly userAgent: string;
  /** Takes what a credential plugin says on its standard error, line by line, without its line end. */
  readonly onStderr: (line: string) => void;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const withReader = async <T>(
  { flags, environment, userAgent, onStderr, signal }: ConnectionOptions,
  use: (reader: ClusterReader) => Promise<T>,
): Promise<T> => {
  const connection = await loadConnection(flags, environment, signal);
  const reader = await openHttpsReader({ connection, env: environment.env, userAgent, signal, onStderr });
  try {
    return await use(reader);
  } finally {
    reader.close();
  }
};

/**
 * Captures the cluster that the kubeconfig and the flags name.
 * @throws ClusterAccessError where no connection can even be tried
 */
export const captureCluster = (options: ConnectionOptions & CaptureOptions): Promise<RawSnapshot> =>
  withReader(options, (reader) => capture(reader, options));

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
 * Asks for the server's version and nothing else.
 * @throws ClusterAccessError
 */
export const captureServerVersion = (options: ConnectionOptions): Promise<RawFactValues['serverVersion']> =>
  withReader(options, async (reader) => {
    try {
      return await collectors.serverVersion.collect(lookThrough(reader, options.timeoutMs, options.signal));
    } catch (error) {
      if (error instanceof RequestFailed)
        throw new ClusterAccessError(redactText(error.message, reader.secrets()), { cause: error });
      throw error;
    }
  });
