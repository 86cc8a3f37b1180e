import type { KubernetesObject } from './api-client.ts';
import type { CertificateSpec, IssuedCertificates } from './certificates.ts';
import { nodeName, type PodForward } from './control-plane.ts';
import { containerImage, containerName, hasAddress } from './pod-status.ts';
import type {
  ApiServiceSpec,
  BackendSpec,
  PodSpec,
  PodState,
  RealServer,
  ServiceSpec,
  Situation,
} from './situation.ts';

/** A situation with its place in a cluster: its own address range and priority. */
export interface PlacedSituation extends Situation {
  readonly place: number;
}

export interface PlacedPod {
  readonly name: string;
  readonly state: PodState;
  readonly address: string;
  readonly listens: readonly number[];
  readonly server?: RealServer;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

const realServerPort: Readonly<Record<RealServer, number>> = {
  'sample-apiserver': 8443,
  'metrics-server': 10250,
  'custom-metrics-adapter': 6443,
};

const firstService = (situation: Situation): string => Object.keys(situation.services)[0] ?? 'api';

const containerPorts = (spec: PodSpec): readonly { readonly name?: string; readonly containerPort: number }[] =>
  spec.ports ?? [{ name: 'https', containerPort: spec.server === undefined ? 8443 : realServerPort[spec.server] }];

/** The situation's Pods with the addresses they get. */
export const placedPods = (situation: PlacedSituation): readonly PlacedPod[] =>
  Object.entries(situation.pods).map(([name, spec], index) => {
    const state = spec.state ?? 'ready';
    return {
      name,
      state,
      address: `10.244.${situation.place + 1}.${index + 10}`,
      listens:
        spec.listens ?? (state === 'ready' ? containerPorts(spec).map(({ containerPort }) => containerPort) : []),
      ...(spec.server === undefined ? {} : { server: spec.server }),
      labels: spec.labels ?? { app: firstService(situation) },
      spec,
    };
  });

export const podForwards = (situation: PlacedSituation): readonly PodForward[] =>
  placedPods(situation)
    .filter(({ state }) => hasAddress(state))
    .map((pod) => ({
      namespace: situation.namespace,
      pod: pod.name,
      address: pod.address,
      ports: [...new Set([...containerPorts(pod.spec).map(({ containerPort }) => containerPort), ...pod.listens])],
    }));

/** Certificates of different situations are issued together, so each carries its situation's name. */
export const issuedName = (situation: Situation, certificate: string): string => `${situation.name}--${certificate}`;

/** The situation's certificates, issuers first. */
export const certificateSpecs = (situation: Situation): readonly CertificateSpec[] => {
  const wanted: Readonly<Record<string, Omit<CertificateSpec, 'name'>>> = {
    authority: { authority: true },
    serving: { issuer: 'authority' },
    ...situation.certificates,
  };
  const ordered: CertificateSpec[] = [];
  const add = (name: string): void => {
    const spec = wanted[name];
    if (spec === undefined) throw new Error(`situation ${situation.name}: no certificate ${name}`);
    if (ordered.some((other) => other.name === issuedName(situation, name))) return;
    if (spec.issuer !== undefined) add(spec.issuer);
    ordered.push({
      commonName: name,
      ...(spec.authority === true ? {} : { dnsNames: [`${firstService(situation)}.${situation.namespace}.svc`] }),
      ...spec,
      name: issuedName(situation, name),
      ...(spec.issuer === undefined ? {} : { issuer: issuedName(situation, spec.issuer) }),
    });
  };
  for (const name of Object.keys(wanted)) add(name);
  return ordered;
};

const groupVersionOf = (apiServiceName: string): { readonly group: string; readonly version: string } => {
  const dot = apiServiceName.indexOf('.');
  return { version: apiServiceName.slice(0, dot), group: apiServiceName.slice(dot + 1) };
};

export const discoveryPath = (apiServiceName: string): string => {
  const { group, version } = groupVersionOf(apiServiceName);
  return `/apis/${group}/${version}`;
};

// Each group has a resource of its own name: a shared one would be a finding of its own (AA513).
const servedGroupVersion = (apiServiceName: string): object => {
  const { group, version } = groupVersionOf(apiServiceName);
  const label = group.split('.')[0] ?? group;
  const kind = `${label.replaceAll(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase())}Item`;
  return { group, version, resource: `${kind.toLowerCase()}s`, kind };
};

const pemOf = (situation: Situation, issued: IssuedCertificates, names: string | readonly string[]): string =>
  [names]
    .flat()
    .map((name) => issued.pem(issuedName(situation, name)))
    .join('');

/** What misbehaving-server is told about one port. */
export interface BackendConfiguration {
  readonly address: string;
  readonly [field: string]: unknown;
}

/** One configuration for each port that a misbehaving server listens on; `write` stores a PEM file and names it. */
export const backendConfigurations = (
  situation: PlacedSituation,
  issued: IssuedCertificates,
  write: (name: string, content: string) => string,
): readonly BackendConfiguration[] =>
  placedPods(situation).flatMap((pod) => {
    if (pod.server !== undefined) return [];
    const backend: BackendSpec = pod.spec.backend ?? {};
    const tls = backend.tls ?? 'serving';
    const chain = [tls].flat();
    const leaf = chain[0] ?? 'serving';
    return pod.listens.map((port) => ({
      address: `${pod.address}:${port}`,
      connection: backend.connection ?? 'serve',
      tls:
        tls === 'plain'
          ? null
          : {
              minVersion: backend.minVersion ?? '',
              maxVersion: backend.maxVersion ?? '',
              ...(backend.clientAuthority === undefined
                ? {}
                : { clientAuthority: issued.certificatePath(issuedName(situation, backend.clientAuthority)) }),
              ...(tls === 'none'
                ? {}
                : {
                    certificate: write(`${situation.name}--${pod.name}-${port}.chain`, pemOf(situation, issued, chain)),
                    key: issued.keyPath(issuedName(situation, leaf)),
                  }),
            },
      routes: (backend.routes ?? []).map(({ json, ...route }) =>
        json === undefined ? route : { ...route, body: JSON.stringify(json) },
      ),
      groupVersions: (backend.serves ?? situation.apiServices.map(({ name }) => name)).map(servedGroupVersion),
      omit: backend.omit ?? [],
    }));
  });

const serviceObject = (situation: Situation, name: string, spec: ServiceSpec): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name,
    namespace: situation.namespace,
    ...(spec.labels === undefined ? {} : { labels: spec.labels }),
    ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
  },
  spec: {
    ...(spec.type === undefined ? {} : { type: spec.type }),
    ...(spec.externalName === undefined ? {} : { externalName: spec.externalName }),
    ...(spec.clusterIP === undefined ? {} : { clusterIP: spec.clusterIP }),
    ...(spec.selector === null || spec.type === 'ExternalName' ? {} : { selector: spec.selector ?? { app: name } }),
    ...(spec.type === 'ExternalName' && spec.ports === undefined
      ? {}
      : { ports: spec.ports ?? [{ name: 'https', port: 443, targetPort: 8443 }] }),
  },
});

