import { readAnswer } from '../../aggregation/answer.ts';
import { readDiscovery } from '../../aggregation/discovery-document.ts';
import { answerEvidence, entryEvidence, podEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath, groupVersionText } from '../../aggregation/group-version.ts';
import { hasPassingResources } from '../../aggregation/health.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA413',
  title: "The version is registered and marked Current, but absent from the backend's own document",
  source:
    "kube-aggregator pkg/apiserver/handler_discovery.go (a version that the backend's document lacks becomes an empty one)",
  explanation:
    'From Kubernetes 1.26 on kube-aggregator asks the backend for /apis as an aggregated document. Where the backend gives one that lacks the registered version, ' +
    'the version is shown as Current and without resources, although /apis/<group>/<version> lists some: kubectl and controllers do not find them, and nothing says why.',
  byHand: [
    'kubectl get --raw /apis/<group>/<version>',
    "curl -H 'Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' https://localhost:8443/apis  # through kubectl port-forward",
  ],
  remedy:
    'List the version in the aggregated document that the backend gives for /apis, or answer that request with 404 or 406.',
  explainedBy: ['AA803'],
  needs: ['aggregated', 'answer'],
  uses: ['backendGroups'],
  run({ apiService, aggregated, answer, used: { backendGroups } }) {
    if (typeof aggregated === 'string' || aggregated.freshness !== 'Current' || aggregated.resources?.length !== 0)
      return null;
    const reading = readAnswer(answer, apiService);
    // A list that is empty itself is AA412.
    if (reading.outcome !== 'works' || reading.resources === 0 || hasPassingResources(apiService)) return null;
    const own = backendGroups.state === 'known' ? backendGroups.value : null;
    const ownReading = own && readDiscovery(own.document);
    const isProven =
      ownReading?.valid === true &&
      ownReading.form !== 'legacy' &&
      !ownReading.groups.some(
        ({ group, versions }) =>
          group === apiService.group && versions.some(({ version }) => version === apiService.version),
      );
    const path = groupVersionPath(apiService);
    const { namespace, name } = apiService.service;
    return {
      message:
        `The aggregated discovery document shows ${groupVersionText(apiService)} as Current without any resource, although ${path} lists ${reading.resources}: ` +
        `${isProven ? `the aggregated document of Service ${namespace}/${name} lacks the version` : `Service ${namespace}/${name} seems to leave the version out of its own aggregated document`}.`,
      evidence: [
        entryEvidence(apiService, aggregated),
        answerEvidence(apiService, answer),
        ...(own && isProven ? [podEvidence(own.endpoint, own.document)] : []),
      ],
      confidence: isProven ? 'certain' : 'likely',
      remedy: {
        text: `Let the server behind Service ${namespace}/${name} list ${groupVersionText(apiService)} in the aggregated document that it gives for /apis, or refuse that document with status 406.`,
        commands: [`kubectl get --raw ${path}`],
      },
    };
  },
});
