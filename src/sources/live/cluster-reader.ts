import type { Duplex, Readable } from 'node:stream';

import type { ClusterIdentity } from '../../model/facts.ts';
import type { RawMissing } from '../../snapshot/raw-snapshot.ts';

/** The narrow read-only handle that collectors get: GET, a self-review, and a byte stream to a Pod's port. */
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
   * The body of a GET as it comes, for a watch. It goes on until the server ends it or it is destroyed.
   * @throws RequestFailed when no answer came in time, or one other than 200
   */
  readonly stream: (path: string, options: RequestOptions) => Promise<Readable>;
  /**
   * What the API server says of the caller itself: the only objects that are ever posted, and they are not stored.
   * @throws RequestFailed when no complete answer came
   */
  readonly review: (review: SelfReview, options: RequestOptions) => Promise<Received>;
  /**
   * A byte stream to a port of a Pod, through port-forward.
   * @throws RequestFailed when there is none
   */
  readonly openPodPort: (target: PodPort, options: RequestOptions) => Promise<Duplex>;
  /** The same reader over one connection of its own, which is made with its first request. */
  readonly separate: () => SeparateReader;
  /** How many requests it can have under way at once: beyond that a request's time-out would run while it queues. */
  readonly concurrency: () => number;
  readonly close: () => void;
}

/** A reader over one connection, and with whom that was made. */
export interface SeparateReader extends Pick<ClusterReader, 'get' | 'close'> {
  /** Null before the first answer, in the clear and through a proxy. */
  readonly peer: () => Peer | null;
}

/** What tells one server from another behind the same name. */
export interface Peer {
  /** `10.0.0.1:6443` */
  readonly address: string;
  /** SHA-256 of the certificate that it presented, in hexadecimal. */
  readonly certificate: string;
}

/** Who the caller is (1.28 and later), or whether the caller may do something. */
export type SelfReview =
  | { readonly kind: 'SelfSubjectReview' }
  | { readonly kind: 'SelfSubjectAccessReview'; readonly spec: AccessRequest };

/** The spec of a SelfSubjectAccessReview. */
export type AccessRequest =
  | {
      readonly resourceAttributes: {
        readonly verb: string;
        readonly group: string;
        readonly resource: string;
        readonly subresource?: string;
        readonly namespace?: string;
        readonly name?: string;
      };
    }
  | { readonly nonResourceAttributes: { readonly verb: string; readonly path: string } };

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
  /** The user in whose name to ask (kubectl --as), instead of the caller; kube-apiserver knows the groups of a ServiceAccount. */
  readonly as?: string;
}

export interface Received {
  readonly httpStatus: number;
  readonly contentType: string | null;
  readonly location: string | null;
  readonly etag: string | null;
  /** The Date header. */
  readonly date: string | null;
  readonly latencyMs: number;
  /** Why the request came no further than kube-apiserver, as far as can be told: its own load; null where nothing says so. */
  readonly ownLoad: string | null;
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

/** An answer began, and its body is not what its head says. The connection is in order: whoever made the answer spoiled it. */
export class BodyDamaged extends RequestFailed {
  readonly head: Omit<Received, 'body'>;
  /** Half a sentence. */
  readonly why: string;

  constructor(head: Omit<Received, 'body'>, why: string, message: string, cause: unknown) {
    super('unreadable', message, cause);
    this.head = head;
    this.why = why;
  }
}
