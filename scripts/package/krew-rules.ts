// What krew and its index demand of a manifest, in a table and without krew (kubernetes-sigs/krew v0.5.0).
import { basename, extname } from 'node:path';

import * as v from 'valibot';
import { parse } from 'yaml';

import { archiveName, executableName, targets } from './targets.ts';

/** A rule that is broken, and what it demands. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
}

export interface Rule<Subject> {
  readonly rule: string;
  readonly demands: string;
  holds(subject: Subject): boolean;
}

/** The violations of a subject that `where` names. */
export const violationsOf = <Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  where: string,
): readonly Violation[] =>
  rules.flatMap((candidate) =>
    candidate.holds(subject) ? [] : [{ rule: candidate.rule, message: `${where}: ${candidate.demands}` }],
  );

// Go's decoder: a key may be missing, null or of its type; unknown keys are passed over.
const text = v.optional(v.nullable(v.string(), ''), '');
const requirementSchema = v.object({
  key: text,
  operator: text,
  values: v.nullish(v.array(v.string()), []),
});
const selectorSchema = v.object({
  matchLabels: v.nullish(v.record(v.string(), v.string())),
  matchExpressions: v.nullish(v.array(requirementSchema)),
});
const platformSchema = v.object({
  uri: text,
  sha256: text,
  bin: text,
  files: v.nullish(v.array(v.object({ from: text, to: text }))),
  selector: v.nullish(selectorSchema),
});
const pluginSchema = v.object({
  apiVersion: text,
  kind: text,
  metadata: v.object({ name: text }),
  spec: v.object({
    version: text,
    homepage: text,
    shortDescription: text,
    description: text,
    platforms: v.nullish(v.array(platformSchema), []),
  }),
});
type Selector = v.InferOutput<typeof selectorSchema>;
export type KrewPlatform = v.InferOutput<typeof platformSchema>;
type KrewPlugin = v.InferOutput<typeof pluginSchema>;

interface ManifestFile {
  readonly name: string;
  readonly plugin: KrewPlugin;
}

type Pair = Readonly<Record<string, string>>;

/** The pairs that krew knows: cmd/validate-krew-manifest/main.go allPlatforms. */
const knownPairs: readonly Pair[] = [
  ...['386', 'amd64', 'arm64'].map((arch) => ({ os: 'windows', arch })),
  ...['386', 'amd64', 'arm', 'arm64', 'ppc64le'].map((arch) => ({ os: 'linux', arch })),
  ...['386', 'amd64', 'arm64'].map((arch) => ({ os: 'darwin', arch })),
];

/** Whether a platform is for a pair: metav1.LabelSelectorAsSelector. */
const isFor = ({ selector }: KrewPlatform, pair: Pair): boolean =>
  selector !== null &&
  selector !== undefined &&
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => pair[key] === value) &&
  (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
    const value = pair[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values?.includes(value);
      case 'NotIn':
        return value === undefined || !values?.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });

const selectorKeys = ({ matchLabels, matchExpressions }: Selector): readonly string[] => [
  ...Object.keys(matchLabels ?? {}),
  ...(matchExpressions ?? []).map(({ key }) => key),
];

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;
const NUMBER = '(?:0|[1-9]\\d*)';
const PRE_RELEASE_PART = `(?:${NUMBER}|\\d*[A-Za-z-][\\dA-Za-z-]*)`;
const SEMANTIC_VERSION = new RegExp(
  `^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRE_RELEASE_PART}(?:\\.${PRE_RELEASE_PART})*)?(?:\\+[\\dA-Za-z-]+(?:\\.[\\dA-Za-z-]+)*)?$`,
);

