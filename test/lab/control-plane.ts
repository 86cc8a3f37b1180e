import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type Binary, binaryPath, type KubeVersion } from './build.ts';
import { apiServerArguments, type ApiServerSpec, firstApiServer, issuePki, secondApiServer } from './kube-apiserver.ts';
import { kubeconfig } from './kubeconfig.ts';
import {
  createNetworkNamespace,
  deleteNetworkNamespace,
  labNetwork,
  type NetworkNamespace,
} from './network-namespace.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { until } from './until.ts';

const insideUrl = `https://${labNetwork.controlPlane}:6443`;
const etcdUrl = 'http://127.0.0.1:2379';
export const nodeName = 'node';

/** Where port-forward to a Pod leads. */
export interface PodForward {
  readonly namespace: string;
  readonly pod: string;
  readonly address: string;
  readonly ports: readonly number[];
}

/** A running control plane: etcd, kube-apiserver, kube-controller-manager, and one node. */
export interface ControlPlane {
  readonly kube: KubeVersion;
  readonly network: NetworkNamespace;
  readonly api: ApiClient;
  /** The API server's address outside and inside its network. */
  readonly server: string;
  readonly insideUrl: string;
  readonly etcdUrl: string;
  readonly ca: string;
  /** Path of a kubeconfig of a cluster administrator that works outside the control plane's network. */
  readonly kubeconfigPath: string;
  /** Runs a program inside the control plane's network until the control plane stops. */
  readonly start: (name: string, binary: Binary, args: readonly string[]) => ServerProcess;
  /** The same for a container's process: started again when it ends, as the kubelet does. */
  readonly startContainer: ControlPlane['start'];
  /** Starts the node, or starts it again with other Pods to forward to. */
  readonly startNode: (forwards: readonly PodForward[]) => Promise<void>;
  /** Starts a second kube-apiserver on the same etcd; the port of the loopback outside that leads to it. */
  readonly startReplica: (spec: ApiServerSpec) => Promise<number>;
  /** Path of a kubeconfig of a cluster administrator for another way to the API server. */
  readonly kubeconfigFor: (name: string, server: string) => string;
  /** Writes creationTimestamps that the API server itself would not accept. */
  readonly backdate: (key: string, createdAt: Date) => Promise<void>;
  /** Ends every process and removes the network and all files. */
  readonly stop: () => Promise<void>;
}

// kube-scheduler is left out: the lab says where each Pod runs. The others would evict Pods of a node
// whose lease nobody renews, or delete those that the lab shows as failed.
const controllersOff = ['node-lifecycle-controller', 'taint-eviction-controller', 'pod-garbage-collector-controller'];

const nodeBehaviour = (): string => readFileSync(join(import.meta.dirname, 'kwok-node.yaml'), 'utf8');

const portForward = (forward: PodForward): object => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'PortForward',
  metadata: { name: forward.pod, namespace: forward.namespace },
  spec: {
    forwards: forward.ports.map((port) => ({ ports: [port], target: { address: forward.address, port } })),
  },
});

const running = new Set<ControlPlane['network']['name']>();

const stopAll = (): void => {
  for (const name of running) deleteNetworkNamespace(name);
  running.clear();
};
process.on('exit', stopAll);
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}

/** Starts a control plane of the asked version in a network of its own; it is ready when this returns. */
export const startControlPlane = async (kube: KubeVersion, spec: ApiServerSpec = {}): Promise<ControlPlane> => {
  const network = createNetworkNamespace();
  running.add(network.name);
  try {
    return await startInside(kube, network, spec);
  } catch (error) {
    running.delete(network.name);
    deleteNetworkNamespace(network.name);
    throw error;
  }
};

