/**
 * Takes Node's Authenticode signature off an executable for Windows (PE32+, Microsoft PE format, "The Attribute
 * Certificate Table"): once a blob is injected it would be a wrong signature, which is worse than none.
 *
 * Throws where the signature is not the end of the file.
 */
export const unsignPe = (file: Buffer): Buffer => {
  const signature = file.readUInt32LE(0x3c);
  if (file.toString('latin1', signature, signature + 4) !== 'PE\0\0') throw new Error('not a PE file');
  const optionalHeader = signature + 24;
  if (file.readUInt16LE(optionalHeader) !== 0x20b) throw new Error('not a PE32+ file');
  const checksum = optionalHeader + 64;
  const certificateTable = optionalHeader + 112 + 4 * 8;
  const offset = file.readUInt32LE(certificateTable);
  if (offset === 0) return file;
  if (offset + file.readUInt32LE(certificateTable + 4) !== file.length) {
    throw new Error('the signature is not the end of the file');
  }
  const unsigned = Buffer.from(file.subarray(0, offset));
  unsigned.fill(0, certificateTable, certificateTable + 8);
  // 0: not computed. Windows asks for it of drivers only.
  unsigned.writeUInt32LE(0, checksum);
  return unsigned;
};
