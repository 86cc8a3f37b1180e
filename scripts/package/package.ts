// Executables of all platforms, their archives, checksums, krew manifest and SBOM, made of the bundle in dist, into the folder
// that is named.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeArchive } from './archive.ts';
import { nodeLicense } from './base-binaries.ts';
import { bundledModules } from './bundled-modules.ts';
import { buildExecutables } from './executables.ts';
import { krewTemplate, renderKrewTemplate } from './krew-manifest.ts';
import { thirdPartyNotices } from './notices.ts';
import { sbom } from './sbom.ts';
import { archiveName, targets } from './targets.ts';

const root = join(import.meta.dirname, '../..');
const [, , folder] = process.argv;
if (folder === undefined) throw new Error('usage: node scripts/package/package.ts FOLDER');
const { version: bareVersion, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly homepage: string;
};
const version = `v${bareVersion}`;

mkdirSync(folder, { recursive: true });
const modules = bundledModules(root);
const notices = join(folder, 'THIRD-PARTY-NOTICES.txt');
writeFileSync(notices, thirdPartyNotices(modules, await nodeLicense()));

const executables = await buildExecutables(root, targets, folder);
const megabytes = (path: string): string => `${(statSync(path).size / 1e6).toFixed(1)} MB`.padStart(9);
const checksums = new Map(
  await Promise.all(
    [...executables].map(async ([target, executable]): Promise<[string, string]> => {
      const name = archiveName(version, target);
      const archive = join(folder, name);
      await writeArchive(archive, [executable, join(root, 'LICENSE'), notices]);
      process.stdout.write(`${name.padEnd(42)} executable ${megabytes(executable)}   archive ${megabytes(archive)}\n`);
      return [name, createHash('sha256').update(readFileSync(archive)).digest('hex')];
    }),
  ),
);

const sha256Of = (archive: string): string => {
  const checksum = checksums.get(archive);
  if (checksum === undefined) throw new Error(`no archive ${archive}`);
  return checksum;
};
writeFileSync(join(folder, 'krew-manifest.yaml'), renderKrewTemplate(krewTemplate(homepage), version, sha256Of));
writeFileSync(join(folder, 'checksums.txt'), [...checksums].map(([name, sha256]) => `${sha256}  ${name}\n`).join(''));
writeFileSync(join(folder, `kubectl-aa_${version}_sbom.cdx.json`), sbom(root, bareVersion, modules));
