import { fingerprintOf } from '../../x509/index.ts';
import { CERTIFICATE_BY_HAND, certificateRemedy } from '../certificate-remedy.ts';
import { defineCheck } from '../define-check.ts';
import { handshakeText } from '../judged-chain.ts';

const SHOWN = 5;

export default defineCheck({
  code: 'AA315',
  title: 'The endpoints of the Service present different certificates',
  source:
    'kube-aggregator remote_available_controller.go (one success of five attempts is enough); a Service spreads requests over its endpoints',
  explanation:
    'Each request may meet another endpoint, so it meets another certificate. Some Pods have not loaded a renewed certificate yet, each Pod makes its own at ' +
    'start, or Pods of two releases stand behind one Service. When one of the certificates stops passing, some requests fail and others do not.',
  byHand: CERTIFICATE_BY_HAND,
  remedy:
    'Let all Pods serve one certificate: mount it from a Secret, and restart those that still serve an older one.',
  needs: ['servedChains'],
  run({ apiService, servedChains }) {
    const presenting = servedChains.endpoints.flatMap((endpoint) => {
      const [leaf] = endpoint.chain;
      return leaf === undefined ? [] : [{ endpoint, fingerprint: fingerprintOf(leaf) }];
    });
    const different = new Set(presenting.map(({ fingerprint }) => fingerprint)).size;
    if (different < 2) return null;
    const { namespace, name } = apiService.service;
    return {
      message: `The ${presenting.length} endpoints of Service ${namespace}/${name} that were looked at present ${different} different certificates.`,
      evidence: presenting.slice(0, SHOWN).map(({ endpoint, fingerprint }) => ({
        from: handshakeText(apiService, endpoint),
        value: `SHA-256 ${fingerprint}`,
      })),
      sharedCause: { kind: 'Service', namespace, name },
      remedy: certificateRemedy(
        apiService,
        `Let all Pods behind Service ${namespace}/${name} serve one certificate, and restart those that still serve an older one.`,
      ),
    };
  },
});