const startInside = async (
  kube: KubeVersion,
  network: NetworkNamespace,
  spec: ApiServerSpec,
): Promise<ControlPlane> => {
  const certificates = issuePki(network, nodeName);
  const ca = certificates.pem('cluster-ca');
  const file = certificates.certificatePath;
  const start: ControlPlane['start'] = (name, binary, args) =>
    startServer({ name, binary: binaryPath(binary), args, network });
  const startContainer: ControlPlane['start'] = (name, binary, args) => {
    const container = start(name, binary, args);
    void container.ended
      .then(() => sleep(1000, undefined, { ref: false }))
      .then(() => running.has(network.name) && startContainer(name, binary, args));
    return container;
  };
  const writeKubeconfig = (name: string, server: string, user: string): string => {
    const path = join(network.folder, `${name}.kubeconfig`);
    const credentials = { certificate: certificates.pem(user), key: certificates.keyPem(user) };
    writeFileSync(path, kubeconfig(server, ca, `lab-${kube}`, credentials), { mode: 0o600 });
    return path;
  };

  start('etcd', 'etcd', [
    `--data-dir=${join(network.folder, 'etcd')}`,
    '--unsafe-no-fsync',
    '--log-level=error',
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
  ]);
  const apiServer = startServer({
    name: 'kube-apiserver',
    binary: binaryPath(`kube-apiserver-${kube}`),
    args: apiServerArguments(network, etcdUrl, certificates, firstApiServer, spec),
    network,
    ...(spec.environment === undefined ? {} : { environment: spec.environment }),
  });
  start('resolve', 'misbehaving-server', ['resolve', `${labNetwork.nameServer}:53`]);

  const wayIn = startServer({
    name: 'forward',
    binary: binaryPath('misbehaving-server'),
    args: ['forward', network.name, `${labNetwork.controlPlane}:6443`, new URL(etcdUrl).host],
    network,
    outside: true,
  });
  const ways = [wayIn];
  const [apiPort, etcdPort] = (JSON.parse(await wayIn.firstLine) as { readonly ports: readonly number[] }).ports;
  const server = `https://127.0.0.1:${apiPort}`;
  const api = createApiClient({
    server,
    ca,
    certificate: certificates.pem('administrator'),
    key: certificates.keyPem('administrator'),
  });

  await until(`kube-apiserver ${kube} ready`, 60_000, async () => {
    if (apiServer.hasEnded()) throw new Error(apiServer.logTail());
    const answer = await api.ask('GET', '/readyz');
    return answer.status === 200 ? undefined : answer.body;
  });

  start('proxy-services', 'misbehaving-server', [
    'proxy-services',
    insideUrl,
    file('cluster-ca'),
    file('administrator'),
    certificates.keyPath('administrator'),
  ]);
  const controllerManagerKubeconfig = writeKubeconfig('controller-manager', insideUrl, 'controller-manager');
  start('kube-controller-manager', 'kube-controller-manager', [
    `--kubeconfig=${controllerManagerKubeconfig}`,
    `--authentication-kubeconfig=${controllerManagerKubeconfig}`,
    `--authorization-kubeconfig=${controllerManagerKubeconfig}`,
    `--service-account-private-key-file=${certificates.keyPath('service-account')}`,
    `--root-ca-file=${file('cluster-ca')}`,
    '--use-service-account-credentials',
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    '--horizontal-pod-autoscaler-sync-period=2s',
    `--controllers=*,${controllersOff.map((name) => `-${name}`).join(',')}`,
  ]);

  await api.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: { 'kubernetes.io/hostname': nodeName, 'kubernetes.io/os': 'linux' },
      // The node serves metrics under a path of its own; metrics-server reads this.
      annotations: { 'metrics.k8s.io/resource-metrics-path': `/metrics/nodes/${nodeName}/metrics/resource` },
    },
  });
  const nodeKubeconfig = writeKubeconfig('node', insideUrl, 'administrator');
  let node: ServerProcess | undefined;

  return {
    kube,
    network,
    api,
    server,
    insideUrl,
    etcdUrl,
    ca,
    kubeconfigPath: writeKubeconfig('administrator', server, 'administrator'),
    start,
    startContainer,
    async startNode(forwards) {
      const configPath = join(network.folder, 'node.yaml');
      writeFileSync(
        configPath,
        [nodeBehaviour(), ...forwards.map((forward) => stringify(portForward(forward)))].join('---\n'),
      );
      await node?.kill();
      const started = start('kwok', 'kwok', [
        `--config=${configPath}`,
        `--kubeconfig=${nodeKubeconfig}`,
        '--manage-all-nodes',
        `--node-ip=${labNetwork.node}`,
        `--node-name=${nodeName}`,
        '--node-port=10250',
        `--server-address=${labNetwork.node}:10250`,
        `--tls-cert-file=${file('kubelet')}`,
        `--tls-private-key-file=${certificates.keyPath('kubelet')}`,
        '--cidr=10.244.0.0/24',
      ]);
      node = started;
      await until('node ready', 30_000, async () => {
        if (started.hasEnded()) throw new Error(started.logTail());
        const { status } = await api.get(`/api/v1/nodes/${nodeName}`);
        return status.daemonEndpoints?.kubeletEndpoint?.Port === 10250 ? undefined : 'no kubelet endpoint';
      });
    },
    async startReplica(replicaSpec) {
      const replica = startServer({
        name: 'kube-apiserver-2',
        binary: binaryPath(`kube-apiserver-${kube}`),
        args: apiServerArguments(network, etcdUrl, certificates, secondApiServer, replicaSpec),
        network,
        // The Lease that tells one replica from another is named by it.
        hostName: 'second-control-plane',
      });
      const way = startServer({
        name: 'forward-2',
        binary: binaryPath('misbehaving-server'),
        args: ['forward', network.name, `${labNetwork.secondControlPlane}:6443`],
        network,
        outside: true,
      });
      const [port = 0] = (JSON.parse(await way.firstLine) as { readonly ports: readonly number[] }).ports;
      ways.push(way);
      const client = createApiClient({
        server: `https://127.0.0.1:${port}`,
        ca,
        certificate: certificates.pem('administrator'),
        key: certificates.keyPem('administrator'),
      });
      try {
        await until(`second kube-apiserver ${kube} ready`, 60_000, async () => {
          if (replica.hasEnded()) throw new Error(replica.logTail());
          const answer = await client.ask('GET', '/readyz');
          return answer.status === 200 ? undefined : answer.body;
        });
      } finally {
        client.close();
      }
      return port;
    },
    kubeconfigFor: (name, to) => writeKubeconfig(name, to, 'administrator'),
    backdate: (key, createdAt) => backdate(`http://127.0.0.1:${etcdPort}`, key, createdAt),
    async stop() {
      api.close();
      running.delete(network.name);
      await Promise.all(ways.map((way) => way.kill()));
      deleteNetworkNamespace(network.name);
    },
  };
};

interface StoredValue {
  readonly value: string;
  readonly mod_revision: string;
}

const encode = (text: string): string => Buffer.from(text).toString('base64');

const backdate = async (etcd: string, key: string, createdAt: Date): Promise<void> => {
  const ask = async (path: string, body: unknown): Promise<any> =>
    (await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) })).json();
  await until(`backdate ${key}`, 10_000, async () => {
    const found = (await ask('/v3/kv/range', { key: encode(key) })) as { readonly kvs?: readonly StoredValue[] };
    const [stored] = found.kvs ?? [];
    if (stored === undefined) return 'not stored';
    const object = JSON.parse(Buffer.from(stored.value, 'base64').toString());
    object.metadata.creationTimestamp = createdAt.toISOString().replace(/\.\d+Z$/, 'Z');
    const written = await ask('/v3/kv/txn', {
      compare: [{ key: encode(key), target: 'MOD', result: 'EQUAL', mod_revision: stored.mod_revision }],
      success: [{ request_put: { key: encode(key), value: encode(`${JSON.stringify(object)}\n`) } }],
    });
    return written.succeeded === true ? undefined : 'changed meanwhile';
  });
};
