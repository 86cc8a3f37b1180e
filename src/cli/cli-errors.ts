/** The call's words are off: one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

/** A NAME that is not there: one line, exit status 2, after what was found. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}
