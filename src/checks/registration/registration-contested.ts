import type { ApiService, Service, SpecWriter } from '../../model/facts.ts';
import { defineCheck, type Draft, type RemoteApiService } from '../define-check.ts';

/** Kinds of keepers of which an APIService and its Service should have the same one. */
const comparable = ['Helm release', 'Flux HelmRelease', 'Flux Kustomization', 'Argo CD Application'];

const kindOf = (owner: string): string => owner.slice(0, owner.lastIndexOf(' '));

const commandsOf = ({ name }: ApiService): readonly string[] => [
  `kubectl get apiservice ${name} -o yaml --show-managed-fields`,
];

/** The APIService is kept by one installation, and the Service by another of the same kind. */
const otherProduct = (apiService: RemoteApiService, service: Service | null): Draft | null => {
  const { name, owner } = apiService;
  if (!owner || !service?.owner || owner === service.owner) return null;
  if (kindOf(owner) !== kindOf(service.owner) || !comparable.includes(kindOf(owner))) return null;
  return {
    message: `APIService ${name} is kept by ${owner}, and Service ${service.namespace}/${service.name}, to which it leads, by ${service.owner}.`,
    evidence: [
      { from: `APIService ${name} metadata`, value: owner },
      { from: `Service ${service.namespace}/${service.name} metadata`, value: service.owner },
    ],
    // One product may be spread over two of these (product.ts).
    confidence: /^(?:Argo CD Application|Flux Kustomization)$/.test(kindOf(owner)) ? 'possible' : 'likely',
    severity: 'warning',
    remedy: {
      text: `Decide which of the two serves ${name}, and switch the registration off in the other; while both write it, each upgrade takes it from the other.`,
      commands: [...commandsOf(apiService), `kubectl -n ${service.namespace} get service ${service.name} -o yaml`],
    },
  };
};

/** kubectl and what stands for a time before server-side apply: a person who wrote once keeps nothing. */
const isByHand = ({ manager, operation }: SpecWriter): boolean =>
  operation !== 'Apply' && /^(?:kubectl|before-first-apply)/.test(manager);

/** Writers that take turns do so within minutes, as each undoes the other, and have not stopped: a handover is long ago. */
const TURN_MS = 60 * 60 * 1000;

const takeTurns = (one: SpecWriter, other: SpecWriter, createdAt: string | null, now: Date): boolean => {
  const [a, b, created] = [one.at, other.at, createdAt].map((at) => Date.parse(at ?? ''));
  return (
    a !== undefined &&
    b !== undefined &&
    created !== undefined &&
    a > created &&
    b > created &&
    now.getTime() - Math.min(a, b) <= TURN_MS
  );
};

/** Two writers of the spec that both claim to keep a field, or that both wrote again and again. */
const rivals = ({ specWriters, createdAt }: ApiService, now: Date) => {
  // Who writes nothing but the CA bundle was asked to.
  const writers = specWriters.filter(
    (writer) => writer.fields.some((field) => field !== 'caBundle') && !isByHand(writer),
  );
  for (const [index, one] of writers.entries())
    for (const other of writers.slice(index + 1)) {
      if (one.manager === other.manager) continue;
      const shared = one.fields.filter((field) => other.fields.includes(field));
      const isClaimed = shared.length > 0 && one.operation === 'Apply' && other.operation === 'Apply';
      if (isClaimed || takeTurns(one, other, createdAt, now)) return { one, other, shared, isClaimed };
    }
  return null;
};

const writerText = ({ operation, at, fields }: SpecWriter): string =>
  `${operation}${at === null ? '' : ` at ${at}`}: ${fields.map((field) => `spec.${field}`).join(', ')}`;

const twoWriters = (apiService: RemoteApiService, now: Date): Draft | null => {
  const found = rivals(apiService, now);
  if (!found) return null;
  const { one, other, shared, isClaimed } = found;
  const { name } = apiService;
  return {
    message: isClaimed
      ? `Both ${one.manager} and ${other.manager} claim ${shared.map((field) => `spec.${field}`).join(', ')} of APIService ${name}.`
      : `${one.manager} and ${other.manager} take turns in writing the spec of APIService ${name}.`,
    evidence: [one, other].map((writer) => ({
      from: `APIService ${name} metadata.managedFields[${writer.manager}]`,
      value: writerText(writer),
    })),
    confidence: isClaimed ? 'likely' : 'possible',
    severity: 'warning',
    remedy: {
      text: `Let one of ${one.manager} and ${other.manager} keep APIService ${name}, and take it out of what the other installs: as soon as they differ, each undoes what the other wrote.`,
      commands: commandsOf(apiService),
    },
  };
};

export default defineCheck({
  code: 'AA102',
  title: 'Two writers claim the APIService, or it belongs to one product and the Service behind it to another',
  source:
    'Helm annotations meta.helm.sh/release-*, Argo CD tracking-id, Flux labels; metadata.managedFields (Kubernetes server-side apply); a group version has one APIService in a cluster',
  explanation:
    'There is one APIService for each group version, so two products that serve the same one (two metrics adapters, two releases of a chart) overwrite each other: whichever was ' +
    "installed last gets the requests, the other is never asked, and the removal of either takes the registration with it. Two tools that keep one object undo each other's changes in turns.",
  byHand: [
    'kubectl get apiservice <name> -o jsonpath={.metadata.annotations}',
    'kubectl get apiservice <name> -o yaml --show-managed-fields',
    'kubectl -n <namespace> get service <name> -o jsonpath={.metadata.annotations}',
  ],
  remedy: 'Decide which product or tool keeps the group version, and switch its registration off in the other one.',
  needs: ['service'],
  run: ({ apiService, service }, capturedAt) => otherProduct(apiService, service) ?? twoWriters(apiService, capturedAt),
});
