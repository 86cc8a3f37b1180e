import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import pkgOptions from '@yao-pkg/pkg/lib-es5/options.js';
import pkgSea from '@yao-pkg/pkg/lib-es5/sea.js';

import { baseBinary } from './base-binaries.ts';
import { signMachO } from './sign-mach-o.ts';
import { stripElf } from './strip-elf.ts';
import { executableName, NODE_VERSION, type Target } from './targets.ts';
import { unsignPe } from './unsign-pe.ts';

/** What starts, as for npm, and what it reads. */
const MAIN = 'bin/kubectl-aa.js';
const bundleFiles = ['kubectl-aa.cjs', 'kubectl-aa.status.cjs', 'kubectl-aa.rest.cjs'];

/** What has to be done to Node before a blob is injected. */
const prepared = ({ os }: Target, node: Buffer): Buffer => {
  if (os === 'linux') return stripElf(node);
  return os === 'windows' ? unsignPe(node) : node;
};

/** Names of pkg for what Go calls otherwise. */
const pkgPlatform = { linux: 'linux', darwin: 'macos', windows: 'win' } as const;
const nodeArch = { amd64: 'x64', arm64: 'arm64' } as const;

/** Puts a Node where pkg looks for one that it has downloaded and unpacked before: it marks both steps with `.ok`. */
const fillPkgCache = (home: string, { os, arch }: Target, node: Buffer): void => {
  const folder = join(home, '.pkg-cache/sea');
  const name = `node-v${NODE_VERSION}-${os === 'windows' ? 'win' : os}-${nodeArch[arch]}`;
  const archive = join(folder, `${name}.${os === 'windows' ? 'zip' : 'tar.gz'}`);
  const binary = os === 'windows' ? join(folder, `${name}.exe`) : join(folder, name, 'bin/node');
  mkdirSync(dirname(binary), { recursive: true });
  writeFileSync(binary, node, { mode: 0o755 });
  for (const done of [archive, `${archive}.ok`, `${binary}.ok`]) writeFileSync(done, '');
};

/** Runs with other environment variables; pkg takes its cache from HOME and its work folder from TMPDIR, and from nowhere else. */
const withEnvironment = async (
  variables: Readonly<Record<string, string>>,
  run: () => Promise<void>,
): Promise<void> => {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await run();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
};

/**
 * Makes one executable for each target, at `<folder>/<os>_<arch>/kubectl-aa[.exe]`: Node with bin and dist of `root` inside.
 * The same files give the same bytes, wherever it is built. Needs this process to be Node `NODE_VERSION`, on Linux or macOS.
 */
export const buildExecutables = async (
  root: string,
  targets: readonly Target[],
  folder: string,
): Promise<ReadonlyMap<Target, string>> => {
  const work = mkdtempSync(join(tmpdir(), 'kubectl-aa-package-'));
  try {
    for (const target of targets) fillPkgCache(work, target, prepared(target, await baseBinary(target)));
    for (const path of [MAIN, ...bundleFiles.map((name) => `dist/${name}`)])
      cpSync(join(root, path), join(work, basename(path)));
    const outputs = new Map(
      targets.map((target) => [target, resolve(folder, `${target.os}_${target.arch}`, executableName(target))]),
    );
    const seaConfig = {
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      // It holds for the platform that makes it, and there is one blob for all.
      useCodeCache: false,
      // NODE_OPTIONS has no effect: what is in a user's environment for other programs is not for this one.
      execArgvExtension: 'none',
      // The path is part of the blob: relative, from a folder that pkg makes in TMPDIR, it is always the same.
      main: `../${basename(MAIN)}`,
      assets: Object.fromEntries(bundleFiles.map((name) => [name, `../${name}`])),
    };
    pkgOptions.default.set({});
    // The command line of pkg has no way to say execArgvExtension.
    await withEnvironment({ HOME: work, TMPDIR: work }, () =>
      pkgSea.default(join(work, basename(MAIN)), {
        targets: targets.map((target) => ({
          nodeRange: `node${NODE_VERSION}`,
          platform: pkgPlatform[target.os],
          arch: nodeArch[target.arch],
          output: outputs.get(target) as string,
        })),
        seaConfig,
        signature: false,
      }),
    );
    for (const [{ os }, path] of outputs) {
      if (os === 'darwin') {
        const signed = signMachO(readFileSync(path), 'kubectl-aa');
        // macOS remembers the signature of a file that it has seen: a new file, not new content.
        rmSync(path);
        writeFileSync(path, signed);
      }
      chmodSync(path, 0o755);
    }
    return outputs;
  } finally {
    rmSync(work, { recursive: true });
  }
};
