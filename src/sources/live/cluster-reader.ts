import type { Duplex } from 'node:stream';

import type { ClusterIdentity } from '../../model/facts.ts';
import type { RawMissing } from '../../snapshot/raw-snapshot.ts';

/** The narrow read-only handle that collectors get. There is no verb but GET, and a byte stream to a Pod's port. */
export interface ClusterReader {
  readonly identity: ClusterIdentity;
  /** The caller's own credentials: whatever is received is searched for them before it is kept. */
  readonly secrets: () => readonly string[];
  /**
   * One GET; redirects are never followed. A body above MAX_BODY_BYTES is not read on.
   * @throws RequestFailed when no complete answer came
   */
  readonly get: (path: string, options: GetOptions) => Promise<Received>;
  /**
   * A byte stream to a port of a Pod, through port-forward.
   * @throws RequestFailed when there is none
   */
  readonly openPodPort: (target: PodPort, options: RequestOptions) => Promise<Duplex>;
  /** How many requests it can have under way at once: beyond that a request's time-out would run while it queues. */
  readonly concurrency: () => number;
  readonly close: () => void;
}

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface GetOptions extends RequestOptions {
  /** The Accept header; default `application/json`. */
  readonly accept?: string;
  /** How the body becomes text; in `latin1` a character stands for each byte. Default `utf8`. */
  readonly encoding?: 'utf8' | 'latin1';
}

export interface Received {
  readonly httpStatus: number;
  readonly contentType: string | null;
  readonly location: string | null;
  readonly etag: string | null;
  /** The Date header. */
  readonly date: string | null;
  readonly latencyMs: number;
  /** Null where the body was larger than the reader takes. */
  readonly body: string | null;
}

/** Bodies are read whole up to here. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** No complete answer: the API server itself could not be asked. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly state: RawMissing['state'];

  constructor(state: RawMissing['state'], message: string, cause?: unknown) {
    super(message, { cause });
    this.state = state;
  }
}
