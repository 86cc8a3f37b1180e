import { failureEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA221',
  title: 'The ClusterIP cannot be reached from the control plane, and the Pods behind it answer',
  source: 'apiserver pkg/util/proxy/proxy.go (ResolveCluster); kube-apiserver flag --enable-aggregator-routing',
  explanation:
    'kube-apiserver dials the ClusterIP on its own host, so something must translate it there: kube-proxy or the network plugin. Where the control plane runs no such thing, ' +
    'or the Service was left to another proxy, the dial is refused though the Pods are well. With --enable-aggregator-routing it dials the Pods instead.',
  byHand: [
    'kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide',
    'kubectl -n <namespace> get service <name> -o yaml',
  ],
  remedy: 'Run kube-proxy on the control plane nodes, or start kube-apiserver with --enable-aggregator-routing=true.',
  explainedBy: ['AA105', 'AA203'],
  needs: ['service'],
  uses: ['answer', 'servedChains'],
  run({ apiService, current, service, used: { answer, servedChains } }) {
    if (service === null || current?.failure.kind !== 'connectionRefused') return null;
    if (current.failure.address !== service.clusterIP) return null;
    if (servedChains.state !== 'known') return { undeterminedFor: 'servedChains' };
    const well = servedChains.value.endpoints.filter(({ chain }) => chain.length > 0);
    const [first] = well;
    if (!first) return null;
    const { namespace, name } = service;
    return {
      message: `ClusterIP ${service.clusterIP} of Service ${namespace}/${name} refuses the control plane, and ${well.length === 1 ? `Pod ${namespace}/${first.pod} behind it answers` : `${well.length} Pods behind it answer`}.`,
      evidence: [
        ...failureEvidence(apiService, answer, current),
        {
          from: `TLS handshake with Pod ${namespace}/${first.pod} at ${first.address}`,
          value: 'presents a certificate',
        },
      ],
      confidence: 'likely',
      sharedCause: { kind: 'Service', namespace, name },
      remedy: {
        text: 'See whether kube-proxy (or what replaces it) runs on the control plane nodes and takes care of this Service; where it cannot run there, start kube-apiserver with --enable-aggregator-routing=true. A server that listens on the loopback of its Pod only looks the same, where no readiness probe asks it: see its --bind-address first.',
        commands: [
          'kubectl -n kube-system get pods -o wide',
          `kubectl -n ${namespace} get service ${name} -o jsonpath='{.metadata.labels.service\\.kubernetes\\.io/service-proxy-name}'`,
        ],
      },
    };
  },
});
