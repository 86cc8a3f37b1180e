import type { ServedEndpoint } from '../model/facts.ts';
import type { ServingCode, ServingVerdict } from '../x509/index.ts';
import type { RemoteApiService } from './define-check.ts';

/** A chain that an endpoint presents, or that its Secret holds, and what the control plane's Go says of it. */
export interface JudgedChain {
  readonly source: 'port-forward' | 'secret';
  /** Null for a Secret's, as the next. */
  readonly address: string | null;
  readonly pod: string | null;
  /** `<namespace>/<name>`; null for what was presented. */
  readonly secret: string | null;
  readonly tlsVersion: string | null;
  /** Where it can be seen again. */
  readonly from: string;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** Null where nothing is verified, and where the bundle is empty: the system roots of the kube-apiserver host cannot be seen. */
  readonly verdict: ServingVerdict | null;
  /** The finding that the verdict leads to; null where it is accepted or not judged. */
  readonly code: ServingCode | 'AA309' | null;
  /** Why it is refused, in sentences that a person can act on; empty where it is not. */
  readonly why: string;
}

/** What the Secret of a serving certificate holds, as if it were presented. */
export interface MountedChain extends JudgedChain {
  readonly source: 'secret';
  readonly secret: string;
  /** The Pods that mount it. */
  readonly pods: readonly string[];
  /** Whether their command line says that they serve it; else they only mount it. */
  readonly told: boolean;
  /** What else the Secret holds, such as its ca.crt. */
  readonly others: readonly Uint8Array[];
}

/** Whether it is only known to be mounted: it may be for another purpose than to serve. */
export const isOnlyMounted = (chain: JudgedChain | MountedChain): boolean =>
  chain.source === 'secret' && !('told' in chain && chain.told);

/** `TLS handshake with Pod kube-system/metrics-server-0 at 10.244.0.10:4443`. */
export const handshakeText = ({ service }: RemoteApiService, { pod, address }: ServedEndpoint): string =>
  `TLS handshake with ${pod === null ? 'an endpoint' : `Pod ${service.namespace}/${pod}`} at ${address}`;
