import type { Answer, Availability, Fact, Samples } from '../model/facts.ts';
import type { DiscoveredVersion } from './discovery-document.ts';

/** What one connection told of one APIService. */
export interface ApiServiceSample {
  /** `sample 2 (127.0.0.1:6443, certificate 3f2a91c07bd4)`, as evidence names it. */
  readonly name: string;
  /** The kube-apiserver that answered, told apart by its certificate or else by its address; null where nothing tells. */
  readonly server: string | null;
  readonly availability: Fact<Availability | null>;
  readonly answer: Fact<Answer>;
  /** The version in GET /apis; `notOffered` where that is no aggregated document. */
  readonly entry: Fact<DiscoveredVersion | 'absent' | 'notOffered'>;
}

type Peer = Samples['taken'][number]['peer'];

const shortCertificate = (certificate: string): string => `certificate ${certificate.slice(0, 12)}`;

/** By certificate where there are several: a balancer may have several addresses, a kube-apiserver has one certificate. */
export const serversOf = (peers: readonly Peer[]): readonly (string | null)[] => {
  const byCertificate = new Set(peers.flatMap((peer) => peer?.certificate ?? [])).size > 1;
  return peers.map((peer) => peer && (byCertificate ? shortCertificate(peer.certificate) : peer.address));
};

/** How evidence names the sample at that place, from 0. */
export const sampleName = (index: number, peer: Peer): string =>
  `sample ${index + 1}${peer ? ` (${peer.address}, ${shortCertificate(peer.certificate)})` : ''}`;

/**
 * How often the condition changed from the first sample to the last, at least: the same status with another
 * lastTransitionTime has changed twice.
 */
export const conditionChanges = (samples: readonly Pick<ApiServiceSample, 'availability'>[]): number => {
  const seen = samples.flatMap(({ availability }) => (availability.state === 'known' ? [availability.value] : []));
  return seen.reduce((changes, now, index) => {
    const before = seen[index - 1];
    if (before === undefined || (before?.status === now?.status && before?.since === now?.since)) return changes;
    return changes + (before?.status === now?.status ? 2 : 1);
  }, 0);
};
