import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An npm package of which code is in the bundle. */
export interface BundledModule {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  readonly licenseText: string;
}

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** What esbuild put into the bundle, by name and version. Throws where a package has no licence file. */
export const bundledModules = (root: string): readonly BundledModule[] => {
  const { outputs } = JSON.parse(readFileSync(join(root, 'dist/kubectl-aa.meta.json'), 'utf8')) as Metafile;
  const folders = new Set(
    Object.values(outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? (packageFolder.exec(path) ?? []) : [])),
  );
  const modules = [...folders].map((folder): BundledModule => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    ) as BundledModule;
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    return { name, version, license, licenseText: readFileSync(join(root, folder, file), 'utf8') };
  });
  // The same version may be there in several folders.
  return [...new Map(modules.map((module) => [`${module.name} ${module.version}`, module])).entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, module]) => module);
};
