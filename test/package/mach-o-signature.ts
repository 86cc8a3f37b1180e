// Reads what signers of Mach-O files write, by Apple's <mach-o/loader.h> and <kern/cs_blobs.h>, and checks it.
import { createHash } from 'node:crypto';

const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const CSMAGIC_EMBEDDED_SIGNATURE = 0xfade0cc0;
const CSMAGIC_CODEDIRECTORY = 0xfade0c02;
const CSSLOT_CODEDIRECTORY = 0;

export interface MachOSignature {
  readonly identifier: string;
  readonly flags: number;
  readonly pages: number;
  /** Of pages of which the content has another hash. */
  readonly wrongPages: number;
  readonly executableSegment: { readonly offset: number; readonly size: number; readonly isMainBinary: boolean };
  /** Where the signature starts in the file, and the end of the code it is for. */
  readonly start: number;
  readonly codeLimit: number;
  readonly end: number;
  /** Where the signature's segment ends in the file, and its size in memory and in the file. */
  readonly linkEdit: { readonly end: number; readonly memorySize: number; readonly fileSize: number };
}

/** Throws where there is no signature, or one that is not of SHA-256 over pages. */
export const readMachOSignature = (file: Buffer): MachOSignature => {
  if (file.readUInt32LE(0) !== 0xfeedfacf) throw new Error('not a 64-bit Mach-O file');
  const commandsEnd = 32 + file.readUInt32LE(20);
  let start: number | undefined;
  let size = 0;
  let linkEdit: MachOSignature['linkEdit'] | undefined;
  let offset = 32;
  for (let left = file.readUInt32LE(16); left > 0; left -= 1) {
    const type = file.readUInt32LE(offset);
    if (type === LC_SEGMENT_64 && file.toString('latin1', offset + 8, offset + 18) === '__LINKEDIT') {
      const fileSize = Number(file.readBigUInt64LE(offset + 48));
      linkEdit = {
        end: Number(file.readBigUInt64LE(offset + 40)) + fileSize,
        memorySize: Number(file.readBigUInt64LE(offset + 32)),
        fileSize,
      };
    }
    if (type === LC_CODE_SIGNATURE) {
      start = file.readUInt32LE(offset + 8);
      size = file.readUInt32LE(offset + 12);
    }
    offset += file.readUInt32LE(offset + 4);
  }
  if (offset !== commandsEnd) throw new Error('the load commands are not as long as the header says');
  if (start === undefined || !linkEdit) throw new Error('there is no signature');

  const superBlob = file.subarray(start, start + size);
  if (superBlob.readUInt32BE(0) !== CSMAGIC_EMBEDDED_SIGNATURE) throw new Error('not an embedded signature');
  if (superBlob.readUInt32BE(4) > size) throw new Error('the signature is longer than its place');
  const slot = Array.from({ length: superBlob.readUInt32BE(8) }, (_, index) => 12 + index * 8).find(
    (at) => superBlob.readUInt32BE(at) === CSSLOT_CODEDIRECTORY,
  );
  if (slot === undefined) throw new Error('there is no code directory');
  const directory = superBlob.subarray(superBlob.readUInt32BE(slot + 4));
  if (directory.readUInt32BE(0) !== CSMAGIC_CODEDIRECTORY) throw new Error('not a code directory');
  if (directory.readUInt32BE(8) < 0x20400) throw new Error('the code directory does not know an executable segment');
  const [hashOffset, identifierOffset, pages, codeLimit] = [16, 20, 28, 32].map((at) => directory.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const [hashSize, hashType, , pageShift] = directory.subarray(36, 40) as unknown as [number, number, number, number];
  if (hashSize !== 32 || hashType !== 2) throw new Error('the hashes are not SHA-256');
  if (hashOffset + pages * hashSize > directory.readUInt32BE(4)) throw new Error('hashes are missing');
  const pageSize = 1 << pageShift;
  if (pages !== Math.ceil(codeLimit / pageSize)) throw new Error('the pages are not those of the code');
  let wrongPages = 0;
  for (let page = 0; page < pages; page += 1) {
    const content = file.subarray(page * pageSize, Math.min((page + 1) * pageSize, codeLimit));
    const hash = directory.subarray(hashOffset + page * hashSize, hashOffset + (page + 1) * hashSize);
    if (!createHash('sha256').update(content).digest().equals(hash)) wrongPages += 1;
  }
  return {
    identifier: directory.toString('utf8', identifierOffset, directory.indexOf(0, identifierOffset)),
    flags: directory.readUInt32BE(12),
    pages,
    wrongPages,
    executableSegment: {
      offset: Number(directory.readBigUInt64BE(64)),
      size: Number(directory.readBigUInt64BE(72)),
      isMainBinary: (directory.readBigUInt64BE(80) & 1n) === 1n,
    },
    start,
    codeLimit,
    end: start + size,
    linkEdit,
  };
};
