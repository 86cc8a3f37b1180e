import { defineCheck } from '../define-check.ts';

/** Kinds of keepers of which an APIService and its Service should have the same one. */
const comparable = ['Helm release', 'Flux HelmRelease', 'Flux Kustomization', 'Argo CD Application'];

const kindOf = (owner: string): string => owner.slice(0, owner.lastIndexOf(' '));

export default defineCheck({
  code: 'AA102',
  title: 'The APIService belongs to one product and the Service behind it to another',
  source:
    'Helm annotations meta.helm.sh/release-*, Argo CD tracking-id, Flux labels; a group version has one APIService in a cluster',
  explanation:
    'There is one APIService for each group version, so two products that serve the same one (two metrics adapters, two releases of a chart) overwrite each other: whichever was ' +
    'installed last gets the requests, the other is never asked, and the removal of either takes the registration with it.',
  byHand: [
    'kubectl get apiservice <name> -o jsonpath={.metadata.annotations}',
    'kubectl -n <namespace> get service <name> -o jsonpath={.metadata.annotations}',
  ],
  remedy: 'Decide which product serves the group version, and switch its registration off in the other one.',
  needs: ['service'],
  run({ apiService, service }) {
    const { name, owner } = apiService;
    if (!owner || !service?.owner || owner === service.owner) return null;
    if (kindOf(owner) !== kindOf(service.owner) || !comparable.includes(kindOf(owner))) return null;
    return {
      message: `APIService ${name} is kept by ${owner}, and Service ${service.namespace}/${service.name}, to which it leads, by ${service.owner}.`,
      evidence: [
        { from: `APIService ${name} metadata`, value: owner },
        { from: `Service ${service.namespace}/${service.name} metadata`, value: service.owner },
      ],
      confidence: 'likely',
      severity: 'warning',
      remedy: {
        text: `Decide which of the two serves ${name}, and switch the registration off in the other; while both write it, each upgrade takes it from the other.`,
        commands: [
          `kubectl get apiservice ${name} -o yaml --show-managed-fields`,
          `kubectl -n ${service.namespace} get service ${service.name} -o yaml`,
        ],
      },
    };
  },
});
