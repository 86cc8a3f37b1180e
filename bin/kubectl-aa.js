#!/usr/bin/env node
// Runs what dist holds; it is also what the executables begin with, which have dist inside. CommonJS (package.json here):
// Node's loader of ES modules alone costs 15 ms. The oldest Node that knows node: (14.18) must be able to say that it is too
// old: nothing newer here.
const fs = require('node:fs');
const { dirname, join } = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);

/** V8's work is kept there; not below the temporary folder, which is everybody's. */
const cacheFolder = () => {
  const { XDG_CACHE_HOME, LOCALAPPDATA, HOME } = process.env;
  const caches = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && join(HOME, '.cache'));
  return caches && isOwn(HOME) ? join(caches, 'kubectl-aa') : null;
};

/** Whether it is the same user's: under sudo, HOME may be somebody else's, whose files root must neither run nor make. */
const isOwn = (path) => {
  if (!process.geteuid || !path) return true;
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  return !stats || stats.uid === process.geteuid();
};

/** V8's code of a script, and the chunks that ran when it was made; nothing where there is none. */
const readCache = (path) => {
  const none = { code: undefined, chunks: [] };
  try {
    if (!isOwn(path)) return none;
    const data = fs.readFileSync(path);
    const end = data.length - 4;
    const start = end - data.readUInt32LE(end);
    return { code: data.subarray(0, start), chunks: JSON.parse(data.latin1Slice(start, end)) };
  } catch {
    return none;
  }
};

/** Whole or not at all, also when the machine stops meanwhile: V8 believes what it reads. */
const writeCache = (path, code, chunks) => {
  const unfinished = `${path}.${process.pid}`;
  try {
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch {
    // A home that cannot be written to only costs time.
    return;
  }
  try {
    const names = Buffer.from(JSON.stringify(chunks));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(names.length);
    fs.writeFileSync(unfinished, Buffer.concat([code, names, length]), { flag: 'wx', mode: 0o600, flush: true });
    fs.renameSync(unfinished, path);
  } catch {
    fs.rmSync(unfinished, { force: true });
  }
};

const run = () => {
  const { Script } = require('node:vm');
  const sea = require('node:sea');
  const folder = cacheFolder();
  const dist = join(__dirname, '../dist');
  const modules = new Map();

  /** Chunks by their names: functions of ES modules that became CommonJS. */
  const chunksOf = (name) => {
    const source = sea.isSea()
      ? Buffer.from(sea.getRawAsset(name)).latin1Slice()
      : fs.readFileSync(join(dist, name), 'latin1');
    // The file begins with its checksum; V8 itself only looks at the length.
    const path = folder && join(folder, `${source.slice(2, 34)}-${process.version}-${process.arch}`);
    const cached = path ? readCache(path) : undefined;
    const script = new Script(source, { filename: join(dist, name), cachedData: cached && cached.code });
    const chunks = script.runInThisContext()();
    if (path)
      process.on('exit', (status) => {
        const known = script.cachedDataRejected === false ? cached.chunks : [];
        const ran = Array.from(modules.keys()).filter((chunk) => chunks[chunk]);
        // Only now is compiled what V8 compiles when it is called first. A run that failed has called little.
        if (status !== 2 && !ran.every((chunk) => known.includes(chunk)))
          writeCache(path, script.createCachedData(), Array.from(new Set(known.concat(ran))));
      });
    return chunks;
  };

  const scripts = ['kubectl-aa.cjs', 'kubectl-aa.status.cjs', 'kubectl-aa.rest.cjs'];
  const chunks = {};
  const load = (name) => {
    if (!name.startsWith('./')) return require(name);
    const known = modules.get(name);
    if (known) return known.exports;
    while (!chunks[name]) Object.assign(chunks, chunksOf(scripts.shift()));
    const module = { exports: {} };
    modules.set(name, module);
    chunks[name](module.exports, module, load, __filename);
    return module.exports;
  };
  load('./main.js');
};

if (major < 22 || (major === 22 && minor < 21)) {
  process.stderr.write(`error: kubectl-aa needs Node 22.21 or later, found ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  run();
}
