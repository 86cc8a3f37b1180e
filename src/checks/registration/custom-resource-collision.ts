import { groupVersionText } from '../../aggregation/group-version.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA103',
  title: 'A CustomResourceDefinition and a remote APIService claim the same group version',
  source:
    'kube-aggregator pkg/controllers/autoregister/autoregister_controller.go; apiserver pkg/endpoints/discovery/aggregated/handler.go',
  explanation:
    'kube-apiserver registers an APIService for each group version of a CustomResourceDefinition, but leaves one alone that is there already and is not its own. ' +
    'So every request for the group version goes to the Service, and the resources of the CustomResourceDefinition are 404 there, though it says Established. ' +
    'When the APIService is deleted, the CustomResourceDefinition takes over at once.',
  byHand: [
    'kubectl get apiservice <version>.<group> -o jsonpath={.spec.service}',
    'kubectl get crd <plural>.<group> -o jsonpath={.spec.versions}',
  ],
  remedy:
    'Decide who serves the group version: delete the APIService, or stop serving that version in the CustomResourceDefinition.',
  needs: ['customResources'],
  run({ apiService, customResources }) {
    const { name, version, service } = apiService;
    const claimants = customResources.filter(({ versions }) =>
      versions.some((each) => each.name === version && each.served),
    );
    const [first] = claimants;
    if (!first) return null;
    const others = claimants.length > 1 ? ` and ${claimants.length - 1} more` : '';
    return {
      message:
        `APIService ${name} leads ${groupVersionText(apiService)} to Service ${service.namespace}/${service.name}, ` +
        `so what CustomResourceDefinition ${first.name}${others} defines for that version cannot be reached.`,
      evidence: [
        { from: `APIService ${name} spec.service`, value: `${service.namespace}/${service.name}` },
        ...claimants.slice(0, SHOWN).map((each) => ({
          from: `CustomResourceDefinition ${each.name} spec.versions[${version}]`,
          value: `served: true, kind ${each.kind}`,
        })),
      ],
      remedy: {
        text:
          `Keep one of the two. What the Service stores is not in the CustomResourceDefinition: move it first. Then delete APIService ${name}, and kube-apiserver makes its own for the CustomResourceDefinition within moments; ` +
          `or take version ${version} out of the CustomResourceDefinition.`,
        commands: [`kubectl get crd ${first.name}`, `kubectl aa doctor --before-delete ${name}`],
      },
      affects: claimants.map((each) => ({ kind: 'CustomResourceDefinition', name: each.name })),
    };
  },
});

const SHOWN = 5;
