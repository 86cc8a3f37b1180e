import { defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA211',
  kind: 'httpProxyInterferes',
  title: 'An HTTP proxy takes the request meant for the backend',
  source: 'client-go transport/cache.go (kube-apiserver honours HTTPS_PROXY and NO_PROXY); Go net/http (proxyconnect)',
  explanation:
    'kube-apiserver has HTTPS_PROXY in its environment and NO_PROXY does not cover the Service and Pod ranges, so the request goes to a corporate proxy, which cannot reach the cluster network or refuses.',
  byHand: ["kubectl -n kube-system get pod -l component=kube-apiserver -o jsonpath='{..env}'"],
  remedy: 'Add the Service range, the Pod range, .svc and .cluster.local to NO_PROXY of kube-apiserver.',
  message: (_, apiService) =>
    `An HTTP proxy takes the request of kube-apiserver to the backend of APIService ${apiService.name}.`,
  mend: () => ({
    text: `Add the Service range, the Pod range, .svc and .cluster.local to NO_PROXY in the environment of every kube-apiserver.`,
    commands: [`kubectl -n kube-system get pod -l component=kube-apiserver -o jsonpath='{..env}'`],
  }),
});
