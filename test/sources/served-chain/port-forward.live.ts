// Reads served chains through the port-forward of real control planes and compares them with the files that were deployed:
//   node test/sources/served-chain/port-forward.live.ts [1.36 1.29 …]
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RequestFailed } from '../../../src/sources/live/cluster-reader.ts';
import { openHttpsReader } from '../../../src/sources/live/kubernetes/https-reader.ts';
import { loadConnection } from '../../../src/sources/live/kubernetes/kubeconfig.ts';
import { readServedChain } from '../../../src/sources/live/served-chain/read-served-chain.ts';
import { buildServers, type KubeVersion, kubeVersions } from '../../lab/build.ts';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane.ts';
import { deploySituations } from '../../lab/deploy.ts';
import { serviceAccountKubeconfig } from '../../lab/extension-api-servers.ts';
import { deleteStaleNetworkNamespaces } from '../../lab/network-namespace.ts';
import { readSituation } from '../../lab/situation.ts';

/** What the handshake with the Pod api-0 of each situation has to end in. */
const outcomes = {
  healthy: 'completed',
  'endpoints-serve-different-certificates': 'completed',
  'intermediate-missing': 'completed',
  'sample-apiserver': 'completed',
  'signature-algorithm-refused': 'completed',
  'plain-http': 'notTls',
  'tls-version-old': 'alert protocol_version',
  'tls-without-certificate': 'alert unrecognized_name',
  'connection-reset': 'reset',
  // kwok keeps the tunnel open until the client ends it too.
  'connection-closed': 'timedOut',
  'connection-refused': 'connectionRefused',
} as const;

const signal = new AbortController().signal;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
let failures = 0;
const expectSame = (what: string, seen: string, wanted: string): void => {
  if (seen !== wanted) failures += 1;
  say(`${seen === wanted ? 'ok  ' : 'FAIL'} ${what}: ${seen}${seen === wanted ? '' : ` instead of ${wanted}`}`);
};

const readerWith = async (kubeconfig: string) => {
  const environment = { env: {}, workingDirectory: '/' };
  const connection = await loadConnection({ kubeconfig }, environment, signal);
  return openHttpsReader({ connection, env: {}, userAgent: 'kubectl-aa/live', signal, onStderr: () => {} });
};
type Reader = Awaited<ReturnType<typeof readerWith>>;

const attempt = async (reader: Reader, namespace: string, pod: string, port: number) => {
  const started = performance.now();
  try {
    const stream = await reader.openPodPort({ namespace, pod, port }, { timeoutMs: 5000, signal });
    const openedMs = performance.now() - started;
    const served = await readServedChain(stream, { serverName: `api.${namespace}.svc`, timeoutMs: 5000, signal });
    const ending = served.alert === null ? served.outcome : `${served.outcome} ${served.alert.name}`;
    return { served, ending, detail: served.detail, openedMs, wholeMs: performance.now() - started };
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    return {
      served: null,
      ending: error.state,
      detail: error.message,
      openedMs: 0,
      wholeMs: performance.now() - started,
    };
  }
};

const hexOf = (chain: readonly Uint8Array[] | null | undefined): string =>
  (chain ?? []).map((der) => Buffer.from(der).toString('hex')).join('\n');
const dersOf = (path: string): readonly Buffer[] =>
  [...readFileSync(path, 'utf8').matchAll(/-----BEGIN[^]*?-----END CERTIFICATE-----/g)].map(
    ([pem]) => new X509Certificate(pem).raw,
  );

const readSituations = async (controlPlane: ControlPlane, reader: Reader): Promise<void> => {
  const folder = join(controlPlane.network.folder, 'situations');
  for (const [name, wanted] of Object.entries(outcomes)) {
    const situation = readSituation(name, controlPlane.kube);
    if (situation === undefined) continue;
    const { items } = (await controlPlane.api.get(`/api/v1/namespaces/${situation.namespace}/pods`)) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly spec: {
          readonly containers: readonly { readonly ports?: readonly { readonly containerPort: number }[] }[];
        };
      }[];
    };
    for (const { metadata, spec } of items) {
      const port = spec.containers[0]?.ports?.[0]?.containerPort ?? 8443;
      const { served, ending, detail, openedMs, wholeMs } = await attempt(
        reader,
        situation.namespace,
        metadata.name,
        port,
      );
      const what = `${controlPlane.kube} ${name} ${metadata.name}`;
      expectSame(what, ending, wanted);
      say(
        `     TLS ${served?.tlsVersion} ${served?.cipherSuite} ${served?.signatureScheme} alpn ${served?.alpn} ${served?.chain?.length ?? 'no'} certificates; opened after ${openedMs.toFixed(1)} ms, read after ${wholeMs.toFixed(1)} ms ${detail}`,
      );
      const deployed = [
        join(folder, `${name}--${metadata.name}-${port}.chain`),
        join(folder, `${name}--serving.crt`),
      ].find((path) => existsSync(path));
      if (wanted === 'completed' && deployed !== undefined)
        expectSame(`${what} byte for byte`, String(hexOf(served?.chain) === hexOf(dersOf(deployed))), 'true');
    }
  }
};

