import { spawnSync } from 'node:child_process';
import { join, posix } from 'node:path';

import { expect, it } from 'vitest';

import { withPlantedTree } from './planted-tree.ts';

interface Cruise {
  readonly modules: readonly unknown[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string; readonly comment: string }[] };
  };
}

interface Breach {
  readonly rule: string;
  readonly file: string;
  readonly code: string;
}

const repository = join(import.meta.dirname, '..');
const cruiser = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');

const cruise = (folder: string, paths: readonly string[]): Cruise => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cruiser, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...paths],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  if (stderr !== '' || stdout === '') throw new Error(`dependency-cruiser said: ${stderr}`);
  return JSON.parse(stdout) as Cruise;
};

const violationsOf = ({ summary }: Cruise): readonly string[] =>
  summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);

const breaches: readonly Breach[] = [
  { rule: 'model-imports-nothing', file: 'src/model/rank.ts', code: `import '../aggregation/order.ts';` },
  { rule: 'pure-core', file: 'src/aggregation/host.ts', code: `import 'node:os';` },
  { rule: 'pure-core', file: 'src/snapshot/seal.ts', code: `import 'node:crypto';` },
  { rule: 'pure-core', file: 'src/render/text/file.ts', code: `export const file = () => import('node:fs');` },
  { rule: 'x509-needs-only-crypto', file: 'src/x509/handshake.ts', code: `import 'node:tls';` },
  { rule: 'pure-core-knows-no-source', file: 'src/diagnosis/again.ts', code: `import '../sources/live/capture.ts';` },
  { rule: 'pure-core-knows-no-source', file: 'src/checks/stop.ts', code: `import '../cli/cli-errors.ts';` },
  { rule: 'pure-core-knows-no-source', file: 'src/x509/start.ts', code: `import '../main.ts';` },
  { rule: 'aggregation-imports-model-only', file: 'src/aggregation/trust.ts', code: `import '../x509/index.ts';` },
  {
    rule: 'explanation-imports-aggregation-and-model-only',
    file: 'src/explanation/verdict.ts',
    code: `import '../checks/index.ts';`,
  },
  { rule: 'pure-core', file: 'src/explanation/host.ts', code: `import 'node:os';` },
  {
    rule: 'x509-imports-itself-only',
    file: 'src/x509/backend.ts',
    code: `import type { Fact } from '../model/facts.ts';`,
  },
  { rule: 'snapshot-imports-x509-and-model-only', file: 'src/snapshot/judge.ts', code: `import '../checks/index.ts';` },
  {
    rule: 'checks-import-core-only',
    file: 'src/checks/backend/drawn.ts',
    code: `import '../../render/text/table.ts';`,
  },
  {
    rule: 'checks-do-not-meet',
    file: 'src/checks/backend/service-lost.ts',
    code: `import '../registration/registration-lost.ts';`,
  },
  { rule: 'checks-do-not-meet', file: 'src/checks/backend/pod-lost.ts', code: `import './service-lost.ts';` },
  { rule: 'checks-do-not-meet', file: 'src/checks/shared-remedy.ts', code: `import './backend/pod-lost.ts';` },
  { rule: 'checks-do-not-meet', file: 'src/checks/backend/all.ts', code: `import '../index.ts';` },
  { rule: 'diagnosis-imports-core-only', file: 'src/diagnosis/shown.ts', code: `import '../render/json.ts';` },
  { rule: 'render-knows-reports-only', file: 'src/render/health.ts', code: `import '../aggregation/health.ts';` },
  { rule: 'sources-do-not-judge', file: 'src/sources/live/opinion.ts', code: `import '../../diagnosis/report.ts';` },
  {
    rule: 'commands-compose',
    file: 'src/commands/route.ts',
    code: `import { parseCertificate } from '../x509/index.ts'; export const parse = parseCertificate;`,
  },
  { rule: 'commands-compose', file: 'src/commands/parse.ts', code: `import '../cli/run-cli.ts';` },
  { rule: 'only-cli-starts-commands', file: 'src/sources/doctor.ts', code: `import '../commands/doctor.ts';` },
  { rule: 'nothing-imports-main', file: 'src/cli/restart.ts', code: `import '../main.ts';` },
  ...[
    '@valibot/to-json-schema',
    '@yao-pkg/pkg',
    'cli-table3',
    'fastest-levenshtein',
    'json-p3',
    'node-forge',
    'ora',
    'p-limit',
    'socks',
    'string-width',
    'tar',
    'valibot',
    'wrap-ansi',
    'yaml',
    'yargs',
  ].map((name) => ({
    rule: `one-owner-per-library: ${name}`,
    file: `src/diagnosis/with-${name.replace('/', '-')}.ts`,
    code: `import '${name}';`,
  })),
  {
    rule: 'one-owner-per-library: ora',
    file: 'src/commands/spin.ts',
    code: `export const spin = () => import('ora');`,
  },
  {
    rule: 'one-owner-per-library: node-forge',
    file: 'src/checks/parsed.ts',
    code: `import type { asn1 } from 'node-forge'; export type Parsed = asn1.Asn1;`,
  },
  {
    rule: 'one-owner-per-library: @kubernetes/client-node',
    file: 'src/sources/live/collectors/leases.ts',
    code: `export const leases = () => import('@kubernetes/client-node');`,
  },
  {
    rule: 'kubernetes-client-loads-late',
    file: 'src/sources/live/kubernetes/early.ts',
    code: `import { KubeConfig } from '@kubernetes/client-node'; export const config = new KubeConfig();`,
  },
  { rule: 'no-circular', file: 'src/cli/egg.ts', code: `import './hen.ts';` },
  { rule: 'no-dep-on-test', file: 'src/cli/rehearse.ts', code: `import '../../test/case-snapshot.ts';` },
  { rule: 'no-dep-on-test', file: 'bin/build.js', code: `import '../scripts/build.ts';` },
  { rule: 'owned-libraries-only', file: 'src/cli/guess.ts', code: `import 'fast-check';` },
  { rule: 'package-imports-itself-only', file: 'scripts/package/peek.ts', code: `import '../../src/model/facts.ts';` },
  { rule: 'no-orphans', file: 'src/model/forgotten.ts', code: `export const forgotten = 1;` },
];

