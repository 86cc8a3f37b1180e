// The code in three scripts: what every call needs, what status needs beside it, and the rest, so that nobody waits for what he
// does not use. Each is one expression, a function that gives the chunks by name; bin/kubectl-aa.js runs them.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, type Metafile, transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each script holds beside what it imports statically: modules that are imported when they are needed. */
const scripts: readonly { readonly name: string; readonly entries: readonly string[] }[] = [
  {
    name: 'kubectl-aa.cjs',
    entries: [
      'src/main.ts',
      'src/cli/help.ts',
      'node_modules/yargs/index.mjs',
      'src/commands/version.ts',
      'src/render/text/version-text.ts',
    ],
  },
  {
    name: 'kubectl-aa.status.cjs',
    entries: [
      'src/cli/complete.ts',
      'src/commands/status.ts',
      'src/render/text/status-text.ts',
      'src/sources/live/capture-cluster.ts',
    ],
  },
];

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  minifySyntax: true,
  chunkNames: '[name]-[hash]',
  // yargs and others ask for import.meta.url, which CommonJS does not have.
  define: { 'import.meta.url': 'importMetaUrl' },
  inject: ['scripts/import-meta-url.ts'],
  // Later versions build an Intl.Segmenter and some large regular expressions at import, twice: half of all start-up time.
  alias: { 'string-width': './node_modules/string-width', assert: './scripts/yargs-assert.ts' },
  metafile: true,
  write: false,
  logLevel: 'warning',
});

/** A chunk with all that it imports before it runs. */
const closure = (path: string, outputs: Metafile['outputs'], found: Set<string>): void => {
  if (found.has(path)) return;
  found.add(path);
  for (const { path: imported, kind, external } of outputs[path]?.imports ?? [])
    if (kind === 'import-statement' && !external) closure(imported, outputs, found);
};

/** ES modules as functions that get what CommonJS gives them. */
const script = async (paths: readonly string[]): Promise<string> => {
  const chunks = await Promise.all(
    paths.map(async (path) => {
      const source = outputFiles.find((file) => file.path === join(root, path))?.text ?? '';
      const { code } = await transform(source, {
        format: 'cjs',
        platform: 'node',
        target: 'node22',
        minifyWhitespace: true,
        legalComments: 'none',
        supported: { 'dynamic-import': false },
      });
      return `${JSON.stringify(`./${basename(path)}`)}: function (exports, module, require, __filename) {\n${code}}`;
    }),
  );
  const text = `(function () { return {\n${chunks.join(',\n')}\n}; })\n`;
  // Read a byte for each character: decoding UTF-8 takes longer, and V8 would keep twice as much.
  const [odd] = /[^\0-\x7f]/.exec(text) ?? [];
  if (odd !== undefined) throw new Error(`${odd} is not ASCII: write it as an escape`);
  // What V8 made of it may be used again for the same text only.
  return `/*${createHash('sha256').update(text).digest('hex')}*/${text}`;
};

mkdirSync(join(root, 'dist'), { recursive: true });
const { outputs } = metafile;
const left = new Set(Object.keys(outputs));
const chunksByScript: Record<string, readonly string[]> = {};
for (const { name, entries } of [...scripts, { name: 'kubectl-aa.rest.cjs', entries: null }]) {
  const wanted = new Set<string>(entries === null ? left : []);
  for (const entry of entries ?? []) {
    const path = Object.keys(outputs).find((output) => outputs[output]?.entryPoint === entry);
    if (path === undefined) throw new Error(`${entry} is no chunk of its own: it is imported statically`);
    closure(path, outputs, wanted);
  }
  const paths = [...wanted].filter((path) => left.delete(path)).toSorted();
  writeFileSync(join(root, 'dist', name), await script(paths));
  chunksByScript[name] = paths;
}
// Whose code is in them, for licences and the SBOM, and where it is.
writeFileSync(join(root, 'dist/kubectl-aa.meta.json'), JSON.stringify({ ...metafile, chunksByScript }));
