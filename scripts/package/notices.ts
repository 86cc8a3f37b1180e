import type { BundledModule } from './bundled-modules.ts';

/** The licences of what is redistributed with this program: the packages in the bundle and, in an executable, Node. */
export const thirdPartyNotices = (modules: readonly BundledModule[], nodeLicense?: string): string =>
  [
    'kubectl-aa contains the software below, under the licences below.\n',
    ...modules.map(({ name, version, license, licenseText }) => [`${name} ${version} (${license})`, licenseText]),
    ...(nodeLicense === undefined ? [] : [['Node.js, and what is built into it', nodeLicense]]),
  ]
    .map((part) =>
      typeof part === 'string' ? part : `${'-'.repeat(80)}\n${part[0]}\n${'-'.repeat(80)}\n\n${part[1]?.trim()}\n`,
    )
    .join('\n');
