// The walls between the folders of src. Each rule is proven to bite by test/architecture.test.ts, which plants a breach of it.

/** Modules below one of these folders of src. */
const below = (...folders) => `^src/(${folders.join('|')})/`;

/** The package itself, wherever node_modules is, and its types. */
const library = (name) => `(^|/)node_modules/(@types/)?${name}/`;

/** Forbids a folder of src every other part of the project than those named. Libraries are ruled by their owners below. */
const mayImportOnly = ({ name, comment, folder, only }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: below(folder) },
  to: { path: '^(src|bin|scripts|test)/', pathNot: only },
});

/** Where each library may be imported; the move to another library is a change of that folder only. */
const owners = {
  '@kubernetes/client-node': [
    '^src/sources/live/kubernetes/',
    '^test/snapshot/kubernetes-types\\.test\\.ts$',
    '^test/kubectl/',
  ],
  '@valibot/to-json-schema': ['^src/(render|commands)/', '^(scripts|test)/'],
  '@yao-pkg/pkg': ['^scripts/package/'],
  'cli-table3': ['^src/render/text/'],
  'fastest-levenshtein': ['^src/cli/'],
  'json-p3': ['^src/render/'],
  'node-forge': ['^src/x509/', '^test/'],
  ora: ['^src/cli/'],
  'p-limit': ['^src/sources/'],
  socks: ['^src/sources/live/kubernetes/'],
  'string-width': ['^src/render/text/', '^test/'],
  tar: ['^(scripts|test)/package/'],
  valibot: ['^src/(snapshot|sources|render)/', '^(scripts|test)/'],
  'wrap-ansi': ['^src/render/text/'],
  yaml: ['^src/(sources|render)/', '^(scripts|test)/'],
  yargs: ['^src/cli/'],
};

