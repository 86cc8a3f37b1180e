import { createHash } from 'node:crypto';

// <mach-o/loader.h>
const MH_MAGIC_64 = 0xfeedfacf;
const MACH_HEADER_SIZE = 32;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const CODE_SIGNATURE_COMMAND_SIZE = 16;
/** dyld refuses a signature that starts elsewhere ("mis-aligned code signature"). */
const SIGNATURE_ALIGNMENT = 16;
/** Pages of memory have 16 KiB on arm64, and 4 KiB on amd64. */
const CPU_TYPE_ARM64 = 0x0100000c;
const segmentAlignment = (file: Buffer): number => (file.readUInt32LE(4) === CPU_TYPE_ARM64 ? 0x4000 : 0x1000);

// <kern/cs_blobs.h>
const CSMAGIC_EMBEDDED_SIGNATURE = 0xfade0cc0;
const CSMAGIC_CODEDIRECTORY = 0xfade0c02;
const CODE_DIRECTORY_VERSION = 0x20400;
const CS_ADHOC = 0x2;
const CS_LINKER_SIGNED = 0x20000;
const CS_EXECSEG_MAIN_BINARY = 1n;
const CS_HASHTYPE_SHA256 = 2;
const HASH_SIZE = 32;
const SUPER_BLOB_HEADER_SIZE = 20;
const CODE_DIRECTORY_HEADER_SIZE = 88;
const PAGE_SHIFT = 12;
const PAGE_SIZE = 1 << PAGE_SHIFT;

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

interface LoadCommand {
  readonly type: number;
  readonly offset: number;
}

const loadCommands = (file: Buffer): readonly LoadCommand[] => {
  const commands: LoadCommand[] = [];
  let offset = MACH_HEADER_SIZE;
  for (let left = file.readUInt32LE(16); left > 0; left -= 1) {
    commands.push({ type: file.readUInt32LE(offset), offset });
    offset += file.readUInt32LE(offset + 4);
  }
  return commands;
};

const segmentOffset = (file: Buffer, commands: readonly LoadCommand[], name: string): number => {
  const segment = commands.find(
    ({ type, offset }) =>
      type === LC_SEGMENT_64 && file.toString('latin1', offset + 8, offset + 24).replaceAll('\0', '') === name,
  );
  if (!segment) throw new Error(`no segment ${name}`);
  return segment.offset;
};

/** The first byte of the file that a section occupies: load commands end before it. */
const firstSectionByte = (file: Buffer, commands: readonly LoadCommand[]): number =>
  Math.min(
    ...commands
      .filter(({ type }) => type === LC_SEGMENT_64)
      .flatMap(({ offset }) =>
        Array.from({ length: file.readUInt32LE(offset + 64) }, (_, index) =>
          file.readUInt32LE(offset + 72 + index * 80 + 48),
        ),
      )
      // Sections of zeros are not in the file.
      .filter((start) => start > 0),
  );

/**
 * Signs a thin 64-bit little-endian Mach-O executable ad hoc, as linkers do: SHA-256 of each page and no identity. macOS
 * on arm64 kills what has no signature. `identifier` names the program.
 *
 * Not quill, the signer in Go: of an unsigned file it puts the signature wherever the file ends.
 *
 * Throws on another kind of file, on one that is signed, and where the header has no room for the load command.
 */
export const signMachO = (unsigned: Buffer, identifier: string): Buffer => {
  if (unsigned.readUInt32LE(0) !== MH_MAGIC_64) throw new Error('not a thin 64-bit Mach-O file');
  const commands = loadCommands(unsigned);
  if (commands.some(({ type }) => type === LC_CODE_SIGNATURE)) throw new Error('signed already');
  const commandsSize = unsigned.readUInt32LE(20);
  const newCommand = MACH_HEADER_SIZE + commandsSize;
  if (newCommand + CODE_SIGNATURE_COMMAND_SIZE > firstSectionByte(unsigned, commands)) {
    throw new Error('the header has no room for a signature');
  }
  const text = segmentOffset(unsigned, commands, '__TEXT');
  const linkEdit = segmentOffset(unsigned, commands, '__LINKEDIT');
  const linkEditStart = Number(unsigned.readBigUInt64LE(linkEdit + 40));
  if (linkEditStart + Number(unsigned.readBigUInt64LE(linkEdit + 48)) !== unsigned.length) {
    throw new Error('__LINKEDIT is not the end of the file');
  }

  const codeLimit = roundUp(unsigned.length, SIGNATURE_ALIGNMENT);
  const pageCount = Math.ceil(codeLimit / PAGE_SIZE);
  const name = Buffer.from(`${identifier}\0`);
  const hashOffset = CODE_DIRECTORY_HEADER_SIZE + name.length;
  const codeDirectorySize = hashOffset + pageCount * HASH_SIZE;
  const superBlobSize = SUPER_BLOB_HEADER_SIZE + codeDirectorySize;
  const signatureSize = roundUp(superBlobSize, SIGNATURE_ALIGNMENT);

  const file = Buffer.alloc(codeLimit + signatureSize);
  unsigned.copy(file);
  // The header is hashed too: it is changed first.
  file.writeUInt32LE(commands.length + 1, 16);
  file.writeUInt32LE(commandsSize + CODE_SIGNATURE_COMMAND_SIZE, 20);
  for (const [index, value] of [LC_CODE_SIGNATURE, CODE_SIGNATURE_COMMAND_SIZE, codeLimit, signatureSize].entries()) {
    file.writeUInt32LE(value, newCommand + index * 4);
  }
  const linkEditSize = file.length - linkEditStart;
  file.writeBigUInt64LE(BigInt(roundUp(linkEditSize, segmentAlignment(file))), linkEdit + 32);
  file.writeBigUInt64LE(BigInt(linkEditSize), linkEdit + 48);

  const superBlob = file.subarray(codeLimit);
  const superBlobFields = [CSMAGIC_EMBEDDED_SIGNATURE, superBlobSize, 1, 0, SUPER_BLOB_HEADER_SIZE];
  for (const [index, value] of superBlobFields.entries()) superBlob.writeUInt32BE(value, index * 4);
  const codeDirectory = superBlob.subarray(SUPER_BLOB_HEADER_SIZE);
  const codeDirectoryFields = [
    CSMAGIC_CODEDIRECTORY,
    codeDirectorySize,
    CODE_DIRECTORY_VERSION,
    CS_ADHOC | CS_LINKER_SIGNED,
    hashOffset,
    CODE_DIRECTORY_HEADER_SIZE,
    0, // no special slots
    pageCount,
    codeLimit,
  ];
  for (const [index, value] of codeDirectoryFields.entries()) codeDirectory.writeUInt32BE(value, index * 4);
  codeDirectory.set([HASH_SIZE, CS_HASHTYPE_SHA256, 0, PAGE_SHIFT], 36);
  codeDirectory.writeBigUInt64BE(file.readBigUInt64LE(text + 40), 64);
  codeDirectory.writeBigUInt64BE(file.readBigUInt64LE(text + 48), 72);
  codeDirectory.writeBigUInt64BE(CS_EXECSEG_MAIN_BINARY, 80);
  name.copy(codeDirectory, CODE_DIRECTORY_HEADER_SIZE);
  for (let page = 0; page < pageCount; page += 1) {
    const content = file.subarray(page * PAGE_SIZE, Math.min((page + 1) * PAGE_SIZE, codeLimit));
    codeDirectory.set(createHash('sha256').update(content).digest(), hashOffset + page * HASH_SIZE);
  }
  return file;
};