/** What breaks no rule; the walls must not stand in its way. */
const allowed: Readonly<Record<string, string>> = {
  'src/cli/hen.ts': `import './egg.ts';`,
  'src/x509/digest.ts': `import 'node:crypto'; import 'node-forge';`,
  'src/checks/backend/fine.ts': `import '../define-check.ts'; import '../../aggregation/order.ts'; import '../../x509/digest.ts';`,
  'src/sources/live/kubernetes/late.ts': `import type { KubeConfig } from '@kubernetes/client-node'; export const load = (): Promise<{ KubeConfig: new () => KubeConfig }> => import('@kubernetes/client-node');`,
  'src/model/one.ts': `import type { Two } from './two.ts'; export type One = Two;`,
  'src/model/two.ts': `import type { One } from './one.ts'; export type Two = One | 2;`,
};

/** Every file the planted imports lead to, empty: what is not resolved is not ruled. */
const targetsOf = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(files).flatMap(([file, code]) =>
      [...code.matchAll(/'(\.[^']+)'/g)].map(([, target = '']) => [
        posix.join(posix.dirname(file), target),
        'export {};',
      ]),
    ),
  );

it('finds no wall breached', { timeout: 120_000 }, () => {
  const result = cruise(repository, ['src', 'bin', 'scripts', 'test']);
  expect(result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  // With a parser that does not know TypeScript all walls stand, around nothing.
  expect(result.modules.length).toBeGreaterThan(60);
});

it('finds every planted breach, and nothing where there is none', { timeout: 120_000 }, () => {
  const planted = { ...Object.fromEntries(breaches.map(({ file, code }) => [file, code])), ...allowed };
  const result = withPlantedTree({ ...targetsOf(planted), ...planted }, (root) =>
    cruise(root, ['src', 'bin', 'scripts']),
  );
  expect(violationsOf(result)).toEqual(expect.arrayContaining(breaches.map(({ rule, file }) => `${rule}: ${file}`)));
  const breachingFiles = new Set(breaches.map(({ file }) => file));
  expect(result.summary.violations.filter(({ from }) => !breachingFiles.has(from))).toEqual([]);
});

it('plants a breach of every rule', () => {
  const { summary } = withPlantedTree({ 'src/model/alone.ts': 'export {};' }, (root) => cruise(root, ['src']));
  const rules = summary.ruleSetUsed.forbidden;
  expect(rules.map(({ name }) => name).toSorted()).toEqual([...new Set(breaches.map(({ rule }) => rule))].toSorted());
  expect(rules.filter(({ comment }) => !comment)).toEqual([]);
});
