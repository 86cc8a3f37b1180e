import { groupVersionPath } from '../../aggregation/group-version.ts';
import { endpointFacts, withEndpoints } from '../bisection.ts';
import type { Draft } from '../define-check.ts';
import { pathFacts, withOpening } from '../path-opening.ts';
import { backendService, defineStatedFailure, dialledText, type Seen } from '../stated-failure.ts';

/** Where port-forward leads to the Pod, and yet no answer comes: what does not answer is the server, whatever lies between. */
const whyServerHangs = ({ used: { servedChains, backendGroups, backendList } }: Seen): string | null => {
  const isReached =
    backendGroups.state === 'known' ||
    (servedChains.state === 'known' && servedChains.value.endpoints.some(({ chain }) => chain.length > 0));
  const unanswered = [backendGroups, backendList].find(({ state }) => state === 'timedOut');
  return isReached && unanswered && unanswered.state === 'timedOut' ? unanswered.detail : null;
};

const ofServer = (draft: Draft, { apiService }: Seen, why: string): Draft => {
  const { namespace, name } = apiService.service;
  return {
    ...draft,
    message: `${draft.message} The server itself does not answer in time: port-forward leads to it.`,
    evidence: [...draft.evidence, { from: `Port-forward to a Pod of Service ${namespace}/${name}`, value: why }],
    remedy: {
      text: `See what the server behind Service ${namespace}/${name} waits for when it answers ${groupVersionPath(apiService)}: five seconds is the limit. No path has to be opened.`,
      commands: [
        `kubectl -n ${namespace} logs service/${name} --all-containers --tail=50`,
        `kubectl -n ${namespace} top pods`,
      ],
    },
  };
};

export default defineStatedFailure({
  code: 'AA208',
  kind: 'connectionTimedOut',
  title: 'The dial or the answer of the extension API server timed out',
  source:
    'kube-aggregator remote_available_controller.go (5 s client time-out); handler_proxy.go (5 s for discovery requests)',
  explanation:
    'Within five seconds there was no TCP connection, no TLS handshake or no answer; the words do not separate the three reliably. Packets are dropped ' +
    '(firewall, security group, NetworkPolicy, overlay not reachable from the control plane), or the server hangs or is too slow.',
  byHand: [
    'kubectl get --raw /apis/<group>/<version>',
    'kubectl get networkpolicies -n <namespace>',
    'kubectl -n <namespace> top pods',
  ],
  remedy:
    'Open the path from the control plane to the address and port named, or make the server answer within five seconds.',
  explainedBy: ['AA105', 'AA114', 'AA206', 'AA215', 'AA210', 'AA211'],
  uses: [...pathFacts, ...endpointFacts, 'backendGroups', 'backendList'],
  further: (draft, seen) => {
    const why = whyServerHangs(seen);
    return why === null ? withEndpoints(withOpening(draft, seen), seen) : ofServer(draft, seen, why);
  },
  sharedCause: backendService,
  message: (failure, apiService) =>
    `The request to ${dialledText(failure, apiService)} for APIService ${apiService.name} timed out.`,
  mend: (failure, apiService) => ({
    text: `Open TCP from the control plane's nodes to ${dialledText(failure, apiService)} and to the Pods behind it; if that path is open, see why the server does not answer within five seconds.`,
    commands: [
      `kubectl -n ${apiService.service.namespace} get endpointslices -l kubernetes.io/service-name=${apiService.service.name} -o wide`,
      `kubectl -n ${apiService.service.namespace} get networkpolicies`,
    ],
  }),
});
