import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueCertificates, type IssuedCertificates } from './certificates.ts';
import { labNetwork, type NetworkNamespace } from './network-namespace.ts';

/** How a kube-apiserver differs from one that is started as it should be. */
export interface ApiServerSpec {
  /** By name without dashes; null leaves one out. Paths are relative to the control plane's folder. */
  readonly flags?: Readonly<Record<string, string | null>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Written into the control plane's folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Below the control plane's folder; a flag of a situation may name one. */
export const issuePki = (network: NetworkNamespace, nodeName: string): IssuedCertificates => {
  const folder = join(network.folder, 'pki');
  mkdirSync(folder);
  return issueCertificates(folder, [
    { name: 'cluster-ca', authority: true },
    { name: 'front-proxy-ca', authority: true },
    {
      name: 'kube-apiserver',
      issuer: 'cluster-ca',
      dnsNames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
      ipAddresses: ['127.0.0.1', labNetwork.controlPlane, '10.96.0.1'],
    },
    {
      name: 'kube-apiserver-2',
      issuer: 'cluster-ca',
      dnsNames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
      ipAddresses: ['127.0.0.1', labNetwork.secondControlPlane, '10.96.0.1'],
    },
    {
      name: 'kubelet',
      issuer: 'cluster-ca',
      dnsNames: [nodeName],
      ipAddresses: [labNetwork.node],
    },
    { name: 'front-proxy-client', issuer: 'front-proxy-ca', usages: ['client'] },
    {
      name: 'front-proxy-client-of-cluster-ca',
      issuer: 'cluster-ca',
      commonName: 'front-proxy-client',
      usages: ['client'],
    },
    {
      name: 'administrator',
      issuer: 'cluster-ca',
      organizations: ['system:masters'],
      usages: ['client'],
    },
    {
      name: 'kube-apiserver-kubelet-client',
      issuer: 'cluster-ca',
      organizations: ['system:masters'],
      usages: ['client'],
    },
    {
      name: 'controller-manager',
      issuer: 'cluster-ca',
      commonName: 'system:kube-controller-manager',
      usages: ['client'],
    },
    { name: 'service-account', issuer: 'cluster-ca', key: 'rsa-2048' },
  ]);
};

/** Every request but those of the control plane's own parts, once it has been answered. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  omitManagedFields: true,
  rules: [
    { level: 'None', users: ['system:apiserver', 'system:kube-controller-manager', 'system:anonymous'] },
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system'] },
    { level: 'Metadata' },
  ],
};

/** One of the kube-apiservers of a control plane, by the name of its serving certificate. */
export interface ApiServerPlace {
  readonly name: 'kube-apiserver' | 'kube-apiserver-2';
  readonly address: string;
}

const auditLog = ({ name }: ApiServerPlace): string => `${name}.audit.log`;

export const auditLogPath = ({ folder }: NetworkNamespace, place: ApiServerPlace): string =>
  join(folder, auditLog(place));

export const firstApiServer: ApiServerPlace = { name: 'kube-apiserver', address: labNetwork.controlPlane };
export const secondApiServer: ApiServerPlace = { name: 'kube-apiserver-2', address: labNetwork.secondControlPlane };

/** The arguments of a kube-apiserver, whose files are written into the control plane's folder. */
export const apiServerArguments = (
  network: NetworkNamespace,
  etcdUrl: string,
  { certificatePath: file, keyPath }: IssuedCertificates,
  place: ApiServerPlace,
  { flags = {}, files = {} }: ApiServerSpec = {},
): readonly string[] => {
  const written = { 'audit-policy.yaml': stringify(auditPolicy), ...files };
  for (const [name, content] of Object.entries(written)) writeFileSync(join(network.folder, name), content);
  const wanted: Readonly<Record<string, string | null>> = {
    'etcd-servers': etcdUrl,
    // JSON in etcd, so that backdate can change one field of it.
    'storage-media-type': 'application/json',
    'service-cluster-ip-range': labNetwork.services,
    'advertise-address': place.address,
    // Not the wildcard address: that would listen on every Pod's address as well.
    'bind-address': place.address,
    'tls-cert-file': file(place.name),
    'tls-private-key-file': keyPath(place.name),
    'client-ca-file': file('cluster-ca'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': keyPath('service-account'),
    'service-account-signing-key-file': keyPath('service-account'),
    'requestheader-client-ca-file': file('front-proxy-ca'),
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'proxy-client-cert-file': file('front-proxy-client'),
    'proxy-client-key-file': keyPath('front-proxy-client'),
    'kubelet-client-certificate': file('kube-apiserver-kubelet-client'),
    'kubelet-client-key': keyPath('kube-apiserver-kubelet-client'),
    'kubelet-certificate-authority': file('cluster-ca'),
    'kubelet-preferred-address-types': 'InternalIP',
    'authorization-mode': 'RBAC',
    'audit-policy-file': 'audit-policy.yaml',
    'audit-log-path': auditLog(place),
    ...flags,
  };
  return Object.entries(wanted).flatMap(([name, value]) => (value === null ? [] : [`--${name}=${value}`]));
};
