import { defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA210',
  kind: 'tunnelUnavailable',
  title: 'The tunnel between control plane and nodes is down',
  source: 'apiserver pkg/server/egressselector/egress_selector.go; apiserver-network-proxy konnectivity-client',
  explanation:
    'kube-apiserver reaches the cluster network through konnectivity or another egress proxy, and that has no agent connected or does not answer. Every webhook, log and exec request through it fails too.',
  byHand: ['kubectl -n kube-system get pods -l k8s-app=konnectivity-agent'],
  remedy: 'Bring the konnectivity agents back: they run on nodes and must reach the proxy server of the control plane.',
  message: (_, apiService) =>
    `The tunnel from kube-apiserver to the cluster network does not carry the request of APIService ${apiService.name}.`,
  mend: () => ({
    text: `Bring the konnectivity agents to Ready, and let them reach the proxy server of the control plane.`,
    commands: [
      `kubectl -n kube-system get pods -l k8s-app=konnectivity-agent -o wide`,
      `kubectl -n kube-system logs -l k8s-app=konnectivity-agent --tail=50`,
    ],
  }),
});
