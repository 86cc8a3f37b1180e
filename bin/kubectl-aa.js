#!/usr/bin/env node
// The oldest Node that can parse this file must be able to say that it is too old: nothing newer than ES2015 modules here.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
const bundle = new URL('../dist/kubectl-aa.cjs', import.meta.url);

if (major < 22) {
  process.stderr.write(`error: kubectl-aa needs Node 22.21 or later, found ${process.versions.node}\n`);
  process.exitCode = 2;
} else if (!existsSync(fileURLToPath(bundle))) {
  process.stderr.write('error: kubectl-aa is not built; run npm run build\n');
  process.exitCode = 2;
} else {
  // import() of CommonJS would read the whole bundle once more to find its exports.
  createRequire(import.meta.url)(fileURLToPath(bundle));
}
