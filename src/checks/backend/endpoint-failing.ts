import { endpointFailure } from '../bisection.ts';
import { defineCheck } from '../define-check.ts';
import { handshakeText } from '../judged-chain.ts';
import { certificateRefusals } from '../outage-causes.ts';

const SHOWN = 5;

export default defineCheck({
  code: 'AA213',
  title: 'One endpoint of several fails',
  source: 'kube-aggregator remote_available_controller.go (five requests in parallel, one success is enough)',
  explanation:
    'The availability check sends five requests and is content with one good answer, so a single bad endpoint never shows in the condition. ' +
    'Requests that meet it fail all the same: some calls work and some do not, and nobody can say why.',
  byHand: [
    'kubectl -n <namespace> get endpointslices -l kubernetes.io/service-name=<service>',
    'kubectl -n <namespace> port-forward pod/<pod> 8443:<port>',
  ],
  remedy:
    'Restart or remove the endpoint that fails, and let its readiness probe ask for what kube-aggregator asks for.',
  explainedBy: certificateRefusals,
  needs: ['servedChains'],
  uses: ['judgedChains', 'pods'],
  run({ apiService, servedChains, used }) {
    const leaving = new Set(
      (used.pods.state === 'known' ? used.pods.value : []).flatMap(({ name, deletedAt, ready }) =>
        deletedAt !== null || !ready ? [name] : [],
      ),
    );
    // A Pod that goes, or is no longer Ready, fails for a moment only: its endpoint is about to be taken out.
    const endpoints = servedChains.endpoints.filter(({ pod }) => pod === null || !leaving.has(pod));
    const judged = used.judgedChains.state === 'known' ? used.judgedChains.value : [];
    const refused = new Map(
      judged.flatMap(({ address, verdict }) => (verdict?.accepted === false ? [[address, verdict.error]] : [])),
    );
    const failing = endpoints.flatMap((endpoint) => {
      const why = refused.get(endpoint.address) ?? endpointFailure(endpoint);
      return why === null ? [] : [{ endpoint, why }];
    });
    const good = endpoints.filter(({ chain, address }) => chain.length > 0 && !refused.has(address));
    // Where none is good the failure itself is the finding, and not that it hides.
    if (failing.length === 0 || good.length === 0) return null;
    const { namespace, name } = apiService.service;
    const [first] = failing;
    return {
      message: `${failing.length} of ${endpoints.length} endpoints of Service ${namespace}/${name} ${failing.length === 1 ? 'fails' : 'fail'}, which the availability check does not show.`,
      evidence: failing
        .slice(0, SHOWN)
        .map(({ endpoint, why }) => ({ from: handshakeText(apiService, endpoint), value: why })),
      // A handshake that fails once may be chance; a certificate that is refused is not.
      confidence: failing.some(({ endpoint }) => refused.has(endpoint.address)) ? 'certain' : 'likely',
      sharedCause: { kind: 'Service', namespace, name },
      remedy: {
        text: `Restart or remove the endpoints of Service ${namespace}/${name} that fail, and let their readiness probe ask for the discovery path.`,
        commands: [
          ...(first?.endpoint.pod ? [`kubectl -n ${namespace} describe pod ${first.endpoint.pod}`] : []),
          `kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name} -o wide`,
        ],
      },
    };
  },
});
