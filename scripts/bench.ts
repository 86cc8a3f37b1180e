// Interleaved timings on one lab cluster; shared machines are noisy, so the ratios are what counts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { doctorFacts } from '../src/commands/snapshot-source.ts';
import { certificateFacts, discoveryFacts } from '../src/snapshot/raw-snapshot.ts';
import { capture } from '../src/sources/live/capture.ts';
import type { ClusterReader } from '../src/sources/live/cluster-reader.ts';
import { openHttpsReader } from '../src/sources/live/kubernetes/https-reader.ts';
import { loadConnection } from '../src/sources/live/kubernetes/kubeconfig.ts';
import { buildExecutables } from './package/executables.ts';
import { targets } from './package/targets.ts';
import { binaryPath, buildServers } from '../test/lab/build.ts';
import type { KubernetesObject } from '../test/lab/api-client.ts';
import { type ControlPlane, startControlPlane } from '../test/lab/control-plane.ts';
import { deploySituations } from '../test/lab/deploy.ts';
import { readSituation, type Situation } from '../test/lab/situation.ts';
import { until } from '../test/lab/until.ts';

const KUBE = '1.35';
const RUNS = 15;
const ROUND_TRIP_MS = 100;
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
  /** User and system. */
  readonly cpuMs: number;
  readonly peakMib: number;
}

/** What all children that have ended took, in the kernel's ticks of 10 ms (proc(5), cutime and cstime). */
const childrensCpuMs = (): number => {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
};

type Command = readonly [string, ...string[]];
type Env = Readonly<Record<string, string | undefined>>;

/** One process from start to end; its peak memory by polling the kernel's own high-water mark. */
const time = ([command, ...args]: Command, env: Env): Promise<Run> =>
  new Promise((resolve, reject) => {
    const cpuBefore = childrensCpuMs();
    const started = performance.now();
    let peakMib = 0;
    const child = spawn(command, args, { env, stdio: 'ignore' });
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
      resolve({ ms: performance.now() - started, cpuMs: childrensCpuMs() - cpuBefore, peakMib });
    });
  });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * Runs the commands in turn; tells of each the medians, and the median of its ratios to the first, run by run. The run that
 * comes before the others fills caches: kubectl's of discovery, ours of compiled code.
 */
const compare = async (label: string, commands: Readonly<Record<string, Command>>, env: Env): Promise<void> => {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, [] as Run[]]));
  for (let run = 0; run <= RUNS; run += 1)
    for (const [name, command] of Object.entries(commands)) {
      const measured = await time(command, env);
      if (run > 0) runs[name]?.push(measured);
    }
  const [first = []] = Object.values(runs);
  process.stdout.write(`\n${label} (medians of ${RUNS})\n`);
  for (const [name, own] of Object.entries(runs)) {
    const of = (what: keyof Run): number => median(own.map((run) => run[what]));
    const ratio = (what: keyof Run): string =>
      median(own.map((run, index) => run[what] / (first[index]?.[what] ?? Number.NaN))).toFixed(2);
    process.stdout.write(
      `  ${name.padEnd(22)} ${of('ms').toFixed(0).padStart(5)} ms, ratio ${ratio('ms')}; CPU ${of('cpuMs').toFixed(0).padStart(4)} ms, ratio ${ratio('cpuMs')}; peak ${of('peakMib').toFixed(0).padStart(3)} MiB\n`,
    );
  }
};

/** The least that Node takes for the same requests: one LIST and a GET for each remote APIService, over one connection. */
const FLOOR = `
const { connect } = require('node:http2');
const { server, ca, cert, key, authorization } = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'));
const session = connect(server, { ca, cert, key });
const get = (path) => new Promise((resolve, reject) => {
  const stream = session.request({ ':path': path, accept: 'application/json', ...(authorization ? { authorization } : {}) });
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => resolve(text)).on('error', reject);
});
const ask = async ({ metadata, spec }) => {
  const text = await get('/apis/' + spec.group + '/' + spec.version);
  return metadata.name + ' ' + (text.startsWith('{') ? JSON.parse(text).resources?.length : text.slice(0, 80));
};
get('/apis/apiregistration.k8s.io/v1/apiservices?limit=500').then(async (list) => {
  const remote = JSON.parse(list).items.filter(({ spec }) => spec.service);
  process.stdout.write((await Promise.all(remote.map(ask))).join('\\n'));
  session.close();
});
`;

/** Files of the floor for a kubeconfig. */
const floorCommand = async (folder: string, kubeconfig: string): Promise<Command> => {
  const { server, tls, clientCertificate, bearer } = await loadConnection(
    {},
    { env: { KUBECONFIG: kubeconfig }, workingDirectory: root },
    AbortSignal.timeout(10_000),
  );
  const [script, connection] = [join(folder, 'floor.cjs'), join(folder, `connection-${new URL(server).port}.json`)];
  writeFileSync(script, FLOOR);
  writeFileSync(
    connection,
    JSON.stringify({
      server,
      ca: tls.authority,
      cert: clientCertificate?.certificate,
      key: clientCertificate?.key,
      authorization: bearer?.token === undefined ? undefined : `Bearer ${bearer.token}`,
    }),
    { mode: 0o600 },
  );
  return [process.execPath, script, connection];
};

