import { timestamp } from '../model/wording.ts';
import { type Certificate, parseCertificate } from '../x509/index.ts';

/** An authority that is known from elsewhere in the cluster. */
export interface KnownAuthority {
  /** `the cluster's own authority (…)` */
  readonly what: string;
  readonly sha256: string;
}

/** Authorities that tell by their name whose they are, where no object that holds them could be read. */
const knownNames: readonly (readonly [RegExp, string])[] = [
  [/^CN=openshift-service-serving-signer@\d+$/, 'the authority of OpenShift service-ca'],
  [/^CN=(?:kubernetes-)?front-proxy-ca\b/, 'the front-proxy authority, which signs for kube-apiserver as a client'],
  [/^(?:O=[^,]*,)?CN=kubernetes(?:-ca)?$/, "the cluster's own authority"],
];

const whose = ({ subject, sha256 }: Certificate, known: readonly KnownAuthority[]): string | undefined =>
  known.find((authority) => authority.sha256 === sha256)?.what ??
  knownNames.find(([pattern]) => pattern.test(subject))?.[1];

/** Servers that make their own certificate put the time into its name (client-go util/cert: `localhost-ca@1795275431`). */
const withoutTime = (name: string): string => name.replace(/@\d+/g, '@');

const isSelfIssued = ({ subject, issuer }: Certificate): boolean => subject === issuer;

/** What the wrong bundle is instead, as far as that can be known; a sentence with a blank before it, or nothing. */
export const wrongBundle = (
  bundle: readonly Certificate[],
  problems: readonly string[],
  presented: readonly Uint8Array[],
  known: readonly KnownAuthority[],
): string => {
  const sentences: string[] = [];
  for (const certificate of bundle) {
    const owner = whose(certificate, known);
    if (owner !== undefined) sentences.push(`${certificate.subject} of the bundle is ${owner}.`);
  }
  const served = presented.flatMap((der) => {
    const parsed = parseCertificate(der);
    return parsed.ok ? [parsed.certificate] : [];
  });
  const [leaf] = served;
  /** The served certificate that has nobody above it: what a server makes that makes its own. */
  const own = served.findLast(isSelfIssued);
  const issuer = own?.subject ?? leaf?.issuer ?? '';
  const since = (own ?? leaf)?.notBefore ?? new Date(0);
  const earlier = bundle.find(
    (certificate) =>
      isSelfIssued(certificate) &&
      withoutTime(certificate.subject) === withoutTime(issuer) &&
      certificate.subject !== issuer &&
      certificate.notBefore < since,
  );
  if (earlier)
    sentences.push(
      `The server makes its own certificate at each start: the bundle holds an earlier one, ${earlier.subject}, the server has ${issuer} now.`,
    );
  else if (own && own === leaf)
    sentences.push(
      `The served certificate is signed by itself, since ${timestamp(since)}: a server that makes it anew at each start needs it in the bundle each time.`,
    );
  const broken = problems.find((problem) => /cannot be|block/.test(problem) && !problem.includes('outside'));
  if (broken !== undefined)
    sentences.push(
      `Of the bundle only ${bundle.length} certificate${bundle.length === 1 ? ' counts' : 's count'}: ${broken}.`,
    );
  return sentences.map((sentence) => ` ${sentence}`).join('');
};
