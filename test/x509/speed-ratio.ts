import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { verifyServingChain } from '../../src/x509/index.ts';
import { buildGoProgram, goVersionOf } from './go-program.ts';

// How much longer than Go this project takes for the recorded verification cases:
//   node test/x509/speed-ratio.ts --rounds 5
// Both read the bundle, parse the chain and verify it; the best round of each counts.

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, go: { type: 'string', default: 'go' } },
});

const VECTORS = fileURLToPath(new URL('../../../shared/x509/go-verify-vectors.ndjson.gz', import.meta.url));

interface RecordedCase {
  readonly caBundle: string;
  readonly presented: readonly string[];
  readonly serverName: string;
  readonly time: string;
  readonly ekus?: readonly number[];
}

const lines = gunzipSync(readFileSync(VECTORS)).toString('utf8').trim().split('\n');
const program = buildGoProgram({ go: values.go });
const told = execFileSync(program, ['-bench', values.rounds], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
const goMs = (JSON.parse(told) as { nanoseconds: number }).nanoseconds / 1e6;

const goVersion = goVersionOf(values.go);
const cases = lines.map((line) => {
  const { caBundle, presented, serverName, time, ekus } = JSON.parse(line) as RecordedCase;
  return {
    caBundle,
    presented: presented.map((der) => Buffer.from(der, 'base64')),
    serverName,
    at: new Date(time),
    goVersion,
    ...(ekus === undefined ? {} : { ekus }),
  };
});

const roundMs = (): number => {
  const start = performance.now();
  for (const chain of cases) verifyServingChain(chain);
  return performance.now() - start;
};

const ourMs = Math.min(...Array.from({ length: Number(values.rounds) }, roundMs));
const ratio = (ourMs / goMs).toFixed(2);
console.log(
  `${cases.length} cases: Go ${goVersion} ${goMs.toFixed(0)} ms, ours ${ourMs.toFixed(0)} ms, ratio ${ratio}`,
);
