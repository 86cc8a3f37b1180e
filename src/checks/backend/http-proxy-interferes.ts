import { failureEvidence } from '../../aggregation/evidence.ts';
import type { FailureKind } from '../../aggregation/failure.ts';
import { defineCheck, type Draft, type Statements } from '../define-check.ts';
import { type ProxyingServer, proxyingServer } from '../proxied-request.ts';

/** What a proxy in between makes of a request, beside its own words. */
const fitting: ReadonlySet<FailureKind> = new Set([
  'backendError',
  'backendForbids',
  'connectionTimedOut',
  'tunnelUnavailable',
]);

const draft = ({ apiService, answer, current }: Statements, server: ProxyingServer | null): Draft => {
  const { name } = apiService;
  const isSaid = current?.failure.kind === 'httpProxyInterferes';
  const address = current?.failure.address;
  return {
    message: isSaid
      ? `An HTTP proxy takes the request of kube-apiserver to the backend of APIService ${name}.`
      : `kube-apiserver sends its requests to ${address}, the backend of APIService ${name}, to the HTTP proxy ${server?.proxy}: NO_PROXY does not hold that address.`,
    evidence: [
      ...(isSaid ? [] : (server?.evidence ?? [])),
      ...failureEvidence(apiService, answer, current),
      ...(isSaid ? (server?.evidence ?? []) : []),
    ],
    ...(isSaid ? {} : { confidence: 'likely' }),
    remedy: {
      text:
        'Add the Service range and the Pod range to NO_PROXY in the environment of every kube-apiserver (.svc and .cluster.local as well, for webhooks: requests to aggregated APIs go to an address, which no domain matches)' +
        (server && address ? `; ${address} must be in it.` : '.'),
      commands: [`kubectl -n kube-system get pod -l component=kube-apiserver -o jsonpath='{..env}'`],
    },
  };
};

export default defineCheck({
  code: 'AA211',
  title: 'An HTTP proxy takes the request meant for the backend',
  source:
    'client-go transport/cache.go (kube-apiserver honours HTTPS_PROXY and NO_PROXY); golang.org/x/net/http/httpproxy; Go net/http (proxyconnect)',
  explanation:
    'kube-apiserver has HTTPS_PROXY in its environment and NO_PROXY does not cover the Service and Pod ranges, so the request goes to a corporate proxy, which cannot reach the cluster network or refuses. ' +
    'Its answer, a refusal or a time-out, then looks as if it were that of the backend.',
  byHand: ["kubectl -n kube-system get pod -l component=kube-apiserver -o jsonpath='{..env}'"],
  remedy: 'Add the Service range, the Pod range, .svc and .cluster.local to NO_PROXY of kube-apiserver.',
  needs: ['answer'],
  uses: ['apiServerPods'],
  stated: (statements) => (statements.current?.failure.kind === 'httpProxyInterferes' ? draft(statements, null) : null),
  run({ apiService, current, answer, used: { apiServerPods } }) {
    if (current === null) return null;
    const { kind, address, port } = current.failure;
    const server =
      apiServerPods.state === 'known' && address !== null ? proxyingServer(apiServerPods.value, address, port) : null;
    if (kind !== 'httpProxyInterferes' && (server === null || !fitting.has(kind))) return null;
    return draft({ apiService, current, answer: { state: 'known', value: answer } }, server);
  },
});
