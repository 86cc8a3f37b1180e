import type { issueCertificates } from './certificates.ts';
import { labNetwork } from './network-namespace.ts';

export interface KubeApiServerOptions {
  readonly certificates: ReturnType<typeof issueCertificates>;
  /** Of its serving certificate. */
  readonly certificate: string;
  readonly address: string;
  readonly etcdUrl: string;
}

/** The flags of a kube-apiserver with a complete aggregator. */
export const kubeApiServerArguments = ({
  certificates,
  certificate,
  address,
  etcdUrl,
}: KubeApiServerOptions): readonly string[] => {
  const { certificatePath: file, keyPath } = certificates;
  return [
    `--etcd-servers=${etcdUrl}`,
    // JSON in etcd, so that backdate can change one field of it.
    '--storage-media-type=application/json',
    `--service-cluster-ip-range=${labNetwork.services}`,
    `--advertise-address=${address}`,
    // Not the wildcard address: that would listen on every Pod's address as well.
    `--bind-address=${address}`,
    `--tls-cert-file=${file(certificate)}`,
    `--tls-private-key-file=${keyPath(certificate)}`,
    `--client-ca-file=${file('cluster-ca')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keyPath('service-account')}`,
    `--service-account-signing-key-file=${keyPath('service-account')}`,
    `--requestheader-client-ca-file=${file('front-proxy-ca')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${file('front-proxy-client')}`,
    `--proxy-client-key-file=${keyPath('front-proxy-client')}`,
    `--kubelet-client-certificate=${file('kube-apiserver-kubelet-client')}`,
    `--kubelet-client-key=${keyPath('kube-apiserver-kubelet-client')}`,
    `--kubelet-certificate-authority=${file('cluster-ca')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--authorization-mode=RBAC',
  ];
};
