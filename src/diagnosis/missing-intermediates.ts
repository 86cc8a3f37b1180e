import type { Facts } from '../model/facts.ts';
import { type Certificate, parseCertificate, type ServingVerdict } from '../x509/index.ts';
import { oncePerSnapshot } from './once-per-snapshot.ts';

/** An intermediate that would complete a path, and where it was seen. */
export interface Intermediate {
  readonly subject: string;
  readonly sha256: string;
  readonly from: string;
}

interface Seen {
  readonly certificate: Certificate;
  readonly from: string;
}

/** Every certificate of the snapshot that an endpoint presents or a Secret holds. */
const everySeen = ({ servedChains, secrets }: Facts): readonly (readonly [string, Uint8Array])[] => [
  ...Object.entries(secrets).flatMap(([name, fact]) =>
    fact.state === 'known'
      ? Object.entries(fact.value?.certificates ?? {}).flatMap(([key, chain]) =>
          chain.map((der) => [`Secret ${name} ${key}`, der] as const),
        )
      : [],
  ),
  ...Object.entries(servedChains).flatMap(([name, fact]) =>
    fact.state === 'known'
      ? fact.value.endpoints.flatMap(({ address, chain }) =>
          chain.map((der) => [`what ${address} presents for APIService ${name}`, der] as const),
        )
      : [],
  ),
];

/** Those among them that are no root, and so could stand between. */
const intermediatesSeen = oncePerSnapshot((facts) =>
  everySeen(facts).flatMap(([from, der]): readonly Seen[] => {
    const parsed = parseCertificate(der);
    return parsed.ok && parsed.certificate.isCA && parsed.certificate.subject !== parsed.certificate.issuer
      ? [{ certificate: parsed.certificate, from }]
      : [];
  }),
);

/**
 * The intermediates that are not presented, but would make the chain pass; none where nothing seen completes it. What the
 * issuer of a certificate would have to be is told by its name: no more than a few certificates are ever tried.
 */
export const missingIntermediates = (
  facts: Facts,
  { because }: ServingVerdict,
  presented: readonly Uint8Array[],
  verify: (presented: readonly Uint8Array[]) => ServingVerdict,
): readonly Intermediate[] => {
  if (because.missingIssuer === null) return [];
  const wanted = new Set([because.missingIssuer.name]);
  const found = new Map<string, Seen>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const seen of intermediatesSeen(facts)) {
      if (!wanted.has(seen.certificate.subject) || found.has(seen.certificate.sha256)) continue;
      found.set(seen.certificate.sha256, seen);
      wanted.add(seen.certificate.issuer);
    }
  }
  const completed = verify([...presented, ...[...found.values()].map(({ certificate }) => certificate.der)]);
  return completed.because.chain.flatMap(({ sha256, subject }) => {
    const seen = sha256 === null ? undefined : found.get(sha256);
    return seen && sha256 !== null ? [{ subject, sha256, from: seen.from }] : [];
  });
};