const callers = [
  { name: 'get-only', verbs: ['get'], wanted: { '1.29': 'completed', '1.35': 'forbidden', '1.36': 'forbidden' } },
  { name: 'create-only', verbs: ['create'], wanted: { '1.29': 'completed', '1.35': 'completed', '1.36': 'completed' } },
  { name: 'both', verbs: ['get', 'create'], wanted: { '1.29': 'completed', '1.35': 'completed', '1.36': 'completed' } },
  { name: 'neither', verbs: [], wanted: { '1.29': 'forbidden', '1.35': 'forbidden', '1.36': 'forbidden' } },
] as const;

const readAsCallers = async (controlPlane: ControlPlane): Promise<void> => {
  const namespace = readSituation('healthy', controlPlane.kube)?.namespace ?? '';
  for (const { name, verbs, wanted } of callers) {
    const metadata = { name, namespace };
    const rbac = 'rbac.authorization.k8s.io';
    await controlPlane.api.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    const rules = verbs.length === 0 ? [] : [{ apiGroups: [''], resources: ['pods/portforward'], verbs }];
    await controlPlane.api.create({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules });
    await controlPlane.api.create({
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
    const reader = await readerWith(await serviceAccountKubeconfig(controlPlane, controlPlane.server, namespace, name));
    // The authorizer learns of a new role after a moment.
    let seen = await attempt(reader, namespace, 'api-0', 8443);
    for (let tries = 0; seen.ending !== wanted[controlPlane.kube] && tries < 20; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      seen = await attempt(reader, namespace, 'api-0', 8443);
    }
    expectSame(`${controlPlane.kube} caller with ${name}`, seen.ending, wanted[controlPlane.kube]);
    say(`     read after ${seen.wholeMs.toFixed(1)} ms ${seen.detail}`);
    reader.close();
  }
};

const readWhatIsNotThere = async (controlPlane: ControlPlane, reader: Reader): Promise<void> => {
  const namespace = readSituation('healthy', controlPlane.kube)?.namespace ?? '';
  for (const [pod, port] of [
    ['nobody', 8443],
    ['api-0', 1],
  ] as const) {
    const { ending, detail } = await attempt(reader, namespace, pod, port);
    say(`     ${controlPlane.kube} Pod ${pod} port ${port}: ${ending}: ${detail}`);
  }
  const many = performance.now();
  const all = await Promise.all(Array.from({ length: 120 }, () => attempt(reader, namespace, 'api-0', 8443)));
  const completed = all.filter(({ ending }) => ending === 'completed').length;
  expectSame(`${controlPlane.kube} 120 at once`, String(completed), '120');
  say(`     in ${(performance.now() - many).toFixed(0)} ms`);
};

const run = async (kube: KubeVersion): Promise<void> => {
  const controlPlane = await startControlPlane(kube);
  try {
    const situations = Object.keys(outcomes).flatMap((name) => readSituation(name, kube) ?? []);
    const unmet = await deploySituations(controlPlane, situations, () => {});
    for (const [name, seen] of unmet) say(`     ${kube} ${name} is not as awaited: ${seen}`);
    const reader = await readerWith(controlPlane.kubeconfigPath);
    await readSituations(controlPlane, reader);
    await readWhatIsNotThere(controlPlane, reader);
    reader.close();
    await readAsCallers(controlPlane);
  } finally {
    await controlPlane.stop();
  }
};

deleteStaleNetworkNamespaces();
await buildServers((line) => say(line));
const asked = process.argv.slice(2);
for (const kube of kubeVersions) if (asked.length === 0 || asked.includes(kube)) await run(kube);
say(failures === 0 ? 'all as wanted' : `${failures} not as wanted`);
process.exit(failures === 0 ? 0 : 1);
