import { failureEvidence } from '../../aggregation/evidence.ts';
import type { Workload } from '../../model/facts.ts';
import { defineCheck, type Draft, type Statements } from '../define-check.ts';

/** Agents by the name that installers give them, as Deployment or DaemonSet. */
const agentsOf = (workloads: readonly Workload[]): Workload | null =>
  workloads.find(({ name }) => /^konnectivity-(?:agent|worker)$/.test(name)) ?? null;

const selector = ({ podLabels, name }: Workload): string =>
  ['k8s-app', 'app'].flatMap((key) => (podLabels[key] === undefined ? [] : [`${key}=${podLabels[key]}`]))[0] ??
  `k8s-app=${name}`;

const remedyText = (agents: Workload | null): string => {
  if (agents === null)
    return 'Bring the konnectivity agents to Ready, and let them reach the proxy server of the control plane.';
  const what = `${agents.kind} kube-system/${agents.name}`;
  if (agents.wanted === 0) return `Let ${what} run again: it has no replicas.`;
  return agents.ready === 0
    ? `Bring the Pods of ${what} to Ready: their log says whether they reach the proxy server of the control plane (TCP 8132 unless it was changed).`
    : `Agents are Ready, so look at the other end: the proxy server beside kube-apiserver, its certificate, and whether every kube-apiserver has agents connected (--server-count of the server; TCP 8132 open from the nodes to each).`;
};

const draft = ({ apiService, answer, current }: Statements, agents: Workload | null): Draft => {
  const labels = agents ? selector(agents) : 'k8s-app=konnectivity-agent';
  const state = agents && `${agents.ready} of ${agents.wanted} agents are ready`;
  return {
    message: `The tunnel from kube-apiserver to the cluster network does not carry the request of APIService ${apiService.name}${state ? `: ${state}` : ''}.`,
    evidence: [
      ...failureEvidence(apiService, answer, current),
      ...(agents
        ? [
            {
              from: `${agents.kind} kube-system/${agents.name} status`,
              value: `${agents.ready} of ${agents.wanted} ready`,
            },
          ]
        : []),
    ],
    ...(current?.failure.kind === 'tunnelUnavailable' ? {} : { confidence: 'likely' }),
    remedy: {
      text: remedyText(agents),
      commands: [
        `kubectl -n kube-system get pods -l ${labels} -o wide`,
        `kubectl -n kube-system logs -l ${labels} --tail=50`,
      ],
    },
  };
};

export default defineCheck({
  code: 'AA210',
  title: 'The tunnel between control plane and nodes is down',
  source: 'apiserver pkg/server/egressselector/egress_selector.go; apiserver-network-proxy konnectivity-client',
  explanation:
    'kube-apiserver reaches the cluster network through konnectivity or another egress proxy, and that has no agent connected or does not answer. Every webhook, log and exec request through it fails too.',
  byHand: ['kubectl -n kube-system get pods -l k8s-app=konnectivity-agent'],
  remedy: 'Bring the konnectivity agents back: they run on nodes and must reach the proxy server of the control plane.',
  needs: ['answer'],
  uses: ['systemWorkloads'],
  stated: (statements) => (statements.current?.failure.kind === 'tunnelUnavailable' ? draft(statements, null) : null),
  run({ apiService, current, answer, used: { systemWorkloads } }) {
    const agents = systemWorkloads.state === 'known' ? agentsOf(systemWorkloads.value) : null;
    const isDown = agents !== null && agents.wanted > 0 && agents.ready === 0;
    const kind = current?.failure.kind;
    if (kind !== 'tunnelUnavailable' && !(isDown && kind === 'connectionTimedOut')) return null;
    return draft({ apiService, current, answer: { state: 'known', value: answer } }, agents);
  },
});
