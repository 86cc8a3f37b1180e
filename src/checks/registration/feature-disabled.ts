import { selectedPods, selectorText } from '../../aggregation/endpoints.ts';
import { conditionEvidence } from '../../aggregation/evidence.ts';
import type { FailureKind } from '../../aggregation/failure.ts';
import { groupVersionText } from '../../aggregation/group-version.ts';
import { type ProductMark, productMark, sameProduct } from '../../aggregation/product.ts';
import { featureSwitches } from '../../model/feature-switches.ts';
import type { ApiService, Fact, Pod, Service, Workload } from '../../model/facts.ts';
import type { Evidence, Remedy } from '../../model/finding.ts';
import { defineCheck, type Draft, type RemoteApiService } from '../define-check.ts';
import { asObject, type Change, remedyFor } from '../remedy-for.ts';

const SHOWN = 3;

/** What a server that does not serve the group shows: nothing listens, nothing is ready, or another path is served. */
const fitting: ReadonlySet<FailureKind> = new Set([
  'connectionRefused',
  'connectionTimedOut',
  'endpointsMissing',
  'pathMissing',
]);

const remedy = (
  apiService: RemoteApiService,
  how: string,
  looks: readonly string[],
  changes: readonly Change[] = [],
): Remedy =>
  remedyFor(
    `${how}; if nobody needs ${groupVersionText(apiService)}, have the product not register it, and delete the APIService.`,
    [...changes, { of: asObject(apiService), commands: [] }],
    looks,
  );

/** A switch of a product that is known to leave the APIService where it is. */
const switchedOff = (apiService: RemoteApiService, pods: readonly Pod[]): Draft | null => {
  for (const pod of pods) {
    for (const { name, from, value } of pod.switchedOff) {
      const known = featureSwitches.find((each) => each.name === name && each.group === apiService.group);
      if (!known) continue;
      const { namespace } = apiService.service;
      return {
        message: `${known.product} in namespace ${namespace} runs with ${name} switched off, so nothing serves APIService ${apiService.name}.`,
        evidence: [{ from: `Pod ${namespace}/${pod.name} ${from}`, value }, conditionEvidence(apiService)],
        remedy: remedy(apiService, `Switch ${name} on`, [
          `kubectl -n ${namespace} get pod ${pod.name} -o yaml`,
          `kubectl get apiservice ${apiService.name} -o yaml`,
        ]),
      };
    }
  }
  return null;
};

/** The same Service serves another group of the product, and says 404 to this one. */
const otherGroupServed = (apiService: RemoteApiService, apiServices: Fact<readonly ApiService[]>): Draft | null => {
  const { name, group, service } = apiService;
  const served = (apiServices.state === 'known' ? apiServices.value : []).find(
    (other) =>
      other.group !== group &&
      other.availability?.status === 'True' &&
      other.service?.namespace === service.namespace &&
      other.service.name === service.name &&
      sameProduct(apiService, other),
  );
  if (!served) return null;
  return {
    message: `Service ${service.namespace}/${service.name} serves ${groupVersionText(served)}, and of APIService ${name} it knows nothing: that part of the product is not switched on.`,
    evidence: [conditionEvidence(apiService), conditionEvidence(served)],
    confidence: 'likely',
    remedy: remedy(
      apiService,
      `Switch ${groupVersionText(apiService)} on in the configuration of the server (a metrics adapter serves it only where it has rules for it)`,
      [`kubectl -n ${service.namespace} get configmaps`, `kubectl get apiservice ${name} -o yaml`],
    ),
  };
};

const words = (name: string): readonly string[] => name.split(/[-.]/);

/** A Pod that is named as the Service is: the server runs, and it is the Service that is wrong. */
const isNamedLike = ({ name }: RemoteApiService['service'], pod: Pod): boolean =>
  words(name).every((word) => words(pod.name).includes(word));

const workloadsOf = (service: Service | null, workloads: Fact<readonly Workload[]>): readonly Workload[] =>
  service === null || workloads.state !== 'known'
    ? []
    : workloads.value.filter(({ podLabels }) =>
        Object.entries(service.selector).every(([key, value]) => podLabels[key] === value),
      );

interface Running {
  readonly pod: Pod;
  readonly mark: ProductMark;
}

