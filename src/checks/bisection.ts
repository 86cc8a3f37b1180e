import { isDial } from '../aggregation/failure.ts';
import type { ServedEndpoint } from '../model/facts.ts';
import { plural } from '../model/wording.ts';
import type { Draft, RemoteApiService } from './define-check.ts';
import { handshakeText } from './judged-chain.ts';
import type { Seen } from './stated-failure.ts';

/** What `withEndpoints` looks at. */
export const endpointFacts = ['servedChains'] as const;

const SHOWN = 3;

/** What ended a handshake on the backend's side; a failing stream or a missing permission says nothing of it. */
const failures: Readonly<Record<string, string>> = {
  connectionRefused: 'refuses the connection',
  timedOut: 'does not answer in time',
  notTls: 'does not speak TLS',
  alert: 'ends the handshake with an alert',
  closed: 'closes the connection',
  reset: 'resets the connection',
  malformed: 'sends a malformed handshake',
};

/** Null where the endpoint presented a certificate: how the handshake ended then is no matter. */
export const endpointFailure = ({ chain, outcome, detail }: ServedEndpoint): string | null => {
  const words = chain.length > 0 ? undefined : failures[outcome];
  return words === undefined ? null : `${words}${detail === '' ? '' : ` (${detail})`}`;
};

const whoOf = ({ service }: RemoteApiService, endpoints: readonly ServedEndpoint[]): string => {
  const [first] = endpoints;
  return endpoints.length === 1 && first?.pod
    ? `Pod ${service.namespace}/${first.pod}`
    : plural(endpoints.length, 'Pod');
};

/** On which side of the endpoints the failure lies; nothing where they differ, or none was reached. */
const verdictOf = (
  { apiService, failure }: Seen,
  speaking: readonly ServedEndpoint[],
  failing: readonly ServedEndpoint[],
): string => {
  if (failing.length > 0 && speaking.length > 0) return '';
  if (failing.length > 0)
    return failing.every(({ outcome }) => outcome === 'connectionRefused')
      ? ` Over port-forward ${whoOf(apiService, failing)} refused too: nothing listens there.`
      : ` Over port-forward ${whoOf(apiService, failing)} gave no certificate either, so look at the server first.`;
  if (speaking.length === 0 || !isDial(failure)) return '';
  const runs = ` Over port-forward ${whoOf(apiService, speaking)} presented a certificate: the server runs`;
  return failure.kind === 'connectionRefused'
    ? `${runs}, but listens on the loopback of its Pod only, or the Service's own routing refuses.`
    : `${runs}, and what fails is the way from the control plane to it.`;
};

/**
 * The draft with what the endpoints do over port-forward, which leads through the kubelet to the loopback of the Pod: whether
 * the server is at fault, or the way that kube-apiserver dials.
 */
export const withEndpoints = (draft: Draft, seen: Seen): Draft => {
  const { servedChains } = seen.used;
  const endpoints = servedChains.state === 'known' ? servedChains.value.endpoints : [];
  const speaking = endpoints.filter(({ chain }) => chain.length > 0);
  const failing = endpoints.filter((endpoint) => endpointFailure(endpoint) !== null);
  return {
    ...draft,
    message: `${draft.message}${verdictOf(seen, speaking, failing)}`,
    evidence: [
      ...draft.evidence,
      ...[...speaking, ...failing].slice(0, SHOWN).map((endpoint) => ({
        from: handshakeText(seen.apiService, endpoint),
        value: endpointFailure(endpoint) ?? 'presents a certificate',
      })),
    ],
  };
};
