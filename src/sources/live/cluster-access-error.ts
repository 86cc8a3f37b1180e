/** The cluster cannot be asked at all: one line that names the thing to mend. */
export class ClusterAccessError extends Error {
  override readonly name = 'ClusterAccessError';
  /** A paragraph that may follow the line, as kubectl shows a plugin's install hint. */
  readonly hint: string | null;

  constructor(message: string, options: { readonly cause?: unknown; readonly hint?: string | null } = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint ?? null;
  }
}