const runningEvidence = (running: readonly Running[]): readonly Evidence[] =>
  running.slice(0, SHOWN).map(({ pod, mark }) => ({
    from: `Pod ${pod.namespace}/${pod.name} metadata.labels[${mark.label}]`,
    value: `${mark.value}, Ready`,
  }));

/** Other parts of the product run, and of the one behind the Service there is not a Pod. */
const partAbsent = (
  apiService: RemoteApiService,
  service: Service | null,
  pods: readonly Pod[],
  workloads: Fact<readonly Workload[]>,
): Draft | null => {
  const ref = apiService.service;
  if (service !== null && (Object.keys(service.selector).length === 0 || selectedPods(service, pods).length > 0))
    return null;
  const own = workloadsOf(service, workloads);
  // Wanted and not there is an outage: something keeps the Pods from being made.
  if (own.some(({ wanted }) => wanted > 0)) return null;
  const running = pods.flatMap((pod): readonly Running[] => {
    const mark = pod.ready && pod.deletedAt === null ? productMark(apiService, pod) : null;
    return mark ? [{ pod, mark }] : [];
  });
  if (running.length === 0 || (service === null && running.some(({ pod }) => isNamedLike(ref, pod)))) return null;
  const [scaled] = own;
  const missing =
    service === null
      ? { from: `Services of namespace ${ref.namespace}`, value: `no ${ref.name} among them` }
      : scaled
        ? { from: `${scaled.kind} ${ref.namespace}/${scaled.name} spec.replicas`, value: String(scaled.wanted) }
        : {
            from: `Service ${ref.namespace}/${ref.name} spec.selector`,
            value: `${selectorText(service)} matches no Pod`,
          };
  const [first] = running;
  const product = first ? first.mark.value : ref.namespace;
  return {
    message: `${product} runs in namespace ${ref.namespace} without the part that would serve APIService ${apiService.name}.`,
    evidence: [missing, ...runningEvidence(running), conditionEvidence(apiService)],
    confidence: service !== null && workloads.state !== 'known' ? 'possible' : 'likely',
    remedy: remedy(
      apiService,
      `Switch that part of ${product} on again`,
      scaled
        ? []
        : [
            `kubectl -n ${ref.namespace} get deployments --show-labels`,
            `kubectl get apiservice ${apiService.name} -o yaml`,
          ],
      scaled
        ? [
            {
              of: scaled,
              commands: [`kubectl -n ${ref.namespace} scale ${scaled.kind.toLowerCase()} ${scaled.name} --replicas=1`],
            },
          ]
        : [],
    ),
  };
};

export default defineCheck({
  code: 'AA114',
  title: 'The product is installed with the part that serves the group switched off',
  source:
    'app.kubernetes.io/part-of and app.kubernetes.io/instance (Kubernetes recommended labels), Helm release annotations; kueue issue 3943, karmada pull request 5378, kube-prometheus issue 679',
  explanation:
    'A chart or operator registered the APIService although the part that serves it is switched off: a metrics adapter without replicas or without rules for that group, a feature gate or a setting that is off. ' +
    'The rest of the product works, so nothing looks broken, but every request for the group version fails and namespaces hang in Terminating.',
  byHand: [
    'kubectl get apiservice <name> --show-labels',
    'kubectl -n <namespace> get deployments,pods --show-labels',
    'kubectl -n <namespace> get pod <pod> -o yaml',
  ],
  remedy: 'Switch that part of the product on, or have the product not register the APIService and delete it.',
  explainedBy: ['AA101', 'AA105', 'AA116'],
  needs: ['service', 'pods'],
  uses: ['workloads', 'apiServices'],
  run({ apiService, current, service, pods, used: { workloads, apiServices } }) {
    if (current === null) return null;
    const { kind } = current.failure;
    if (fitting.has(kind)) {
      const selected = service === null ? [] : selectedPods(service, pods);
      // What is on its way out ran with the switches of before.
      const concerned = pods.filter(
        (pod) => pod.deletedAt === null && (selected.includes(pod) || productMark(apiService, pod) !== null),
      );
      const draft = switchedOff(apiService, concerned);
      if (draft) return draft;
    }
    if (kind === 'pathMissing') return otherGroupServed(apiService, apiServices);
    return partAbsent(apiService, service, pods, workloads);
  },
});
