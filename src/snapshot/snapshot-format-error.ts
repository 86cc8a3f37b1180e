/** A snapshot that cannot be read: one line that names the field. */
export class SnapshotFormatError extends Error {
  override readonly name = 'SnapshotFormatError';
}
