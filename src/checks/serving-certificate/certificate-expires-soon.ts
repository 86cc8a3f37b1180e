import { toolchainOf } from '../../aggregation/go-toolchain.ts';
import { expectedServerName } from '../../aggregation/group-version.ts';
import { timestamp } from '../../model/wording.ts';
import { parseCertificate, verifyServingChain } from '../../x509/index.ts';
import { CERTIFICATE_BY_HAND, CERTIFICATE_SOURCE, certificateRemedy } from '../certificate-remedy.ts';
import { isOnlyMounted } from '../judged-chain.ts';
import { defineCheck } from '../define-check.ts';

const DAY_MS = 86_400_000;
/** Warned of in the last third of the lifetime, at most this long. */
const LONGEST_WINDOW_MS = 30 * DAY_MS;
/** What lives shorter than this is renewed by a machine, which mostly waits for the last third. */
const SHORT_LIFETIME_MS = 14 * DAY_MS;

interface Dated {
  readonly from: string;
  readonly what: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

const windowMs = ({ notBefore, notAfter }: Dated): number => {
  const lifetime = notAfter - notBefore;
  return lifetime < SHORT_LIFETIME_MS ? lifetime / 10 : Math.min(LONGEST_WINDOW_MS, lifetime / 3);
};

export default defineCheck({
  code: 'AA311',
  title: 'A certificate of the APIService expires soon',
  source: CERTIFICATE_SOURCE,
  explanation:
    'On the day the certificate ends every request for the group version fails, up to Kubernetes 1.35 under Available=True. The warning begins in the last third ' +
    'of the lifetime, at most 30 days before the end; for certificates that live less than two weeks in the last tenth, since machines renew them.',
  byHand: CERTIFICATE_BY_HAND,
  remedy: 'Renew the certificate, or see why what should renew it has not.',
  explainedBy: ['AA301', 'AA307'],
  needs: [],
  uses: ['judgedChains', 'serverVersion'],
  appliesTo: ({ insecureSkipTlsVerify }) => !insecureSkipTlsVerify,
  run({ apiService, used }, capturedAt) {
    const now = capturedAt.getTime();
    const { judgedChains, serverVersion } = used;
    const { name, caBundle, service } = apiService;
    const chains = judgedChains.state === 'known' ? judgedChains.value.filter((chain) => !isOnlyMounted(chain)) : [];
    const toolchain = toolchainOf(serverVersion);
    /** Another path may be left when a certificate ends, as with the old authority beside the new one. */
    const isMissed = ({ notAfter }: Dated): boolean => {
      const passing = chains.filter(({ verdict }) => verdict?.accepted);
      return (
        passing.length === 0 ||
        passing.some(
          ({ chain }) =>
            !verifyServingChain({
              presented: chain,
              caBundle: caBundle?.text ?? null,
              serverName: expectedServerName(service),
              at: new Date(notAfter + 1000),
              ...toolchain,
            }).accepted,
        )
      );
    };
    const dated: readonly Dated[] = [
      ...chains.flatMap(({ chain, from }) =>
        chain.flatMap((der): readonly Dated[] => {
          const parsed = parseCertificate(der);
          if (!parsed.ok) return [];
          const { subject, notBefore, notAfter } = parsed.certificate;
          return [
            { from, what: `Certificate ${subject}`, notBefore: notBefore.getTime(), notAfter: notAfter.getTime() },
          ];
        }),
      ),
      ...(caBundle?.certificates ?? []).map(({ subject, notBefore, notAfter }) => ({
        from: `APIService ${name} spec.caBundle`,
        what: `Authority ${subject}`,
        notBefore: Date.parse(notBefore),
        notAfter: Date.parse(notAfter),
      })),
    ];
    const ending = dated
      .filter((each) => each.notAfter >= now && each.notAfter - now < windowMs(each) && isMissed(each))
      .toSorted((a, b) => a.notAfter - b.notAfter);
    const [first] = ending;
    if (!first) return judgedChains.state === 'known' ? null : { undeterminedFor: 'judgedChains' };
    const on = timestamp(new Date(first.notAfter));
    return {
      message: `${first.what} of APIService ${name} ends on ${on}, in ${((first.notAfter - now) / DAY_MS).toFixed(1)} days.`,
      evidence: ending.slice(0, 5).map(({ from, what, notAfter }) => ({
        from,
        value: `${what} until ${timestamp(new Date(notAfter))}`,
      })),
      ...(chains.some(({ from, source }) => source === 'secret' && from === first.from)
        ? { confidence: 'likely' }
        : {}),
      remedy: certificateRemedy(
        apiService,
        `Renew the certificate before ${on}, or see why what should renew it has not; let the server load it, and put a new authority into spec.caBundle.`,
      ),
    };
  },
});
