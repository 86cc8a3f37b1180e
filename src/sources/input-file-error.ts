/** A file that a flag names cannot be used: one line. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError';
}