/** Requests of a capture, and its waves: a request belongs to a later wave when it starts after an earlier one of the wave before has ended and was waited for. */
const countRequests = async (
  kubeconfig: string,
  facts: Parameters<typeof capture>[1]['facts'],
): Promise<{
  readonly requests: number;
  readonly bytes: number;
  readonly forwards: number;
  readonly waves: number;
}> => {
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
  let bytes = 0;
  const counting: ClusterReader = {
    ...reader,
    get: async (path, options) => {
      starts.push(performance.now());
      // A wave begins when nothing is under way: capture waits for the whole of one before it begins the next.
      if (open === 0) waves += 1;
      open += 1;
      try {
        const received = await reader.get(path, options);
        bytes += Buffer.byteLength(received.body ?? '');
        return received;
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
  return { requests: starts.length, bytes, forwards, waves };
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
      await untilAnswered(`http://${api}/proxies/far/toxics`, {
        type: 'latency',
        stream,
        attributes: { latency: ROUND_TRIP_MS / 2 },
      });
    }
    const farKubeconfig = join(folder, 'kubeconfig');
    writeFileSync(farKubeconfig, text.replaceAll(near, far), { mode: 0o600 });
    await use(farKubeconfig);
  } finally {
    proxy.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Passes on what is received after half a round trip, in order. */
const relayLate = (from: Socket, to: Socket, onReceived: () => void, onDelivered: () => void): void => {
  from.on('data', (chunk) => {
    onReceived();
    setTimeout(() => {
      onDelivered();
      to.write(chunk);
    }, ROUND_TRIP_MS / 2);
  });
  from.on('close', () => setTimeout(() => to.destroy(), ROUND_TRIP_MS / 2));
  from.on('error', () => to.destroy());
};

const nothing = (): void => undefined;

/**
 * Round trips of a command behind the TCP connection, TLS included: the longest chain in which it sends after it was answered.
 * Only what was sent a round trip ago can have been answered: the acknowledgement of HTTP/2 settings, for which nobody waits,
 * is none. A slow server may look like one more, so the least of several runs counts.
 */
const roundTripsOf = async (command: Command, kubeconfig: string, env: Env): Promise<number> => {
  const text = readFileSync(kubeconfig, 'utf8');
  const [, address = '', port = ''] = /https:\/\/(127\.0\.0\.1:(\d+))/.exec(text) ?? [];
  let sent: { readonly at: number; readonly behind: number }[] = [];
  let roundTrips = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(port), '127.0.0.1');
    relayLate(client, server, () => sent.push({ at: performance.now(), behind: roundTrips }), nothing);
    relayLate(server, client, nothing, () => {
      const answerable = sent.filter(({ at }) => at <= performance.now() - ROUND_TRIP_MS + 2);
      roundTrips = Math.max(roundTrips, ...answerable.map(({ behind }) => behind + 1));
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const far = `${kubeconfig}.counted`;
  writeFileSync(far, text.replaceAll(address, `127.0.0.1:${(proxy.address() as AddressInfo).port}`), { mode: 0o600 });
  const counts: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    [sent, roundTrips] = [[], 0];
    await time(command, { ...env, KUBECONFIG: far });
    counts.push(roundTrips);
  }
  proxy.close();
  rmSync(far);
  return Math.min(...counts);
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

const kubectl = binaryPath('kubectl');

/** As npm installs it, and as one file; the second only where this machine can make it. */
const ways = (folder: string): Readonly<Record<string, Command>> => {
  const executable = join(folder, 'linux_amd64/kubectl-aa');
  return {
    'npm command': [process.execPath, tool],
    ...(existsSync(executable) ? { executable: [executable] } : {}),
  };
};

const withArguments = (
  commands: Readonly<Record<string, Command>>,
  ...args: readonly string[]
): Readonly<Record<string, Command>> =>
  Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, [...command, ...args]]));

/** Status against kubectl and the floor, next door and at 100 ms, with the round trips. */
const benchStatus = async (folder: string, remotes: number, kubeconfig: string): Promise<void> => {
  const label = `status, ${remotes} remote APIServices`;
  const commandsFor = async (path: string): Promise<Readonly<Record<string, Command>>> => ({
    'kubectl get apiservices': [kubectl, 'get', 'apiservices'],
    'bare Node': await floorCommand(folder, path),
    ...withArguments(ways(folder), 'status'),
  });
  const env = { ...process.env, HOME: folder, KUBECONFIG: kubeconfig };
  await compare(label, await commandsFor(kubeconfig), env);
  await farAway(kubeconfig, async (far) => {
    await compare(`${label}, 100 ms away`, await commandsFor(far), { ...env, KUBECONFIG: far });
  });
  const counts = {
    'kubectl get apiservices': await roundTripsOf([kubectl, 'get', 'apiservices'], kubeconfig, env),
    'npm command': await roundTripsOf([process.execPath, tool, 'status'], kubeconfig, env),
  };
  process.stdout.write(`  round trips behind the TCP connection: ${JSON.stringify(counts)}\n`);
};

const benchFewRemotes = async (controlPlane: ControlPlane, folder: string): Promise<void> => {
  const kubeconfig = controlPlane.kubeconfigPath;
  const env = { ...process.env, HOME: folder, KUBECONFIG: kubeconfig };
  await compare('--help', { kubectl: [kubectl, '--help'], ...withArguments(ways(folder), '--help') }, env);
  await benchStatus(folder, 0, kubeconfig);
  await deploy(controlPlane, copies('healthy', 4));
  await benchStatus(folder, 4, kubeconfig);
};

const benchManyRemotes = async (controlPlane: ControlPlane, folder: string): Promise<void> => {
  const kubeconfig = controlPlane.kubeconfigPath;
  const env = { ...process.env, HOME: folder, KUBECONFIG: kubeconfig };
  await deploy(controlPlane, [
    ...copies('healthy', 20),
    ...copies('plain-http', 10),
    ...copies('serving-certificate-expired', 10),
    ...copies('pods-crashing', 10),
    ...copies('document-html', 10),
  ]);
  await compare(
    'completion of 60 names',
    {
      kubectl: [kubectl, '__complete', 'get', 'apiservices', ''],
      ...withArguments(ways(folder), '__complete', 'status', ''),
    },
    env,
  );
  await benchStatus(folder, 60, kubeconfig);
  await compare(
    'doctor, 60 remote APIServices of which 40 broken',
    { 'kubectl get apiservices': [kubectl, 'get', 'apiservices'], ...withArguments(ways(folder), 'doctor') },
    env,
  );
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
const benchCert = async (controlPlane: ControlPlane, folder: string): Promise<void> => {
  const kubeconfig = controlPlane.kubeconfigPath;
  await deploy(controlPlane, copies('healthy-two-endpoints', 60));
  await compare(
    'cert, 60 remote APIServices with 2 endpoints each, against status',
    { status: [process.execPath, tool, 'status'], cert: [process.execPath, tool, 'cert'] },
    { ...process.env, HOME: folder, KUBECONFIG: kubeconfig },
  );
  const cert = await countRequests(kubeconfig, certificateFacts);
  process.stdout.write(
    `requests and sequential waves: cert ${cert.requests} and ${cert.forwards} port-forwards in ${cert.waves}\n`,
  );
};

const customResource = (group: string): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'things', singular: 'thing', kind: 'Thing' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
});

