import { failureEvidence } from '../../aggregation/evidence.ts';
import { awaitsInjection } from '../../aggregation/health.ts';
import { expectedServerName } from '../../aggregation/group-version.ts';
import { defineCheck } from '../define-check.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE } from '../certificate-remedy.ts';
import { patchedBundle, remedyFor } from '../remedy-for.ts';

export default defineCheck({
  code: 'AA305',
  title: 'The APIService has no CA bundle and does not switch verification off',
  source: CERTIFICATE_SOURCE,
  explanation:
    'With neither caBundle nor insecureSkipTLSVerify the system roots of the kube-apiserver host decide, which know no authority of the cluster. ' +
    'Usually something should have filled the bundle (cert-manager, a service CA, a chart) and did not, or it was emptied by another writer.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Put the authority that signed the serving certificate into spec.caBundle.',
  explainedBy: ['AA317'],
  needs: [],
  uses: ['answer'],
  run({ apiService, current, used }, capturedAt) {
    const { name, service, insecureSkipTlsVerify, caInjection, createdAt } = apiService;
    const refused = current?.failure.kind === 'unknownAuthority';
    if (apiService.caBundle !== null || (insecureSkipTlsVerify && !refused)) return null;
    if (caInjection !== null && awaitsInjection(new Date(createdAt ?? 0), capturedAt)) return null;
    return {
      message: refused
        ? `APIService ${name} has no caBundle, and the system roots of kube-apiserver know no authority for the certificate of Service ${service.namespace}/${service.name}.`
        : `APIService ${name} has no caBundle: the system roots of the kube-apiserver host decide whether Service ${service.namespace}/${service.name} is trusted.`,
      evidence: [
        { from: `APIService ${name} spec.caBundle`, value: 'empty' },
        ...failureEvidence(apiService, used.answer, current),
      ],
      severity: refused ? 'error' : 'warning',
      // What was refused is older than the switch.
      confidence: insecureSkipTlsVerify ? 'likely' : 'certain',
      remedy: remedyFor(
        `Put the authority that signed the certificate of ${expectedServerName(service)} into spec.caBundle (ca.pem stands for its certificate).`,
        [patchedBundle(apiService)],
      ),
    };
  },
});