export const serviceAccountName = (pod: PlacedPod): string => (pod.server === undefined ? 'default' : pod.server);

/** Stands in command lines and Secrets of the lab, and must stand nowhere else. */
export const LAB_PASSWORD = 'lab-pa55word-that-nobody-may-see';

const secretObjects = (situation: PlacedSituation, issued: IssuedCertificates): readonly KubernetesObject[] => {
  const secrets = new Map(
    placedPods(situation).flatMap(({ spec: { secret } }) =>
      secret === undefined ? [] : [[secret.name, secret] as const],
    ),
  );
  return [...secrets.values()].map(({ name, certificates, authority, annotations }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace: situation.namespace, ...(annotations === undefined ? {} : { annotations }) },
    stringData: {
      'tls.crt': pemOf(situation, issued, certificates),
      'tls.key': issued.keyPem(issuedName(situation, [certificates].flat()[0] ?? 'serving')),
      password: LAB_PASSWORD,
      ...(authority === undefined ? {} : { 'ca.crt': pemOf(situation, issued, authority) }),
    },
  }));
};

const podObject = (situation: Situation, pod: PlacedPod): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: pod.name, namespace: situation.namespace, labels: pod.labels },
  spec: {
    ...(pod.spec.secret === undefined
      ? {}
      : { volumes: [{ name: 'certificate', secret: { secretName: pod.spec.secret.name } }] }),
    ...(pod.state === 'unscheduled' ? {} : { nodeName }),
    ...(pod.spec.hostNetwork === true ? { hostNetwork: true } : {}),
    serviceAccountName: serviceAccountName(pod),
    automountServiceAccountToken: false,
    containers: [
      {
        name: containerName,
        image: containerImage,
        ...(pod.spec.secret === undefined
          ? {}
          : {
              // The last one stands for what a command line may hold and no snapshot may.
              args: [
                '--tls-cert-file=/certificate/tls.crt',
                '--tls-private-key-file=/certificate/tls.key',
                `--database-password=${LAB_PASSWORD}`,
              ],
              volumeMounts: [{ name: 'certificate', mountPath: '/certificate' }],
            }),
        ports: containerPorts(pod.spec),
        readinessProbe: {
          httpGet: { path: '/readyz', port: containerPorts(pod.spec)[0]?.containerPort ?? 8443, scheme: 'HTTPS' },
        },
      },
      ...(pod.spec.sidecar === undefined ? [] : [{ name: pod.spec.sidecar, image: 'sidecar:1.0' }]),
    ],
  },
});

