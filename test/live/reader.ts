import type { PermissionReport, PermissionRule } from '../../src/model/report.ts';
import type { ControlPlane } from '../lab/control-plane.ts';
import { serviceAccountKubeconfig } from '../lab/extension-api-servers.ts';
import { until } from '../lab/until.ts';
import type { Rule } from './audit-log.ts';
import { type Outcome, runPlain, runTool } from './run-tool.ts';
import type { DoctorReport } from './situation-lane.ts';

const NAMESPACE = 'kubectl-aa';

/** What a user saw who has nothing but the ClusterRole that `permissions` prints. */
export interface ReaderOutcome {
  readonly user: string;
  readonly rules: readonly Rule[];
  readonly permissions: Outcome<PermissionReport>;
  readonly doctor: Outcome<DoctorReport>;
  /** How each other command ended, by its arguments. */
  readonly others: ReadonlyMap<string, { readonly exitStatus: number | null; readonly stderr: string }>;
  /** Verbs on pods/portforward without which no certificate is seen. */
  readonly portForwardVerbs: readonly string[];
}

/** `healthy` is deployed and works. */
const otherCommands: readonly (readonly string[])[] = [
  ['status'],
  ['status', '--watch', '--timeout', '5s'],
  ['cert'],
  ['discovery'],
  ['priority'],
  ['resolve', 'pods'],
  ['wait', '--for=healthy', 'v1.healthy.example.com'],
  ['doctor', 'v1.healthy.example.com', '--samples', '2'],
  ['doctor', '--before-delete', 'v1.healthy.example.com'],
];

const userOf = (account: string): string => `system:serviceaccount:${NAMESPACE}:${account}`;

/** A ServiceAccount with these rules and what every user has; its kubeconfig. */
const createReader = async (
  controlPlane: ControlPlane,
  account: string,
  rules: readonly PermissionRule[],
): Promise<string> => {
  const { api } = controlPlane;
  const metadata = { name: `${NAMESPACE}-${account}` };
  const rbac = 'rbac.authorization.k8s.io';
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await api.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace: NAMESPACE } });
  await api.create({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules });
  await api.create({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: NAMESPACE }],
  });
  return serviceAccountKubeconfig(controlPlane, controlPlane.server, NAMESPACE, account);
};

const rulesByVerb = (rules: readonly PermissionRule[]): readonly Rule[] =>
  rules.flatMap(({ verbs, ...rule }) =>
    verbs.flatMap((verb): readonly Rule[] =>
      rule.nonResourceURLs
        ? rule.nonResourceURLs.map((url) => ({ verb, url }))
        : (rule.apiGroups ?? []).flatMap((group) =>
            (rule.resources ?? []).flatMap((resource) =>
              (rule.resourceNames ?? [undefined]).map((object) => ({
                verb,
                group,
                resource,
                ...(object === undefined ? {} : { object }),
              })),
            ),
          ),
    ),
  );

const PORT_FORWARD = 'pods/portforward';

const without = (rules: readonly PermissionRule[], verb: string): readonly PermissionRule[] =>
  rules.map((rule) =>
    rule.resources?.includes(PORT_FORWARD) === true
      ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) }
      : rule,
  );

interface CertificateEnds {
  readonly items: readonly {
    readonly apiService: string | null;
    readonly endpoints: readonly { readonly source: string }[];
  }[];
}

/** Each verb is left out once: what the API server asks for besides the verb of a request stands in no log. */
const portForwardVerbs = async (
  controlPlane: ControlPlane,
  rules: readonly PermissionRule[],
): Promise<readonly string[]> => {
  const needed: string[] = [];
  for (const verb of ['get', 'create']) {
    const kubeconfigPath = await createReader(controlPlane, `without-${verb}`, without(rules, verb));
    const { document } = await runTool<CertificateEnds>(
      controlPlane,
      ['cert', 'v1.healthy.example.com'],
      kubeconfigPath,
    );
    const seen = document.items.flatMap(({ endpoints }) => endpoints).some(({ source }) => source === 'port-forward');
    if (!seen) needed.push(verb);
  }
  return needed;
};

/** Runs every command as a user who has nothing but the generated ClusterRole. */
export const runAsReader = async (controlPlane: ControlPlane): Promise<ReaderOutcome> => {
  const printed = await runTool<PermissionReport>(controlPlane, ['permissions'], controlPlane.kubeconfigPath);
  const { rules } = printed.document.role;
  const kubeconfigPath = await createReader(controlPlane, 'reader', rules);
  let permissions = printed;
  await until('the role of the reader', 20_000, async () => {
    permissions = await runTool<PermissionReport>(controlPlane, ['permissions'], kubeconfigPath);
    return permissions.exitStatus === 0 ? undefined : `status ${permissions.exitStatus}`;
  }).catch(() => {});
  const doctor = await runTool<DoctorReport>(controlPlane, ['doctor'], kubeconfigPath);
  const others = new Map<string, { readonly exitStatus: number | null; readonly stderr: string }>();
  for (const args of otherCommands) {
    others.set(args.join(' '), await runPlain(controlPlane, args, kubeconfigPath));
  }
  return {
    user: userOf('reader'),
    rules: rulesByVerb(rules),
    permissions,
    doctor,
    others,
    portForwardVerbs: await portForwardVerbs(controlPlane, rules),
  };
};
