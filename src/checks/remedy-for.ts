import type { ApiService } from '../model/facts.ts';
import { type Remedy, type Subject, subjectText } from '../model/finding.ts';
import { listed } from '../model/wording.ts';

/** An object that a remedy changes, and who keeps it. */
interface KeptObject extends Subject {
  readonly owner: string | null;
}

/** What a remedy does to an object directly; no commands where it only says what to change. */
export interface Change {
  readonly of: KeptObject;
  readonly commands: readonly string[];
  /** It deletes the object. */
  readonly removes?: boolean;
}

const inNamespace = (namespace: string | undefined): string => (namespace === undefined ? '' : ` -n ${namespace}`);

/** How an object is changed through those who keep it. */
interface Keeping {
  /** Where they take it from. */
  readonly where: string;
  /** How to see that. */
  readonly look: (name: string, flag: string) => readonly string[];
  /** Till when a direct change lasts, where it does for a time. */
  readonly until?: string;
}

/** The owners that labels and annotations name (snapshot/owner.ts), by kind. */
const keepings: Readonly<Record<string, Keeping>> = {
  'Helm release': {
    where: 'in the values of the release',
    look: (name, flag) => [`helm${flag} get values ${name}`],
    until: 'its next upgrade',
  },
  'Flux HelmRelease': {
    where: 'in spec.values of the HelmRelease',
    look: (name, flag) => [`kubectl${flag} get helmreleases.helm.toolkit.fluxcd.io ${name} -o yaml`],
  },
  'Flux Kustomization': {
    where: 'in the source of the Kustomization',
    look: (name, flag) => [`kubectl${flag} get kustomizations.kustomize.toolkit.fluxcd.io ${name} -o yaml`],
  },
  'Argo CD Application': {
    where: 'in the source of the Application',
    // An Application outside Argo CD's own namespace is told as `<namespace>_<name>`.
    look: (name) => [`argocd app diff ${name.replace('_', '/')}`],
  },
  'OLM ClusterServiceVersion': {
    where: 'in spec.config of its Subscription, or by another version',
    look: (name, flag) => [
      `kubectl${flag} get clusterserviceversions.operators.coreos.com ${name} -o yaml`,
      `kubectl${flag} get subscriptions.operators.coreos.com`,
    ],
  },
  ScaledObject: {
    where: 'in minReplicaCount of the ScaledObject',
    look: (name, flag) => [`kubectl${flag} get scaledobjects.keda.sh ${name} -o yaml`],
  },
  Addon: {
    where: 'in its manifest on the server nodes',
    look: (name, flag) => [`kubectl${flag} get addons.k3s.cattle.io ${name} -o yaml`],
  },
  'addon-manager': {
    where: "in the provider's settings, or in /etc/kubernetes/addons",
    look: () => [],
  },
  'kube-apiserver': { where: 'there', look: () => [] },
  manager: { where: 'there', look: () => [], until: 'that puts it back' },
};

/** A custom resource, whose operator writes the object. */
const customResource = (kind: string): Keeping => ({
  where: 'in its spec',
  look: (name, flag) => [`kubectl${flag} get ${kind.toLowerCase()} ${name} -o yaml`],
});

/** Objects whose kind the snapshot does not repeat. */
export const asObject = ({ name, owner }: ApiService): KeptObject => ({ kind: 'APIService', name, owner });

/** Annotations may hold anything, and what a command names is pasted into a shell. */
const isName = (text: string): boolean => /^[A-Za-z0-9][\w.-]*$/.test(text);

interface Keeper extends Pick<Keeping, 'where' | 'until'> {
  readonly look: readonly string[];
}

const keeperOf = (owner: string, { namespace: own }: Subject): Keeper => {
  const [, kind = owner, namespace = own, name = ''] = /^(.*) (?:([^/ ]*)\/)?([^/ ]*)$/.exec(owner) ?? [];
  const known = Object.hasOwn(keepings, kind) ? keepings[kind] : undefined;
  const { look, ...keeping } = known ?? customResource(kind);
  const isSafe = [name, namespace ?? name, known ? name : kind].every(isName);
  return { ...keeping, look: isSafe ? look(name, inNamespace(namespace)) : [] };
};

/** Whether those who keep an object undo what is changed directly. */
export const isPutBack = (object: KeptObject): boolean =>
  object.owner !== null && keeperOf(object.owner, object).until === undefined;

const sentenceOf = (owner: string, changes: readonly [Change, ...Change[]]): string => {
  const { where, until } = keeperOf(owner, changes[0].of);
  const objects = listed([...new Set(changes.map(({ of }) => subjectText(of)))]);
  if (owner.startsWith('manager '))
    return `Label app.kubernetes.io/managed-by of ${objects} names ${owner.slice('manager '.length)}: if that keeps it, change it ${where}, since a direct change lasts until ${until}.`;
  if (changes.every(({ removes }) => removes)) return `${owner} keeps ${objects}: remove it there, or it comes back.`;
  return `${owner} keeps ${objects}: change it ${where}; a direct change ${until === undefined ? 'does not last' : `lasts until ${until}`}.`;
};

const lookAt = ({ kind, namespace, name }: Subject): string =>
  `kubectl${inNamespace(namespace)} get ${kind.toLowerCase()} ${name} -o yaml`;

const commandsOf = ({ of, commands, removes }: Change): readonly string[] => {
  if (of.owner === null) return commands;
  const { look } = keeperOf(of.owner, of);
  if (removes || !isPutBack(of)) return [...look, ...commands];
  return look.length > 0 ? look : [lookAt(of)];
};

/**
 * A remedy that changes objects, as far as those who keep them let a change last: what an operator, a GitOps tool or an
 * add-on manager would put back at once is to be changed there, and no command changes it directly. A deletion stays: who
 * keeps the object may be gone.
 */
export const remedyFor = (text: string, changes: readonly Change[], looks: readonly string[] = []): Remedy => {
  const kept = Map.groupBy(changes, ({ of }) => of.owner);
  const sentences = [...kept].flatMap(([owner, [first, ...others]]) =>
    owner === null || !first ? [] : [sentenceOf(owner, [first, ...others])],
  );
  return {
    text: [text, ...sentences].join(' '),
    commands: [...new Set([...looks, ...changes.flatMap(commandsOf)])],
  };
};

/** The bundle written anew from ca.pem. */
export const patchedBundle = (apiService: ApiService): Change => ({
  of: asObject(apiService),
  commands: [
    `kubectl patch apiservice ${apiService.name} --type=merge -p "{\\"spec\\":{\\"caBundle\\":\\"$(base64 < ca.pem | tr -d '\\n')\\"}}"`,
  ],
});

export const patchedSpec = (apiService: ApiService, spec: Readonly<Record<string, unknown>>): Change => ({
  of: asObject(apiService),
  commands: [`kubectl patch apiservice ${apiService.name} --type=merge -p '${JSON.stringify({ spec })}'`],
});
