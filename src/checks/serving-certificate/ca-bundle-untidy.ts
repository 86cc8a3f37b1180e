import { CERTIFICATE_BY_HAND } from '../certificate-remedy.ts';
import { defineCheck } from '../define-check.ts';
import { patchedBundle, remedyFor } from '../remedy-for.ts';

export default defineCheck({
  code: 'AA314',
  title: 'The CA bundle holds more, or other things, than authorities',
  source: 'Go crypto/x509 cert_pool.go (AppendCertsFromPEM); client-go transport/transport.go (rootCertPool)',
  explanation:
    'Go passes over what it cannot use and trusts the rest, without a word: a private key that everybody may now read, a serving certificate that has to be ' +
    'replaced here at each renewal, a second copy, text, or a broken block that somebody takes for an authority in force.',
  byHand: CERTIFICATE_BY_HAND,
  remedy:
    'Write nothing but the certificates of the authorities into spec.caBundle; replace a private key that stood there, it is known.',
  needs: [],
  run({ apiService }) {
    const { name, caBundle } = apiService;
    // Without any usable certificate the bundle is AA306's to report.
    if (caBundle === null || caBundle.certificates.length === 0) return null;
    const leaves = caBundle.certificates.filter(({ isCA }) => !isCA).map(({ subject }) => `${subject} is no authority`);
    const untidy = [...caBundle.problems, ...leaves];
    const [first] = untidy;
    if (first === undefined) return null;
    return {
      message: `The caBundle of APIService ${name} holds more, or other things, than authorities: ${first}${untidy.length > 1 ? `, and ${untidy.length - 1} more` : ''}.`,
      evidence: untidy.map((value) => ({ from: `APIService ${name} spec.caBundle`, value })),
      remedy: remedyFor(
        'Write nothing but the certificates of the authorities, as PEM, into spec.caBundle (ca.pem stands for them). A private key that stood there is known to all who may read APIServices: replace it.',
        [patchedBundle(apiService)],
      ),
    };
  },
});
