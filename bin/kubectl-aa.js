#!/usr/bin/env node
// CommonJS (package.json here): Node's loader of ES modules alone costs 15 ms. The oldest Node that can parse this file must
// be able to say that it is too old: nothing newer than ES2015 here.
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

const bundle = join(__dirname, '../dist/kubectl-aa.cjs');

if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write(`error: kubectl-aa needs Node 22 or later, found ${process.versions.node}\n`);
  process.exitCode = 2;
} else if (!existsSync(bundle)) {
  process.stderr.write('error: kubectl-aa is not built; run npm run build\n');
  process.exitCode = 2;
} else {
  // V8's work on the bundle is kept between runs. Not below the temporary folder, Node's default: that is everybody's.
  const { XDG_CACHE_HOME, LOCALAPPDATA, HOME } = process.env;
  const caches = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && join(HOME, '.cache'));
  if (caches && enableCompileCache) enableCompileCache(join(caches, 'kubectl-aa'));
  require(bundle);
}
