import { failureEvidence } from '../../aggregation/evidence.ts';
import { defineCheck } from '../define-check.ts';
import { patchedBundle, remedyFor } from '../remedy-for.ts';

export default defineCheck({
  code: 'AA306',
  title: 'The CA bundle holds no certificate that Go can read',
  source:
    'client-go transport/transport.go (rootCertPool); kube-aggregator handler_proxy.go; up to 1.21 an empty pool without error',
  explanation:
    'spec.caBundle must be PEM, encoded in base64 once. Without one readable certificate kube-apiserver cannot build a transport: every request fails, ' +
    'up to 1.35 under Available=True; from 1.36 on no condition is written at all, and an older one stays as it was.',
  byHand: [
    "kubectl get apiservice <name> -o jsonpath='{.spec.caBundle}' | base64 -d | openssl x509 -noout -subject -dates",
  ],
  remedy: 'Write the authority as PEM, encoded in base64 once, into spec.caBundle.',
  needs: [],
  uses: ['answer'],
  run({ apiService, current, used }) {
    const { name, caBundle } = apiService;
    const unreadable = caBundle !== null && caBundle.certificates.length === 0;
    if (!unreadable && current?.failure.kind !== 'caBundleUnreadable') return null;
    const held =
      caBundle === null
        ? 'empty'
        : unreadable
          ? caBundle.problems.join('; ') || 'no PEM block'
          : `certificates: ${caBundle.certificates.length}`;
    return {
      message: unreadable
        ? `The caBundle of APIService ${name} holds no readable certificate: ${caBundle.problems[0] ?? 'it holds no PEM block'}.`
        : `kube-apiserver cannot read the caBundle of APIService ${name} that it knows, though nothing is wrong with the one that stands there now.`,
      evidence: [
        { from: `APIService ${name} spec.caBundle`, value: held },
        ...failureEvidence(apiService, used.answer, current),
      ],
      confidence: unreadable ? 'certain' : 'likely',
      remedy: remedyFor(
        'Write the authority that signed the serving certificate, as PEM, encoded in base64 once, into spec.caBundle (ca.pem stands for its certificate).',
        [patchedBundle(apiService)],
      ),
    };
  },
});
