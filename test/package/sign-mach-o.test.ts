import { expect, it } from 'vitest';

import { signMachO } from '../../scripts/package/sign-mach-o.ts';
import { readMachOSignature } from './mach-o-signature.ts';

const TEXT_SIZE = 0x4000;
const LINKEDIT_SIZE = 1001;

const segment = (name: string, fileOffset: number, fileSize: number, sections: readonly number[]): Buffer => {
  const command = Buffer.alloc(72 + sections.length * 80);
  command.writeUInt32LE(0x19, 0);
  command.writeUInt32LE(command.length, 4);
  command.write(name, 8, 'latin1');
  command.writeBigUInt64LE(0x1_0000_0000n + BigInt(fileOffset), 24);
  command.writeBigUInt64LE(0x4000n, 32);
  command.writeBigUInt64LE(BigInt(fileOffset), 40);
  command.writeBigUInt64LE(BigInt(fileSize), 48);
  command.writeUInt32LE(sections.length, 64);
  for (const [index, offset] of sections.entries()) command.writeUInt32LE(offset, 72 + index * 80 + 48);
  return command;
};

/** An executable with one section and a __LINKEDIT that ends at an odd byte. */
const executable = (firstSection = 0x1000): Buffer => {
  const commands = [
    segment('__TEXT', 0, TEXT_SIZE, [firstSection]),
    segment('__LINKEDIT', TEXT_SIZE, LINKEDIT_SIZE, []),
  ];
  const file = Buffer.alloc(TEXT_SIZE + LINKEDIT_SIZE, 'code');
  const header = Buffer.alloc(32);
  const fields = [0xfeedfacf, 0x0100000c, 0, 2, commands.length, Buffer.concat(commands).length, 0, 0];
  for (const [index, field] of fields.entries()) header.writeUInt32LE(field, index * 4);
  file.fill(0, 0, firstSection);
  Buffer.concat([header, ...commands]).copy(file);
  return file;
};

it('signs each page of an executable, ad hoc', () => {
  const unsigned = executable();
  const signed = signMachO(unsigned, 'kubectl-aa');
  const signature = readMachOSignature(signed);
  // 0x4000 + 1001 = 17385, of which the next multiple of 16 is 17392, on the fifth page of 4096.
  expect(signature).toMatchObject({
    identifier: 'kubectl-aa',
    flags: 0x20002,
    pages: 5,
    wrongPages: 0,
    executableSegment: { offset: 0, size: TEXT_SIZE, isMainBinary: true },
    start: 17392,
    codeLimit: 17392,
  });
  expect(signature.end).toBe(signed.length);
  expect(signature.linkEdit).toEqual({
    end: signed.length,
    memorySize: 0x4000,
    fileSize: signed.length - TEXT_SIZE,
  });
  // All but the header and the size of __LINKEDIT is as it was.
  expect(signed.subarray(0x1000, unsigned.length).equals(unsigned.subarray(0x1000))).toBe(true);
});

it.each([0, 0x1000, TEXT_SIZE, 17391])('no longer fits when byte %i is another', (at) => {
  const signed = signMachO(executable(), 'kubectl-aa');
  // Of the magic only what does not hide the signature.
  const changed = at === 0 ? 24 : at;
  signed[changed] = (signed[changed] as number) ^ 1;
  expect(readMachOSignature(signed).wrongPages).toBe(1);
});

it('refuses what it cannot sign', () => {
  expect(() => signMachO(Buffer.from('#!/bin/sh\nexit 0\n'.padEnd(64)), 'a')).toThrow('not a thin 64-bit Mach-O file');
  expect(() => signMachO(signMachO(executable(), 'a'), 'a')).toThrow('signed already');
  // 32 of the header, 72 + 80 and 72 of the segments: 256; the new command would need 16.
  expect(() => signMachO(executable(256 + 15), 'a')).toThrow('the header has no room for a signature');
  expect(() => signMachO(executable(256 + 16), 'a')).not.toThrow();
  expect(() => signMachO(Buffer.concat([executable(), Buffer.alloc(1)]), 'a')).toThrow(
    '__LINKEDIT is not the end of the file',
  );
});
