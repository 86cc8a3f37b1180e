import type { ApiService, WebhookService } from '../model/facts.ts';
import type { Confidence } from '../model/finding.ts';
import { type FailureKind, isDial } from './failure.ts';
import { groupVersionPath } from './group-version.ts';
import type { CurrentFailure } from './health.ts';

/**
 * Whether a webhook is called at a path of the group version: kube-apiserver calls itself, and kube-aggregator passes it on
 * (kube-aggregator resolvers.go, NewLoopbackServiceResolver; apiserver webhook/authentication.go: port 443 of that Service only).
 */
export const isCalledThrough = (
  { namespace, name, port, path }: WebhookService,
  apiService: Pick<ApiService, 'group' | 'version'>,
): boolean =>
  namespace === 'default' &&
  name === 'kubernetes' &&
  port === 443 &&
  `${path}/`.startsWith(`${groupVersionPath(apiService)}/`);

/** What the backend answers to everybody; a 403 or a 404 concerns the one who asked or the path that was asked for. */
const answeredToAll: readonly FailureKind[] = ['backendError', 'proxyCertificateRejected', 'proxyNameNotAllowed'];

/**
 * What a call of the same port meets as well: kube-apiserver resolves Services for webhooks as for APIServices (cmd/kube-apiserver
 * app/server.go, buildServiceResolver), and asks for the same server name, but trusts the webhook's own CA bundle.
 */
const ofThePort: readonly FailureKind[] = [
  // kube-proxy still leads to Pods that are going and serve, which the aggregator does not count.
  'endpointsMissing',
  'serviceHeadless',
  'nameUnresolvable',
  'connectionRefused',
  'addressNotRoutable',
  'tunnelUnavailable',
  'plainHttp',
  'certificateExpired',
  'certificateNotYetValid',
  'serverNameNotCovered',
  'commonNameOnly',
  'certificateMalformed',
];

/** Whether a call meets the failure too, and how sure that is; null where it need not, since a webhook goes a way of its own. */
export const callFails = (
  service: WebhookService,
  apiService: ApiService,
  { failure, from }: CurrentFailure,
): Confidence | null => {
  if (isCalledThrough(service, apiService)) {
    // Without a condition that is True kube-aggregator refuses every request before the dial (handler_proxy.go, ServeHTTP).
    if (from === 'condition') return 'certain';
    return failure.httpStatus === null || answeredToAll.includes(failure.kind) ? 'likely' : null;
  }
  const own = apiService.service;
  if (own === null || service.namespace !== own.namespace || service.name !== own.name) return null;
  if (failure.kind === 'serviceMissing') return 'certain';
  if (service.port !== own.port) return null;
  if (failure.kind === 'servicePortMissing') return 'certain';
  return ofThePort.includes(failure.kind) || (failure.kind === 'connectionTimedOut' && isDial(failure))
    ? 'likely'
    : null;
};
