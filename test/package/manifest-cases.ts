import { parse, stringify } from 'yaml';

import { krewTemplate, renderKrewTemplate } from '../../scripts/package/krew-manifest.ts';

/** A manifest without a fault, for the index as `aa.yaml`. */
export const goodManifest = renderKrewTemplate(krewTemplate('https://example.com/kubectl-aa'), 'v1.2.3', () =>
  '0123456789abcdef'.repeat(4),
);

export interface ManifestCase {
  readonly rule: string;
  readonly what: string;
  /** Name of the file in the index. */
  readonly file: string;
  readonly content: string;
}

// As far as the cases go into it.
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: Record<string, unknown> & { platforms: Record<string, unknown>[] };
}

const changed = (rule: string, what: string, change: (manifest: Manifest) => void, file?: string): ManifestCase => {
  const manifest = parse(goodManifest) as Manifest;
  change(manifest);
  return { rule, what, file: file ?? `${manifest.metadata.name}.yaml`, content: stringify(manifest) };
};

/** A change of the first platform, linux/amd64. */
const platform = (rule: string, what: string, fields: Readonly<Record<string, unknown>>): ManifestCase =>
  changed(rule, what, ({ spec }) => void Object.assign(spec.platforms[0] as object, fields));

const spec = (rule: string, what: string, fields: Readonly<Record<string, unknown>>): ManifestCase =>
  changed(rule, what, (manifest) => void Object.assign(manifest.spec, fields));

const named = (rule: string, name: string): ManifestCase =>
  changed(rule, `is of the plugin ${JSON.stringify(name)}`, ({ metadata }) => void (metadata.name = name));

const requirement = (key: string, operator: string, ...values: string[]) => ({
  selector: { matchExpressions: [{ key, operator, values }] },
});

/** What krew and its index refuse. */
export const refusedManifests: readonly ManifestCase[] = [
  { rule: 'K01', what: 'is not YAML', file: 'aa.yaml', content: goodManifest.replace('kind: Plugin', 'kind: "Plugin') },
  spec('K01', 'has a version that is a number', { version: 1.5 }),
  spec('K01', 'has platforms that are a text', { platforms: 'linux' }),
  platform('K01', 'has a checksum that is a number', { sha256: 12e4 }),
  changed('K02', 'is of another version of the format', (manifest) => {
    manifest.apiVersion = 'krew.googlecontainertools.github.com/v1alpha3';
  }),
  changed('K03', 'is of another kind', (manifest) => void (manifest.kind = 'plugin')),
  named('K04', 'a.a'),
  named('K04', 'aä'),
  named('K05', 'nul'),
  named('K05', 'COM7'),
  changed('K06', 'is in a file with another ending', () => undefined, 'aa.yml'),
  changed('K07', 'is in the file of another plugin', () => undefined, 'ab.yaml'),
  spec('K08', 'has no short description', { shortDescription: '' }),
  spec('K09', 'has a short description of two lines', { shortDescription: 'one\ntwo' }),
  spec('K10', 'has no platform', { platforms: [] }),
  spec('K11', 'has no version', { version: null }),
  spec('K12', 'has a version without v', { version: '1.2.3' }),
  spec('K13', 'has a version of two numbers', { version: 'v1.2' }),
  spec('K13', 'has a version with a zero in front', { version: 'v1.02.3' }),
  spec('K13', 'has a pre-release number with a zero in front', { version: 'v1.2.3-rc.01' }),
  platform('K14', 'has no uri', { uri: '' }),
  platform('K15', 'has no checksum', { sha256: null }),
  platform('K15', 'has a checksum in upper case', { sha256: '0123456789ABCDEF'.repeat(4) }),
  platform('K16', 'has no bin', { bin: '' }),
  platform('K17', 'has no file operation', { files: [] }),
  platform('K17', 'has a file operation without to', { files: [{ from: '*' }] }),
  platform('K18', 'has no selector', { selector: null }),
  platform('K18', 'has an empty selector', { selector: {} }),
  platform('K19', 'selects by something else', {
    selector: { matchLabels: { os: 'linux', arch: 'amd64', libc: 'glibc' } },
  }),
  platform('K20', 'has labels that are empty', { selector: { matchLabels: {} } }),
  platform('K20', 'has expressions that are empty', {
    selector: { matchLabels: { os: 'linux', arch: 'amd64' }, matchExpressions: [] },
  }),
  platform('K21', 'selects a platform that there is not', requirement('os', 'In', 'plan9')),
  platform('K21', 'selects by an operator that there is not', requirement('os', 'in', 'linux')),
  platform('K22', 'selects twice by label', { selector: { matchLabels: { os: 'linux' } } }),
  platform('K22', 'selects twice by exclusion', requirement('os', 'NotIn', 'windows')),
];

/** What reviewers of the index refuse, and what we do. */
export const unwantedManifests: readonly ManifestCase[] = [
  spec('P01', 'has a long short description', { shortDescription: 'x'.repeat(51) }),
  spec('P02', 'has a description of long lines', { description: 'x'.repeat(81) }),
  spec('P02', 'has a description with usage', { description: 'Reads only.\n\n  kubectl aa doctor\n' }),
  named('P03', 'kube-aa'),
  named('P03', 'AA'),
  spec('P04', 'has no homepage', { homepage: null }),
  changed('P05', 'has a script for Windows', ({ spec: { platforms } }) => {
    for (const one of platforms) if (one['bin'] === 'kubectl-aa.exe') one['bin'] = 'kubectl-aa.bat';
  }),
  platform('L01', 'has an archive that is not of its version', {
    uri: 'https://example.com/kubectl-aa/releases/download/v1.2.2/kubectl-aa_v1.2.2_linux_amd64.tar.gz',
  }),
  changed('L01', 'leaves out a platform', ({ spec: { platforms } }) => void platforms.pop()),
];