/** With so many group versions in all, each made by a CRD but for the built-in ones. */
const benchDiscovery = async (controlPlane: ControlPlane, folder: string): Promise<void> => {
  const { api, kubeconfigPath } = controlPlane;
  await deploy(controlPlane, copies('healthy', 2));
  const groupVersions = async (): Promise<number> =>
    (await api.get('/apis')).groups.reduce(
      (sum: number, { versions }: { versions: unknown[] }) => sum + versions.length,
      1,
    );
  for (const wanted of [30, 500]) {
    const missing = wanted - (await groupVersions());
    for (let made = 0; made < missing; made += 1) await api.create(customResource(`g${made}.n${wanted}.example.com`));
    await until(`${wanted} group versions`, 120_000, async () => {
      const found = await groupVersions();
      return found === wanted ? undefined : String(found);
    });
    await compare(
      `discovery, ${wanted} group versions`,
      {
        'kubectl api-resources': [kubectl, 'api-resources', '--cached=false'],
        discovery: [process.execPath, tool, 'discovery'],
      },
      { ...process.env, HOME: folder, KUBECONFIG: kubeconfigPath },
    );
    const { requests, bytes, waves } = await countRequests(kubeconfigPath, discoveryFacts);
    process.stdout.write(`documents, bytes and sequential waves: ${requests}, ${bytes} and ${waves}\n`);
  }
};

await buildServers(() => undefined);
const scratch = mkdtempSync(join(tmpdir(), 'kubectl-aa-bench-'));
try {
  const native = targets.filter(
    ({ os, arch }) => process.platform === os && process.arch === 'x64' && arch === 'amd64',
  );
  if (native.length > 0) await buildExecutables(root, native, scratch);
  for (const bench of [benchFewRemotes, benchManyRemotes, benchCert, benchDiscovery]) {
    if (process.argv[2] !== undefined && bench.name !== process.argv[2]) continue;
    const controlPlane = await startControlPlane(KUBE);
    try {
      await bench(controlPlane, scratch);
    } finally {
      await controlPlane.stop();
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