const read = ['get', 'list', 'watch'];

// What the released servers read of a cluster. All of the core group would include the ConfigMap for which
// there is a binding of its own.
const serverRules = [
  { apiGroups: [''], resources: ['namespaces', 'nodes', 'nodes/metrics', 'pods', 'services'], verbs: read },
  { apiGroups: ['admissionregistration.k8s.io', 'flowcontrol.apiserver.k8s.io'], resources: ['*'], verbs: read },
];

const reference = (kind: string, name: string): object => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });

const rbac = (kind: string, name: string, namespace: string | undefined, fields: object): KubernetesObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...fields,
});

/** ServiceAccounts and the roles that a released extension API server needs. */
export const accessObjects = (situation: PlacedSituation): readonly KubernetesObject[] => {
  const account = (name: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: situation.namespace },
  });
  if (!situation.createNamespace && situation.namespace === situation.name) return [];
  const servers = new Map(
    placedPods(situation).flatMap(({ server, spec }) => (server === undefined ? [] : [[server, spec] as const])),
  );
  return [
    // kube-controller-manager would make it a moment later, and Pods cannot be created before.
    account('default'),
    ...[...servers].flatMap(([server, spec]) => {
      const name = `${situation.name}-${server}`;
      const subjects = [{ kind: 'ServiceAccount', name: server, namespace: situation.namespace }];
      const bindings = {
        'auth-reader': rbac('RoleBinding', name, 'kube-system', {
          roleRef: reference('Role', 'extension-apiserver-authentication-reader'),
          subjects,
        }),
        'auth-delegator': rbac('ClusterRoleBinding', `${name}-auth-delegator`, undefined, {
          roleRef: reference('ClusterRole', 'system:auth-delegator'),
          subjects,
        }),
      };
      return [
        account(server),
        ...(['auth-reader', 'auth-delegator'] as const)
          .filter((binding) => spec.withoutBindings?.includes(binding) !== true)
          .map((binding) => bindings[binding]),
        rbac('ClusterRole', name, undefined, { rules: serverRules }),
        rbac('ClusterRoleBinding', name, undefined, { roleRef: reference('ClusterRole', name), subjects }),
      ];
    }),
  ];
};

export const backendObjects = (situation: PlacedSituation, issued: IssuedCertificates): readonly KubernetesObject[] => [
  ...secretObjects(situation, issued),
  ...Object.entries(situation.services).map(([name, spec]) => serviceObject(situation, name, spec)),
  // One Pod without a disruption budget would be a finding of its own (AA216).
  ...Object.entries(situation.services)
    .filter(([, spec]) => situation.disruptionBudget && spec.selector !== null && spec.type !== 'ExternalName')
    .map(([name, spec]) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace: situation.namespace },
      spec: { maxUnavailable: 1, selector: { matchLabels: spec.selector ?? { app: name } } },
    })),
  ...placedPods(situation).map((pod) => podObject(situation, pod)),
  ...situation.objects,
];

/** Objects of a situation may leave out the namespace. */
export const inNamespace = (situation: Situation, object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: object.metadata.namespace ?? situation.namespace },
});

const caBundle = (situation: Situation, issued: IssuedCertificates, spec: ApiServiceSpec): string | undefined => {
  const bundle = spec.caBundle ?? (spec.insecureSkipTLSVerify === true ? 'none' : 'authority');
  if (bundle === 'none') return undefined;
  if (typeof bundle === 'object' && 'text' in bundle) return Buffer.from(bundle.text).toString('base64');
  if (typeof bundle === 'object' && 'base64Of' in bundle) {
    const once = Buffer.from(pemOf(situation, issued, bundle.base64Of)).toString('base64');
    return Buffer.from(once).toString('base64');
  }
  return Buffer.from(pemOf(situation, issued, bundle)).toString('base64');
};

export const apiServiceObjects = (
  situation: PlacedSituation,
  issued: IssuedCertificates,
): readonly KubernetesObject[] =>
  situation.apiServices.map((spec) => {
    const [name, namespace = situation.namespace] = (spec.service ?? firstService(situation)).split('/').toReversed();
    const bundle = caBundle(situation, issued, spec);
    return {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: {
        name: spec.name,
        ...(spec.labels === undefined ? {} : { labels: spec.labels }),
        ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
      },
      spec: {
        ...groupVersionOf(spec.name),
        service: { name, namespace, port: spec.port ?? 443 },
        ...(bundle === undefined ? {} : { caBundle: bundle }),
        ...(spec.insecureSkipTLSVerify === undefined ? {} : { insecureSkipTLSVerify: spec.insecureSkipTLSVerify }),
        // Two groups at one priority would be a finding of their own (AA511).
        groupPriorityMinimum: spec.groupPriorityMinimum ?? 2000 + situation.place,
        versionPriority: spec.versionPriority ?? 15,
      },
    };
  });
