import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, describe, expect, inject, it } from 'vitest';

import { baseBinary } from '../../../scripts/package/base-binaries.ts';
import { executableName, type Target, targets } from '../../../scripts/package/targets.ts';
import { readMachOSignature } from '../mach-o-signature.ts';
import { objcopy, qemu, wine } from './tools.ts';

const root = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
const packageFolder = inject('packageFolder');
const scratch = mkdtempSync(join(tmpdir(), 'kubectl-aa-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const targetOf = (os: string, arch: string): Target =>
  targets.find((target) => target.os === os && target.arch === arch) as Target;
const executable = (target: Target): string =>
  join(packageFolder, `${target.os}_${target.arch}`, executableName(target));

interface Way {
  readonly what: string;
  readonly target: Target;
  /** The program that runs it, and its arguments; null: this machine cannot. */
  readonly runner: readonly string[] | null;
  readonly env?: Readonly<Record<string, string>>;
}

const native = (os: string, arch: string): readonly string[] | null =>
  process.platform === os && process.arch === arch ? [] : null;

const ways: readonly Way[] = [
  { what: 'linux/amd64', target: targetOf('linux', 'amd64'), runner: native('linux', 'x64') },
  {
    what: 'linux/arm64',
    target: targetOf('linux', 'arm64'),
    runner: native('linux', 'arm64') ?? (qemu && [qemu.command, ...qemu.args]),
  },
  { what: 'darwin/amd64', target: targetOf('darwin', 'amd64'), runner: native('darwin', 'x64') },
  { what: 'darwin/arm64', target: targetOf('darwin', 'arm64'), runner: native('darwin', 'arm64') },
  {
    what: 'windows/amd64',
    target: targetOf('windows', 'amd64'),
    runner: native('win32', 'x64') ?? (wine === null ? null : [wine]),
    // What wine says it is, Node takes for too old.
    env: { WINEPREFIX: join(scratch, 'wine'), WINEDEBUG: '-all', NODE_SKIP_PLATFORM_CHECK: '1' },
  },
  { what: 'windows/arm64', target: targetOf('windows', 'arm64'), runner: native('win32', 'arm64') },
];

describe.each(ways)('the executable for $what', ({ target, runner, env }) => {
  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const [command = '', ...rest] = [...(runner ?? []), executable(target), ...args];
    // Files, not pipes: under wine what is written to a pipe is lost.
    const files = ['stdout', 'stderr'].map((name) => join(scratch, name)) as [string, string];
    const [out, err] = files.map((path) => openSync(path, 'w')) as [number, number];
    const { status } = spawnSync(command, rest, {
      env: { PATH: process.env['PATH'], HOME: scratch, ...env, ...more },
      stdio: ['ignore', out, err],
    });
    closeSync(out);
    closeSync(err);
    const [stdout, stderr] = files.map((path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n'));
    return { status, stdout, stderr };
  };

  it.skipIf(!runner)('runs', () => {
    expect(run(['version', '--client'])).toMatchObject({ status: 0, stdout: `kubectl-aa      v${version}\n` });
  });

  it.skipIf(!runner)('reads a snapshot and says what is broken', () => {
    const { status, stdout } = run([
      'doctor',
      '--from',
      join(root, 'test/clusters/ten-backends.aa.json'),
      '-o',
      'json',
    ]);
    const fromSource = spawnSync(
      process.execPath,
      ['bin/kubectl-aa.js', 'doctor', '--from', 'test/clusters/ten-backends.aa.json', '-o', 'json'],
      { cwd: root, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stdout).toBe(fromSource.stdout);
  });

  it.skipIf(!runner)('does not heed NODE_OPTIONS', () => {
    const intruder = join(scratch, 'intruder.cjs');
    writeFileSync(intruder, `console.log('intruded');`);
    for (const options of [`--require ${intruder}`, '--no-such-option']) {
      expect(run(['version', '--client'], { NODE_OPTIONS: options }), options).toMatchObject({
        status: 0,
        stdout: `kubectl-aa      v${version}\n`,
      });
    }
  });

  it('is of its platform', () => {
    const file = readFileSync(executable(target));
    switch (target.os) {
      case 'linux': {
        expect(file.toString('latin1', 0, 4)).toBe('\x7fELF');
        expect(file.readUInt16LE(18)).toBe(target.arch === 'amd64' ? 62 : 183);
        return;
      }
      case 'darwin': {
        expect(file.readUInt32LE(0)).toBe(0xfeedfacf);
        expect(file.readUInt32LE(4)).toBe(target.arch === 'amd64' ? 0x01000007 : 0x0100000c);
        return;
      }
      case 'windows': {
        const header = file.readUInt32LE(0x3c);
        expect(file.toString('latin1', header, header + 4)).toBe('PE\0\0');
        expect(file.readUInt16LE(header + 4)).toBe(target.arch === 'amd64' ? 0x8664 : 0xaa64);
        // No certificate table: Node's signature would be wrong.
        expect(file.readBigUInt64LE(header + 24 + 112 + 4 * 8)).toBe(0n);
      }
    }
  });
});

describe.each(targets.filter(({ os }) => os === 'darwin'))('the signature for darwin/$arch', (target) => {
  it('is right for each page, and where dyld wants it', () => {
    const file = readFileSync(executable(target));
    const signature = readMachOSignature(file);
    expect(signature).toMatchObject({ identifier: 'kubectl-aa', flags: 0x20002, wrongPages: 0 });
    expect(signature.pages).toBe(Math.ceil(signature.start / 4096));
    expect(signature.start % 16).toBe(0);
    expect([signature.end, signature.linkEdit.end]).toEqual([file.length, file.length]);
    expect(signature.linkEdit.memorySize % (target.arch === 'arm64' ? 0x4000 : 0x1000)).toBe(0);
    expect(signature.linkEdit.memorySize).toBeGreaterThanOrEqual(signature.linkEdit.fileSize);
  });

  it("is read by what reads Apple's own, of the Node that it was made of", async () => {
    const apple = readMachOSignature(await baseBinary(target));
    expect(apple).toMatchObject({ identifier: 'node', wrongPages: 0 });
    expect(readMachOSignature(readFileSync(executable(target))).executableSegment).toEqual(apple.executableSegment);
  });

  it.skipIf(objcopy === null)('is that of LLVM, which makes it anew', () => {
    // LLVM takes the name of the file for the identifier.
    const again = join(scratch, 'kubectl-aa');
    execFileSync(objcopy as string, [executable(target), again]);
    const [ours, llvm] = [executable(target), again].map((path) => readMachOSignature(readFileSync(path)));
    expect(llvm).toEqual(ours);
  });
});

it('is built byte for byte the same at another place', { timeout: 600_000 }, () => {
  const some = targets.filter(
    ({ os, arch }) => `${os}/${arch}` === 'linux/amd64' || `${os}/${arch}` === 'darwin/arm64',
  );
  const elsewhere = join(scratch, 'elsewhere');
  mkdirSync(elsewhere);
  for (const part of ['bin', 'dist']) cpSync(join(root, part), join(elsewhere, part), { recursive: true });
  const module = pathToFileURL(join(root, 'scripts/package/executables.ts')).href;
  const script = `const { buildExecutables } = await import(${JSON.stringify(module)});
    await buildExecutables('.', ${JSON.stringify(some)}, 'out');`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: elsewhere, stdio: 'ignore' });
  for (const target of some) {
    const again = readFileSync(join(elsewhere, 'out', `${target.os}_${target.arch}`, executableName(target)));
    expect(again.equals(readFileSync(executable(target))), `${target.os}/${target.arch}`).toBe(true);
  }
});
