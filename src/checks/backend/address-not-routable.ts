import { isInRange, overlap } from '../address-range.ts';
import { endpointFacts, withEndpoints } from '../bisection.ts';
import type { Node } from '../../model/facts.ts';
import type { Draft } from '../define-check.ts';
import { pathFacts, withOpening } from '../path-opening.ts';
import { backendService, defineStatedFailure, dialledText, type Seen } from '../stated-failure.ts';

/** Two networks of the cluster that share addresses: what is sent to one of them arrives in the other, or nowhere. */
const overlapOf = (nodes: readonly Node[]): { readonly from: string; readonly value: string } | null => {
  for (const node of nodes)
    for (const range of node.podRanges)
      for (const other of nodes) {
        const address = other.addresses.find((each) => isInRange(each, range));
        if (address !== undefined)
          return {
            from: `Node ${node.name} spec.podCIDRs`,
            value: `${range} holds ${address}, the address of Node ${other.name}`,
          };
        const second = other.name === node.name ? undefined : other.podRanges.find((each) => overlap(each, range));
        if (second !== undefined)
          return {
            from: `Node ${node.name} spec.podCIDRs`,
            value: `${range} overlaps ${second} of Node ${other.name}`,
          };
      }
  return null;
};

const further = (draft: Draft, seen: Seen): Draft => {
  const { nodes } = seen.used;
  const shared = nodes.state === 'known' ? overlapOf(nodes.value) : null;
  if (!shared) return withOpening(draft, seen);
  return {
    ...draft,
    message: `${draft.message.replace(/\.$/, '')}, and networks of the cluster overlap: ${shared.value}.`,
    evidence: [...draft.evidence, shared],
    remedy: {
      text: `Give Pods, Services and nodes ranges that do not overlap each other or a network that the control plane has a route to; the Pod range cannot be changed on a running node: drain it and join it again. ${draft.remedy.text}`,
      commands: [
        "kubectl get nodes -o custom-columns='NAME:.metadata.name,PODS:.spec.podCIDRs,ADDRESSES:.status.addresses[*].address'",
        ...draft.remedy.commands,
      ],
    },
  };
};

export default defineStatedFailure({
  code: 'AA209',
  kind: 'addressNotRoutable',
  title: 'The control plane has no route to the backend',
  source:
    'Go net (EHOSTUNREACH, ENETUNREACH) in the FailedDiscoveryCheck message or the 503 body of kube-aggregator handler_proxy.go',
  explanation:
    'The network of the control plane refuses the address at once: a firewall that rejects, a node that is down, a Pod or Service range that is not routed to the control plane or overlaps another network.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'kubectl get nodes -o wide'],
  remedy:
    'Route the Service and Pod ranges to the control plane, or let kube-apiserver dial endpoints (--enable-aggregator-routing).',
  explainedBy: ['AA105', 'AA203'],
  sharedCause: backendService,
  uses: [...pathFacts, ...endpointFacts],
  further: (draft, seen) => withEndpoints(further(draft, seen), seen),
  message: (failure, apiService) =>
    `The control plane has no route to ${dialledText(failure, apiService)} for APIService ${apiService.name}.`,
  mend: (failure, apiService) => ({
    text: `Route the range of ${dialledText(failure, apiService)} from the control plane nodes to the cluster network, and see whether the node of the Pod is up.`,
    commands: [
      `kubectl -n ${apiService.service.namespace} get endpointslices -l kubernetes.io/service-name=${apiService.service.name} -o wide`,
      `kubectl get nodes -o wide`,
    ],
  }),
});
