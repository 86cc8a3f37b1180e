import { defineLogFinding } from '../log-finding.ts';

export default defineLogFinding({
  code: 'AA801',
  title: 'metrics-server cannot read metrics from kubelets',
  source: 'metrics-server pkg/scraper (Failed to scrape node); kubelet serverTLSBootstrap',
  explanation:
    'metrics-server asks each kubelet for metrics, and is Ready only once it has some. Where the certificate of the kubelet is self-signed or does not name the address that is dialled, ' +
    'or the node cannot be reached, it never is. kube-apiserver is not on that way: nothing of the APIService has to be changed.',
  byHand: ['kubectl -n <namespace> logs <pod> --tail=50', 'kubectl get nodes -o wide', 'kubectl get csr'],
  remedy:
    'Give kubelets serving certificates of the cluster (serverTLSBootstrap, and approve their requests), and let metrics-server dial an address that they name.',
  message: ({ name, service }) =>
    `The server behind APIService ${name}, Service ${service.namespace}/${service.name}, cannot read metrics from kubelets; kube-apiserver is not on that way.`,
  mend: ({ service }) => ({
    text: 'Set serverTLSBootstrap in the kubelet configuration and approve the requests for certificates, and choose with --kubelet-preferred-address-types an address that the certificates name. --kubelet-insecure-tls gives up the check, and is for test clusters only.',
    commands: [
      'kubectl get csr',
      'kubectl get nodes -o wide',
      `kubectl -n ${service.namespace} logs service/${service.name} --tail=50`,
    ],
  }),
});