/** K: internal/index/validation/validate.go, cmd/validate-krew-manifest/main.go. P: what reviewers of krew-index ask. L: ours. */
const pluginRules: readonly Rule<ManifestFile>[] = [
  {
    rule: 'K02',
    demands: 'apiVersion is krew.googlecontainertools.github.com/v1alpha2',
    holds: ({ plugin }) => plugin.apiVersion === 'krew.googlecontainertools.github.com/v1alpha2',
  },
  { rule: 'K03', demands: 'kind is Plugin', holds: ({ plugin }) => plugin.kind === 'Plugin' },
  {
    rule: 'K04',
    demands: 'the name is of letters, digits, _ and -',
    holds: ({ plugin }) => /^[\w-]+$/.test(plugin.metadata.name),
  },
  {
    rule: 'K05',
    demands: 'the name is not that of a device of Windows',
    holds: ({ plugin }) => !WINDOWS_DEVICE.test(plugin.metadata.name),
  },
  { rule: 'K06', demands: 'the file ends in .yaml', holds: ({ name }) => extname(name) === '.yaml' },
  {
    rule: 'K07',
    demands: 'the file is named as the plugin',
    holds: ({ name, plugin }) => basename(name, extname(name)) === plugin.metadata.name,
  },
  {
    rule: 'K08',
    demands: 'there is a short description',
    holds: ({ plugin }) => plugin.spec.shortDescription !== '',
  },
  {
    rule: 'K09',
    demands: 'the short description is one line',
    holds: ({ plugin }) => !/[\r\n]/.test(plugin.spec.shortDescription),
  },
  { rule: 'K10', demands: 'there is a platform', holds: ({ plugin }) => (plugin.spec.platforms ?? []).length > 0 },
  { rule: 'K11', demands: 'there is a version', holds: ({ plugin }) => plugin.spec.version !== '' },
  {
    rule: 'K12',
    demands: 'the version starts with v',
    holds: ({ plugin: { spec } }) => spec.version === '' || spec.version.startsWith('v'),
  },
  {
    rule: 'K13',
    demands: 'the version is a semantic version',
    holds: ({ plugin: { spec } }) => spec.version === '' || SEMANTIC_VERSION.test(spec.version),
  },
  {
    rule: 'K22',
    demands: 'no platform of krew is selected twice',
    holds: ({ plugin }) =>
      knownPairs.every((pair) => (plugin.spec.platforms ?? []).filter((platform) => isFor(platform, pair)).length < 2),
  },
  {
    rule: 'P01',
    demands: 'the short description has at most 50 characters',
    holds: ({ plugin }) => plugin.spec.shortDescription.length <= 50,
  },
  {
    rule: 'P02',
    demands: 'the description is wrapped at 80 characters, without usage or options',
    holds: ({ plugin }) =>
      plugin.spec.description.split('\n').every((line) => line.length <= 80 && !/^\s*(?:kubectl |--?\w)/.test(line)),
  },
  {
    rule: 'P03',
    demands: 'the name is in lower case, words joined by -, without kube in front',
    holds: ({ plugin }) => /^(?!kube)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(plugin.metadata.name),
  },
  {
    rule: 'P04',
    demands: 'there is a homepage, over https',
    holds: ({ plugin }) => /^https:\/\/[^/]/.test(plugin.spec.homepage),
  },
  {
    rule: 'L01',
    demands: 'each of our platforms has its archive once, over https, of the version',
    holds: ({ plugin: { spec } }) =>
      (spec.platforms ?? []).length === targets.length &&
      targets.every((target) => {
        const [platform, another] = (spec.platforms ?? []).filter((candidate) =>
          isFor(candidate, { os: target.os, arch: target.arch }),
        );
        return (
          platform !== undefined &&
          another === undefined &&
          platform.uri.startsWith('https://') &&
          platform.uri.endsWith(`/${spec.version}/${archiveName(spec.version, target)}`) &&
          platform.bin === executableName(target)
        );
      }),
  },
];

const platformRules: readonly Rule<KrewPlatform>[] = [
  { rule: 'K14', demands: 'there is a uri', holds: ({ uri }) => uri !== '' },
  {
    rule: 'K15',
    demands: 'sha256 is 64 hexadecimal digits in lower case',
    holds: ({ sha256 }) => /^[a-f0-9]{64}$/.test(sha256),
  },
  { rule: 'K16', demands: 'there is a bin', holds: ({ bin }) => bin !== '' },
  {
    rule: 'K17',
    demands: 'files is left out, or has items with from and to',
    holds: ({ files }) => !files || (files.length > 0 && files.every(({ from, to }) => from !== '' && to !== '')),
  },
  {
    rule: 'K18',
    demands: 'there is a selector with matchLabels or matchExpressions',
    holds: ({ selector }) =>
      Boolean(selector && (selector.matchLabels || (selector.matchExpressions ?? []).length > 0)),
  },
  {
    rule: 'K19',
    demands: 'the selector knows only os and arch',
    holds: ({ selector }) => selectorKeys(selector ?? {}).every((key) => key === 'os' || key === 'arch'),
  },
  {
    rule: 'K20',
    demands: 'matchLabels and matchExpressions are left out or not empty',
    holds: ({ selector }) =>
      Object.keys(selector?.matchLabels ?? { none: '' }).length > 0 && selector?.matchExpressions?.length !== 0,
  },
  {
    rule: 'K21',
    demands: 'the selector selects a platform that krew knows',
    holds: (platform) => knownPairs.some((pair) => isFor(platform, pair)),
  },
  {
    rule: 'P05',
    demands: 'the bin for Windows is an .exe',
    holds: (platform) =>
      !knownPairs.some((pair) => pair['os'] === 'windows' && isFor(platform, pair)) || platform.bin.endsWith('.exe'),
  },
];

/** Reads a manifest; a string is why it cannot be read. */
export const readManifest = (content: string): KrewPlugin | string => {
  try {
    const read = v.safeParse(pluginSchema, parse(content));
    return read.success ? read.output : v.summarize(read.issues);
  } catch (error) {
    return (error as Error).message;
  }
};

/** Every rule that a manifest breaks; `name` is that of its file in an index. */
export const manifestViolations = (name: string, content: string): readonly Violation[] => {
  const plugin = readManifest(content);
  if (typeof plugin === 'string') return [{ rule: 'K01', message: `${name}: ${plugin}` }];
  return [
    ...violationsOf(pluginRules, { name, plugin }, name),
    ...(plugin.spec.platforms ?? []).flatMap((platform, index) =>
      violationsOf(platformRules, platform, `${name}: spec.platforms[${index}]`),
    ),
  ];
};
