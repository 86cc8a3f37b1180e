const SECTION_HEADER_SIZE = 64;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n;

/**
 * Drops what is never loaded, the symbol table and debugging information, from a 64-bit little-endian ELF file (System V
 * ABI, chapter 4). It has to be done before a SEA blob is injected: not here with `strip`, of which each version writes
 * other bytes.
 *
 * Throws where the file has another layout than linkers give it: loaded sections first.
 */
export const stripElf = (file: Buffer): Buffer => {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) throw new Error('not a 64-bit ELF file');
  const sectionTable = Number(file.readBigUInt64LE(40));
  const sectionCount = file.readUInt16LE(60);
  const sections = Array.from({ length: sectionCount }, (_, index) =>
    file.subarray(sectionTable + index * SECTION_HEADER_SIZE, sectionTable + (index + 1) * SECTION_HEADER_SIZE),
  );
  const isLoaded = (header: Buffer): boolean => (header.readBigUInt64LE(8) & SHF_ALLOC) !== 0n;
  // The first section is the null section.
  const loaded = sections.filter((header, index) => index === 0 || isLoaded(header));
  if (sections.slice(loaded.length).some(isLoaded)) throw new Error('a loaded section follows one that is not');
  const names = sections[file.readUInt16LE(62)];
  if (!names) throw new Error('the sections have no names');

  const segmentTable = Number(file.readBigUInt64LE(32));
  const segmentEnds = Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const header = segmentTable + index * file.readUInt16LE(54);
    return Number(file.readBigUInt64LE(header + 8) + file.readBigUInt64LE(header + 32));
  });
  const extent = (header: Buffer): readonly [number, number] => {
    const offset = Number(header.readBigUInt64LE(24));
    const size = header.readUInt32LE(4) === SHT_NOBITS ? 0 : Number(header.readBigUInt64LE(32));
    return [offset, offset + size];
  };
  const end = Math.max(...segmentEnds, ...loaded.map((header) => extent(header)[1]));

  const nameTable = file.subarray(...extent(names));
  const namesHeader = Buffer.from(names);
  namesHeader.writeBigUInt64LE(BigInt(end), 24);
  const newSectionTable = Math.ceil((end + nameTable.length) / 8) * 8;
  const stripped = Buffer.concat([
    file.subarray(0, end),
    nameTable,
    Buffer.alloc(newSectionTable - end - nameTable.length),
    ...loaded,
    namesHeader,
  ]);
  stripped.writeBigUInt64LE(BigInt(newSectionTable), 40);
  stripped.writeUInt16LE(loaded.length + 1, 60);
  stripped.writeUInt16LE(loaded.length, 62);
  return stripped;
};
