// One CommonJS bundle: fastest to start, and what a single executable takes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/kubectl-aa.cjs',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  minifySyntax: true,
  // yargs and others ask for import.meta.url, which CommonJS does not have.
  define: { 'import.meta.url': 'importMetaUrl' },
  inject: ['scripts/import-meta-url.ts'],
  // Later versions build an Intl.Segmenter and some large regular expressions at import, twice: half of all start-up time.
  alias: { 'string-width': './node_modules/string-width' },
  metafile: true,
  logLevel: 'warning',
});
// Whose code is in the bundle, for licences and the SBOM.
writeFileSync(join(root, 'dist/kubectl-aa.meta.json'), JSON.stringify(metafile));
