import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IssuedCertificates } from './certificates.ts';
import type { ControlPlane } from './control-plane.ts';
import { kubeconfig } from './kubeconfig.ts';
import { logPathOf } from './server-process.ts';
import type { RealServer, Situation } from './situation.ts';
import { issuedName, type PlacedPod, type PlacedSituation, serviceAccountName } from './situation-objects.ts';

interface Flags {
  readonly pod: PlacedPod;
  readonly kubeconfigPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly folder: string;
  readonly etcdUrl: string;
}

const address = ({ pod }: Flags): readonly string[] => [
  `--bind-address=${pod.address}`,
  `--secure-port=${pod.listens[0]}`,
];

const delegated = ({ kubeconfigPath }: Flags): readonly string[] => [
  `--authentication-kubeconfig=${kubeconfigPath}`,
  `--authorization-kubeconfig=${kubeconfigPath}`,
];

const flagsOf: Readonly<Record<RealServer, (flags: Flags) => readonly string[]>> = {
  'sample-apiserver': (flags) => [
    ...address(flags),
    ...delegated(flags),
    `--etcd-servers=${flags.etcdUrl}`,
    `--kubeconfig=${flags.kubeconfigPath}`,
    `--tls-cert-file=${flags.certificatePath}`,
    `--tls-private-key-file=${flags.keyPath}`,
  ],
  // As its manifests start it: with a certificate that it signs itself.
  'metrics-server': (flags) => [
    ...address(flags),
    ...delegated(flags),
    `--cert-dir=${flags.folder}`,
    `--kubeconfig=${flags.kubeconfigPath}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--kubelet-use-node-status-port',
    '--kubelet-insecure-tls',
    '--metric-resolution=15s',
  ],
  'custom-metrics-adapter': (flags) => [
    ...address(flags),
    ...delegated(flags),
    `--cert-dir=${flags.folder}`,
    `--lister-kubeconfig=${flags.kubeconfigPath}`,
  ],
};

const accessOf = async (controlPlane: ControlPlane, namespace: string, account: string): Promise<string> => {
  const answer = await controlPlane.api.ask(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    { spec: { expirationSeconds: 86_400 } },
  );
  if (answer.status !== 201) throw new Error(`token of ${namespace}/${account}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body).status.token;
};

/** A kubeconfig for a ServiceAccount; `server` says from where it is used. */
export const serviceAccountKubeconfig = async (
  controlPlane: ControlPlane,
  server: string,
  namespace: string,
  account: string,
): Promise<string> => {
  const token = await accessOf(controlPlane, namespace, account);
  const path = join(controlPlane.network.folder, `${namespace}-${account}.kubeconfig`);
  writeFileSync(path, kubeconfig(server, controlPlane.ca, `lab-${controlPlane.kube}`, { token }), { mode: 0o600 });
  return path;
};

const serverName = ({ name }: Pick<Situation, 'name'>, pod: string): string => `${name}--${pod}`;

/** What the server of a Pod has written. */
export const serverLog = ({ network }: ControlPlane, situation: Situation, pod: string): string =>
  readFileSync(logPathOf(network, serverName(situation, pod)), 'utf8');

/** Starts a released extension API server in the place of a Pod's container. */
export const startExtensionApiServer = async (
  controlPlane: ControlPlane,
  situation: PlacedSituation,
  pod: PlacedPod,
  issued: IssuedCertificates,
): Promise<void> => {
  if (pod.server === undefined || pod.listens.length === 0) return;
  const kubeconfigPath = await serviceAccountKubeconfig(
    controlPlane,
    controlPlane.insideUrl,
    situation.namespace,
    serviceAccountName(pod),
  );
  const leaf = issuedName(situation, [pod.spec.backend?.tls ?? 'serving'].flat()[0] ?? 'serving');
  const name = serverName(situation, pod.name);
  const flags = flagsOf[pod.server]({
    pod,
    kubeconfigPath,
    certificatePath: issued.certificatePath(leaf),
    keyPath: issued.keyPath(leaf),
    folder: join(controlPlane.network.folder, `${name}-certificates`),
    etcdUrl: controlPlane.etcdUrl,
  });
  controlPlane.startContainer(name, pod.server, [...flags, ...(pod.spec.flags ?? [])]);
};