const pureFolders = ['model', 'aggregation', 'explanation', 'x509', 'checks', 'diagnosis', 'render', 'snapshot'];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    mayImportOnly({
      name: 'model-imports-nothing',
      comment: 'The model is the vocabulary all others share: plain readonly types that depend on nobody.',
      folder: 'model',
      only: below('model'),
    }),
    {
      name: 'pure-core',
      comment:
        'From a snapshot to the text of a report nothing reads the world: no file, no network, no process. Only x509 asks node:crypto for the signature mathematics.',
      severity: 'error',
      from: { path: below(...pureFolders), pathNot: below('x509') },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'x509-needs-only-crypto',
      comment: 'Certificates are judged from their bytes; of Node only node:crypto is needed for that.',
      severity: 'error',
      from: { path: below('x509') },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'pure-core-knows-no-source',
      comment: 'Whatever is decided from a snapshot must not know where the snapshot came from or who asked.',
      severity: 'error',
      from: { path: below(...pureFolders) },
      to: { path: ['^src/(sources|cli|commands)/', '^src/main\\.ts$'] },
    },
    mayImportOnly({
      name: 'aggregation-imports-model-only',
      comment: "kube-aggregator's own rules are functions of facts, not of who reports them.",
      folder: 'aggregation',
      only: below('aggregation', 'model'),
    }),
    mayImportOnly({
      name: 'explanation-imports-aggregation-and-model-only',
      comment: 'What a text says is told from its words alone, by the parsers that read conditions and answers.',
      folder: 'explanation',
      only: below('explanation', 'aggregation', 'model'),
    }),
    mayImportOnly({
      name: 'x509-imports-itself-only',
      comment: 'Certificates as Go sees them: of use without the rest of the project.',
      folder: 'x509',
      only: below('x509'),
    }),
    mayImportOnly({
      name: 'snapshot-imports-x509-and-model-only',
      comment: 'The wire format is decoded into the model once; certificates are read on the way.',
      folder: 'snapshot',
      only: below('snapshot', 'x509', 'model'),
    }),
    mayImportOnly({
      name: 'checks-import-core-only',
      comment: 'A check sees facts and the rules of kube-aggregator and of X.509, nothing else.',
      folder: 'checks',
      only: below('checks', 'aggregation', 'x509', 'model'),
    }),
    {
      name: 'checks-do-not-meet',
      comment:
        'A check can be added or removed without another one noticing. What checks share goes to aggregation, to x509 or beside src/checks/define-check.ts; only the generated index knows them all.',
      severity: 'error',
      from: { path: '^src/checks/', pathNot: '^src/checks/index\\.ts$' },
      to: { path: ['^src/checks/[^/]+/', '^src/checks/index\\.ts$'] },
    },
    mayImportOnly({
      name: 'diagnosis-imports-core-only',
      comment: 'Verdicts and reports come from checks and facts alone; whoever shows them comes later.',
      folder: 'diagnosis',
      only: below('diagnosis', 'checks', 'explanation', 'aggregation', 'x509', 'model'),
    }),
    mayImportOnly({
      name: 'render-knows-reports-only',
      comment:
        'A report holds all that is shown: a renderer that looks anything up would show what JSON does not have.',
      folder: 'render',
      only: below('render', 'model'),
    }),
    mayImportOnly({
      name: 'sources-do-not-judge',
      comment: 'A source ends in a raw snapshot: what was seen, without an opinion.',
      folder: 'sources',
      only: below('sources', 'snapshot', 'x509', 'model'),
    }),
    mayImportOnly({
      name: 'commands-compose',
      comment:
        'A command chooses a source, derives and renders; what it decides beyond that belongs to diagnosis or aggregation. Of cli it knows how a command is defined, its options and its errors.',
      folder: 'commands',
      only: [
        below(
          'commands',
          'sources',
          'snapshot',
          'diagnosis',
          'checks',
          'explanation',
          'aggregation',
          'render',
          'model',
        ),
        '^src/cli/(define-command|global-options|output-options|printer|cli-errors|io)\\.ts$',
      ],
    }),
    {
      name: 'only-cli-starts-commands',
      comment: 'Commands are the outermost layer but one.',
      severity: 'error',
      from: { pathNot: ['^src/(commands|cli)/', '^src/main\\.ts$', '^(test|scripts)/'] },
      to: { path: below('commands') },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main.ts starts when it is loaded, and is the one place that touches process.',
      severity: 'error',
      from: {},
      to: { path: '^src/main\\.ts$' },
    },
    ...Object.entries(owners).map(([name, paths]) => ({
      name: `one-owner-per-library: ${name}`,
      comment: `${name} is known in few places, so that it can be replaced in few.`,
      severity: 'error',
      from: { pathNot: paths },
      to: { path: library(name) },
    })),
    {
      name: 'kubernetes-client-loads-late',
      comment:
        'Loading @kubernetes/client-node takes longer than a whole status: only its types, or import() where it is needed.',
      severity: 'error',
      from: {},
      to: {
        path: library('@kubernetes/client-node'),
        dependencyTypesNot: ['type-only', 'type-import', 'dynamic-import'],
      },
    },
    {
      name: 'no-circular',
      comment:
        'Modules that need each other to load are one module. Types may refer to each other: they are gone at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-dep-on-test',
      comment: 'What users run does not come from the tests or the scripts.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'owned-libraries-only',
      comment:
        'What is imported becomes part of the bundle, and so of what users run: libraries with an owner above, no development tool.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: {
        path: '(^|/)node_modules/',
        pathNot: Object.keys(owners).map(library),
      },
    },
    {
      name: 'package-imports-itself-only',
      comment: 'Executables and archives are made of a finished bundle; what is in it is nothing to them.',
      severity: 'error',
      from: { path: '^scripts/package/' },
      to: { path: '^(src|bin|scripts|test)/', pathNot: '^scripts/package/' },
    },
    {
      name: 'no-orphans',
      comment: 'A module that imports nothing and that nobody imports is left over.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
  ],
  options: {
    // With any other parser it knows TypeScript before 7 only, and passes over 0 modules.
    // swc reports type-only imports as well; tsPreCompilationDeps would ask for that TypeScript again.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
