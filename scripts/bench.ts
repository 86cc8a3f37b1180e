// Interleaved timings on one lab cluster; shared machines are noisy, so the ratios are what counts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { doctorFacts } from '../src/commands/snapshot-source.ts';
import { certificateFacts } from '../src/snapshot/raw-snapshot.ts';
import { capture } from '../src/sources/live/capture.ts';
import type { ClusterReader } from '../src/sources/live/cluster-reader.ts';
import { openHttpsReader } from '../src/sources/live/kubernetes/https-reader.ts';
import { loadConnection } from '../src/sources/live/kubernetes/kubeconfig.ts';
import { binaryPath, buildServers } from '../test/lab/build.ts';
import { type ControlPlane, startControlPlane } from '../test/lab/control-plane.ts';
import { deploySituations } from '../test/lab/deploy.ts';
import { readSituation, type Situation } from '../test/lab/situation.ts';

const KUBE = '1.35';
const RUNS = 15;
const root = fileURLToPath(new URL('..', import.meta.url));
const tool = join(root, 'bin/kubectl-aa.js');

/** The same situation under other names, side by side. */
const copies = (name: string, count: number): readonly Situation[] =>
  Array.from({ length: count }, (_, index) => {
    const situation = readSituation(name, KUBE);
    if (!situation) throw new Error(`no situation ${name}`);
    return JSON.parse(JSON.stringify(situation).replaceAll(name, `${name}-${index}`)) as Situation;
  });

interface Run {
  readonly ms: number;
  readonly peakMib: number;
}

/** One process from start to end; its peak memory by polling the kernel's own high-water mark. */
const time = (command: string, args: readonly string[], kubeconfig: string): Promise<Run> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    let peakMib = 0;
    const child = spawn(command, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: 'ignore' });
    const poll = setInterval(() => {
      try {
        peakMib = Math.max(
          peakMib,
          Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
        );
      } catch {
        // It has just ended.
      }
    }, 10);
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(poll);
      resolve({ ms: performance.now() - started, peakMib });
    });
  });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** A against B, in turn; medians, and the median of the ratios pair by pair. */
const compare = async (
  label: string,
  a: readonly [string, readonly string[]],
  b: readonly [string, readonly string[]],
  kubeconfig: string,
): Promise<void> => {
  const pairs: { readonly a: Run; readonly b: Run }[] = [];
  for (let run = 0; run <= RUNS; run += 1)
    pairs.push({ a: await time(...a, kubeconfig), b: await time(...b, kubeconfig) });
  pairs.shift();
  const ms = (side: 'a' | 'b'): number => median(pairs.map((pair) => pair[side].ms));
  process.stdout.write(
    `${label}: ${ms('a').toFixed(0)} ms against ${ms('b').toFixed(0)} ms, ratio ${median(pairs.map((pair) => pair.a.ms / pair.b.ms)).toFixed(2)}; ` +
      `peak memory ${median(pairs.map((pair) => pair.a.peakMib)).toFixed(0)} MiB against ${median(pairs.map((pair) => pair.b.peakMib)).toFixed(0)} MiB (medians of ${RUNS})\n`,
  );
};

/** Requests of a capture, and its waves: a request belongs to a later wave when it starts after an earlier one of the wave before has ended and was waited for. */
const countRequests = async (
  kubeconfig: string,
  facts: Parameters<typeof capture>[1]['facts'],
): Promise<{ readonly requests: number; readonly forwards: number; readonly waves: number }> => {
  const env = { KUBECONFIG: kubeconfig };
  const connection = await loadConnection({}, { env, workingDirectory: root }, AbortSignal.timeout(10_000));
  const signal = AbortSignal.timeout(30_000);
  const reader = await openHttpsReader({
    connection,
    env,
    userAgent: 'kubectl-aa-bench',
    signal,
    onStderr: () => undefined,
  });
  const starts: number[] = [];
  let open = 0;
  let waves = 0;
  let forwards = 0;
  const counting: ClusterReader = {
    ...reader,
    get: async (path, options) => {
      starts.push(performance.now());
      // A wave begins when nothing is under way: capture waits for the whole of one before it begins the next.
      if (open === 0) waves += 1;
      open += 1;
      try {
        return await reader.get(path, options);
      } finally {
        open -= 1;
      }
    },
    openPodPort: (target, options) => {
      if (open === 0) waves += 1;
      forwards += 1;
      open += 1;
      const closed = (): void => {
        open -= 1;
      };
      return reader.openPodPort(target, options).then(
        (stream) => stream.once('close', closed),
        (error: unknown) => {
          closed();
          throw error;
        },
      );
    },
  };
  await capture(counting, { facts, timeoutMs: 30_000, signal, now: () => new Date() });
  reader.close();
  return { requests: starts.length, forwards, waves };
};

