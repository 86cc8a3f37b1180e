import { selectedPods, servicePort } from '../aggregation/endpoints.ts';
import type { Fact, Node, Pod, ServerVersion, Service, Workload } from '../model/facts.ts';
import type { Evidence, Remedy } from '../model/finding.ts';
import type { Draft } from './define-check.ts';
import type { Seen } from './stated-failure.ts';

/** What is looked at to say which path has to be opened, and where. */
export const pathFacts = ['service', 'pods', 'nodes', 'serverVersion', 'systemWorkloads'] as const;

const valueOf = <T>(fact: Fact<T>): T | null => (fact.state === 'known' ? fact.value : null);

/** The port on which the Pods listen: what a firewall sees, whatever port the Service has. */
const podPort = ({ apiService, used }: Seen): number | null => {
  const service: Service | null = valueOf(used.service);
  const pods: readonly Pod[] = valueOf(used.pods) ?? [];
  const target = service ? servicePort(service, apiService.service)?.targetPort : undefined;
  if (!service || target === undefined) return null;
  if (typeof target === 'number') return target;
  const ports = selectedPods(service, pods).flatMap(({ containerPorts }) => containerPorts);
  return ports.find(({ name }) => name === target)?.port ?? null;
};

type Provider = 'GKE' | 'EKS' | 'AKS';

const marks: Readonly<Record<Provider, readonly [version: RegExp, label: string]>> = {
  GKE: [/-gke\./, 'cloud.google.com/gke-nodepool'],
  EKS: [/-eks-/, 'eks.amazonaws.com/nodegroup'],
  AKS: [/-aks/, 'kubernetes.azure.com/cluster'],
};

interface Managed {
  readonly provider: Provider;
  readonly evidence: Evidence;
  readonly node: Node | null;
}

/** Who runs the control plane, by the version or by a label that only its nodes have. */
const managedBy = (version: ServerVersion | null, nodes: readonly Node[]): Managed | null => {
  for (const provider of Object.keys(marks) as Provider[]) {
    const [pattern, label] = marks[provider];
    const node = nodes.find(({ labels }) => Object.hasOwn(labels, label)) ?? null;
    if (node)
      return {
        provider,
        node,
        evidence: { from: `Node ${node.name} metadata.labels[${label}]`, value: node.labels[label] || '""' },
      };
    if (version && pattern.test(version.gitVersion))
      return { provider, node: nodes[0] ?? null, evidence: { from: 'GET /version', value: version.gitVersion } };
  }
  return null;
};

/** Network plugins by the DaemonSet that their own manifests put into kube-system. */
const plugins: Readonly<Record<string, string>> = {
  'aws-node': 'Amazon VPC CNI',
  'azure-cns': 'Azure CNI',
  'calico-node': 'Calico',
  canal: 'Canal',
  cilium: 'Cilium',
  'antrea-agent': 'Antrea',
  kindnet: 'kindnet',
  'kube-flannel-ds': 'Flannel',
  'kube-router': 'kube-router',
  'weave-net': 'Weave Net',
};

const pluginsOf = (workloads: readonly Workload[]): readonly Workload[] =>
  workloads.filter(({ kind, name }) => kind === 'DaemonSet' && Object.hasOwn(plugins, name));

const LAST_RESORT =
  "As a last resort run the server with hostNetwork on a port that nothing else on the node uses (10250 is the kubelet's): it is then open to the node network, NetworkPolicies no longer hold for it, and two replicas need two nodes.";

const gke = (port: string, { node }: Managed): Remedy => {
  const project = /^gce:\/\/([^/]+)\//.exec(node?.providerId ?? '')?.[1];
  const where = project === undefined ? '' : ` --project=${project}`;
  return {
    text: `GKE lets its control plane reach private nodes on TCP 443 and 10250 only: allow TCP ${port} from the control plane to nodes, with the source range, network and target tag of the rule gke-…-master. ${LAST_RESORT}`,
    commands: [
      `gcloud compute firewall-rules list${where} --filter='name~^gke-.*-master$' --format='table(name,network,sourceRanges.list(),targetTags.list())'`,
      `gcloud compute firewall-rules create${where} control-plane-to-${port} --direction=INGRESS --network="$NETWORK" --source-ranges="$CONTROL_PLANE_RANGE" --target-tags="$NODE_TAG" --allow=tcp:${port}`,
    ],
  };
};

const eks = (port: string, overlay: Workload | undefined): Remedy =>
  overlay
    ? {
        text: `Pods have addresses of ${plugins[overlay.name]}, which the control plane of EKS has no route to, so that no security group helps: give the server hostNetwork on a port that nothing else on the node uses (10250 is the kubelet's), and allow TCP to that port from the cluster security group to that of the nodes. It is then open to the node network, and NetworkPolicies no longer hold for it.`,
        commands: [`kubectl -n kube-system get daemonsets -o wide`],
      }
    : {
        text: `Allow TCP ${port} from the control plane to nodes: an inbound rule of the nodes' security group with the cluster security group as source. ${LAST_RESORT}`,
        commands: [
          `aws eks describe-cluster --name "$CLUSTER" --query cluster.resourcesVpcConfig`,
          `aws ec2 authorize-security-group-ingress --group-id "$NODE_SECURITY_GROUP" --protocol tcp --port ${port} --source-group "$CLUSTER_SECURITY_GROUP"`,
        ],
      };

const aks = (port: string): Remedy => ({
  text: `AKS reaches Pods through its konnectivity agents: bring them to Ready, and let network security groups and routes pass TCP ${port} among the nodes and TCP 443 from the nodes to the control plane. ${LAST_RESORT}`,
  commands: ['kubectl -n kube-system get pods -l app=konnectivity-agent -o wide'],
});

/** The draft with the opening that the provider needs; as it was where the provider is not known. */
export const withOpening = (draft: Draft, seen: Seen): Draft => {
  const { used } = seen;
  const found = pluginsOf(valueOf(used.systemWorkloads) ?? []);
  const managed = managedBy(valueOf(used.serverVersion), valueOf(used.nodes) ?? []);
  const pod = podPort(seen);
  const port = pod === null ? String(seen.apiService.service.port) : String(pod);
  const overlay = found.some(({ name }) => name === 'aws-node') ? undefined : found[0];
  const byProvider: Readonly<Record<Provider, (managed: Managed) => Remedy>> = {
    GKE: (each) => gke(port, each),
    EKS: () => eks(port, overlay),
    AKS: () => aks(port),
  };
  const remedy = managed && byProvider[managed.provider](managed);
  return {
    ...draft,
    evidence: [
      ...draft.evidence,
      ...(managed ? [managed.evidence] : []),
      ...found.map(({ name, ready, wanted }) => ({
        from: `DaemonSet kube-system/${name}`,
        value: `${plugins[name]}, ${ready} of ${wanted} ready`,
      })),
    ],
    remedy: remedy
      ? { text: remedy.text, commands: [...draft.remedy.commands, ...remedy.commands] }
      : { text: `${draft.remedy.text} ${LAST_RESORT}`, commands: draft.remedy.commands },
  };
};
