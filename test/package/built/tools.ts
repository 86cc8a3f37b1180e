// Programs of other people that some tests need, and which a machine may not have.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { binaryPath } from '../../lab/build.ts';

const onPath = (command: string): string | null =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((path) => existsSync(path)) ?? null;

/** For programs of linux/arm64, with the libraries of Debian's libc6-arm64-cross and libstdc++6-arm64-cross. */
const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu';
const emulator = onPath('qemu-aarch64-static') ?? onPath('qemu-aarch64');
export const qemu =
  emulator !== null && existsSync(join(ARM64_LIBRARIES, 'lib/libstdc++.so.6'))
    ? { command: emulator, args: ['-L', ARM64_LIBRARIES] }
    : null;

export const wine = onPath('wine') ?? onPath('wine64');
export const objcopy = onPath('llvm-objcopy') ?? onPath('llvm-objcopy-19');
export const go = spawnSync('go', ['version']).status === 0;

/** The lab's, which is of upstream, or else the machine's. */
const labKubectl = go ? binaryPath('kubectl') : null;
export const kubectl = labKubectl !== null && existsSync(labKubectl) ? labKubectl : onPath('kubectl');

/** A PATH that finds the kubectl above and, before all, what is in the folders. */
export const pathWith = (...folders: readonly string[]): string =>
  [...folders, ...(kubectl === null ? [] : [dirname(kubectl)]), process.env['PATH'] ?? ''].join(delimiter);