/** Runs with a kubeconfig whose way to the API server takes 100 ms there and back, through toxiproxy on the loopback. */
const farAway = async (kubeconfig: string, use: (farKubeconfig: string) => Promise<void>): Promise<void> => {
  const text = readFileSync(kubeconfig, 'utf8');
  const near = /https:\/\/(127\.0\.0\.1:\d+)/.exec(text)?.[1];
  if (near === undefined) throw new Error('the lab does not listen on the loopback');
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-bench-'));
  const [api, far] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const configuration = join(folder, 'toxiproxy.json');
  writeFileSync(configuration, JSON.stringify([{ name: 'far', listen: far, upstream: near, enabled: true }]));
  const [host = '', port = ''] = api.split(':');
  const proxy = spawn(binaryPath('toxiproxy'), ['-host', host, '-port', port, '-config', configuration], {
    stdio: 'ignore',
  });
  try {
    for (const stream of ['upstream', 'downstream']) {
      await untilAnswered(`http://${api}/proxies/far/toxics`, { type: 'latency', stream, attributes: { latency: 50 } });
    }
    const farKubeconfig = join(folder, 'kubeconfig');
    writeFileSync(farKubeconfig, text.replaceAll(near, far), { mode: 0o600 });
    await use(farKubeconfig);
  } finally {
    proxy.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

/** Posts until somebody takes it, ten seconds at most. */
const untilAnswered = async (url: string, body: unknown): Promise<void> => {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      const { status } = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      if (status < 300) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error(`${url} takes no toxic`);
    await pause(50);
  }
};

const deploy = async (controlPlane: ControlPlane, situations: readonly Situation[]): Promise<void> => {
  const unmet = await deploySituations(controlPlane, situations, () => undefined);
  if (unmet.size > 0) throw new Error(`not as awaited: ${[...unmet.keys()].join(', ')}`);
};

const benchStatusAndDoctor = async (controlPlane: ControlPlane): Promise<void> => {
  const kubeconfig = controlPlane.kubeconfigPath;
  const kubectl = binaryPath('kubectl');
  await compare(
    'status, no remote APIService, against kubectl get apiservices',
    [process.execPath, [tool, 'status']],
    [kubectl, ['get', 'apiservices']],
    kubeconfig,
  );
  const situations = [
    ...copies('healthy', 20),
    ...copies('plain-http', 10),
    ...copies('serving-certificate-expired', 10),
    ...copies('pods-crashing', 10),
    ...copies('document-html', 10),
  ];
  await deploy(controlPlane, situations);
  await compare(
    'status, 60 remote APIServices of which 40 broken, against kubectl get apiservices',
    [process.execPath, [tool, 'status']],
    [kubectl, ['get', 'apiservices']],
    kubeconfig,
  );
  await compare(
    'doctor, 60 remote APIServices of which 40 broken, against kubectl get apiservices',
    [process.execPath, [tool, 'doctor']],
    [kubectl, ['get', 'apiservices']],
    kubeconfig,
  );
  await farAway(kubeconfig, async (farKubeconfig) => {
    await compare(
      'the same status at 100 ms round trip, against kubectl get apiservices',
      [process.execPath, [tool, 'status']],
      [kubectl, ['get', 'apiservices']],
      farKubeconfig,
    );
  });
  const status = await countRequests(kubeconfig, ['answers']);
  const doctor = await countRequests(
    kubeconfig,
    doctorFacts({ 'no-port-forward': false, 'no-probe-resources': false }),
  );
  process.stdout.write(
    `requests and sequential waves: status ${status.requests} in ${status.waves}, doctor ${doctor.requests} and ${doctor.forwards} port-forwards in ${doctor.waves}\n`,
  );
};

/** Every endpoint is a handshake through a port-forward of its own. */
const benchCert = async (controlPlane: ControlPlane): Promise<void> => {
  const kubeconfig = controlPlane.kubeconfigPath;
  await deploy(controlPlane, copies('healthy-two-endpoints', 60));
  await compare(
    'cert, 60 remote APIServices with 2 endpoints each, against status',
    [process.execPath, [tool, 'cert']],
    [process.execPath, [tool, 'status']],
    kubeconfig,
  );
  const cert = await countRequests(kubeconfig, certificateFacts);
  process.stdout.write(
    `requests and sequential waves: cert ${cert.requests} and ${cert.forwards} port-forwards in ${cert.waves}\n`,
  );
};

await buildServers(() => undefined);
for (const bench of [benchStatusAndDoctor, benchCert]) {
  if (process.argv[2] !== undefined && bench.name !== process.argv[2]) continue;
  const controlPlane = await startControlPlane(KUBE);
  try {
    await bench(controlPlane);
  } finally {
    await controlPlane.stop();
  }
}
