/** What arrives through a port-forward. */
export type TunnelEvent =
  /** From the Pod's port. */
  | { readonly kind: 'data'; readonly bytes: Buffer }
  /** The kubelet says why it cannot go on. */
  | { readonly kind: 'failure'; readonly text: string }
  /** Something that has to be sent back as it is. */
  | { readonly kind: 'reply'; readonly bytes: Buffer }
  /** No more data will come. */
  | { readonly kind: 'end' };

/** How one connection to a Pod's port is carried over the connection to the API server. */
export interface TunnelProtocol {
  /** What the client sends first. */
  readonly opening: Buffer;
  readonly encode: (data: Buffer) => Buffer;
  /** What the client sends last. */
  readonly farewell: Buffer;
  /** Takes what arrived, cut anywhere; what it cannot follow is a failure, after which nothing more is to be fed to it. */
  readonly decode: (chunk: Buffer) => readonly TunnelEvent[];
}

/** Gathers bytes until a unit of them is whole. */
export class ByteQueue {
  #chunks: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The first bytes, which stay where they are; null while there are fewer. */
  peek(length: number): Buffer | null {
    if (this.#length < length) return null;
    const [first = Buffer.alloc(0)] = this.#chunks;
    if (first.length >= length) return first.subarray(0, length);
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole.subarray(0, length);
  }

  /** Takes the first bytes away; there have to be as many. */
  drop(length: number): void {
    const whole = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const rest = whole.subarray(length);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
  }
}
