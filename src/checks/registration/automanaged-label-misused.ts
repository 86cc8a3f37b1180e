import { AUTOMANAGED_LABEL } from '../../aggregation/group-order.ts';
import type { ApiService } from '../../model/facts.ts';
import { defineClusterCheck, type Draft } from '../define-check.ts';

const onRemote = (name: string, service: string, value: string): Draft => ({
  message: `APIService ${name} leads to Service ${service}, yet carries the label by which kube-apiserver knows its own APIServices.`,
  evidence: [{ from: `APIService ${name} metadata.labels[${AUTOMANAGED_LABEL}]`, value: value === '' ? '""' : value }],
  remedy: {
    text: 'Remove the label, here and in the manifest that it comes from: kube-apiserver deletes or overwrites what it takes for its own.',
    commands: [`kubectl label apiservice ${name} ${AUTOMANAGED_LABEL}-`],
  },
});

const missingOnLocal = (name: string): Draft => ({
  message: `APIService ${name} has no Service and is not one of kube-apiserver's own: kube-apiserver neither keeps nor removes it.`,
  evidence: [
    { from: `APIService ${name} spec.service`, value: 'absent' },
    { from: `APIService ${name} metadata.labels[${AUTOMANAGED_LABEL}]`, value: 'absent' },
  ],
  remedy: {
    text: 'Delete it if it was made by hand; a CustomResourceDefinition that serves the group version gets a proper one within moments, a built-in group when kube-apiserver starts again.',
    commands: [`kubectl delete apiservice ${name}`],
  },
});

const misuse = ({ name, service, labels }: ApiService): Draft | null => {
  const label = labels[AUTOMANAGED_LABEL];
  if (service) return label === undefined ? null : onRemote(name, `${service.namespace}/${service.name}`, label);
  return label === undefined ? missingOnLocal(name) : null;
};

export default defineClusterCheck({
  code: 'AA106',
  title: "kube-apiserver's own label is on a remote APIService, or missing on a local one",
  source: 'kube-aggregator pkg/controllers/autoregister/autoregister_controller.go',
  explanation:
    `kube-apiserver marks the APIServices that it makes itself with the label ${AUTOMANAGED_LABEL}: onstart for built-in groups, true for CustomResourceDefinitions. ` +
    'One with true and no CustomResourceDefinition behind it is deleted within a second; one with onstart is deleted or overwritten when kube-apiserver starts. ' +
    'A local APIService without the label is listed in /apis and reports Available whether or not anything serves it, and nothing ever removes it.',
  byHand: [`kubectl get apiservices -L ${AUTOMANAGED_LABEL}`],
  remedy: 'Remove the label from what leads to a Service; delete local APIServices that were made by hand.',
  needs: ['apiServices'],
  run: ({ apiServices }) =>
    (apiServices.state === 'known' ? apiServices.value : []).flatMap((apiService) => {
      const draft = misuse(apiService);
      return draft ? [{ ...draft, subject: { kind: 'APIService', name: apiService.name } }] : [];
    }),
});
