import { readAnswer } from '../../aggregation/answer.ts';
import { type ApiserverDefect, apiserverDefects, mendedRelease } from '../../aggregation/apiserver-defects.ts';
import { readDiscovery } from '../../aggregation/discovery-document.ts';
import { answerEvidence, entryEvidence, podEvidence } from '../../aggregation/evidence.ts';
import { factAt } from '../../aggregation/fact-at.ts';
import { groupVersionText } from '../../aggregation/group-version.ts';
import { havePodsSettled, hasSettled } from '../../aggregation/health.ts';
import { type Answer, backendKey, type BackendDocuments, type DiscoveryDocument } from '../../model/facts.ts';
import type { Confidence, Evidence } from '../../model/finding.ts';
import {
  type BackendFacts,
  defineCheck,
  type FromPod,
  type RemoteApiService,
  type UsedFacts,
} from '../define-check.ts';

interface Symptom {
  readonly defect: ApiserverDefect;
  /** A clause. */
  readonly seen: string;
  readonly evidence: readonly Evidence[];
  readonly confidence: Confidence;
}

type Used = UsedFacts<'aggregated' | 'backendGroups' | 'openApi' | 'backends' | 'apiServices'>['used'];

/** Whether the backend's answer to /apis is one that a mended server goes on from; null where it was not seen. */
const leadsToList = (own: FromPod<DiscoveryDocument> | null): boolean | null => {
  if (own === null) return null;
  const { document } = own;
  const reading = readDiscovery(document);
  if ([304, 406, 503].includes(document.httpStatus)) return false;
  return !(reading.valid && reading.form !== 'legacy');
};

const stale = (apiService: RemoteApiService, answer: Answer, used: Used): Symptom | null => {
  const entry = used.aggregated.state === 'known' ? used.aggregated.value : null;
  if (entry === null || typeof entry === 'string' || entry.freshness !== 'Stale') return null;
  const own = used.backendGroups.state === 'known' ? used.backendGroups.value : null;
  const leads = leadsToList(own);
  if (leads === false) return null;
  return {
    defect: apiserverDefects.noFallback,
    seen: `${groupVersionText(apiService)} is Stale although its list is served`,
    evidence: [
      entryEvidence(apiService, entry),
      own ? podEvidence(own.endpoint, own.document) : answerEvidence(apiService, answer),
    ],
    confidence: leads ? 'certain' : 'likely',
  };
};

const empty = (apiService: RemoteApiService, answer: Answer, used: Used): Symptom | null => {
  const entry = used.aggregated.state === 'known' ? used.aggregated.value : null;
  if (entry === null || typeof entry === 'string' || entry.freshness !== 'Current' || entry.resources?.length !== 0)
    return null;
  const reading = readAnswer(answer, apiService);
  if (reading.outcome !== 'works' || reading.resources === 0) return null;
  const key = backendKey(apiService.service);
  const sibling = (used.apiServices.state === 'known' ? used.apiServices.value : []).find(
    ({ name, service }) => name !== apiService.name && service !== null && backendKey(service) === key,
  );
  const own = used.backendGroups.state === 'known' ? used.backendGroups.value : null;
  if (!sibling || leadsToList(own) === false) return null;
  return {
    defect: apiserverDefects.fallbackShared,
    seen: `${groupVersionText(apiService)} is shown without the resources that its list has, and Service ${key} serves ${groupVersionText(sibling)} as well`,
    evidence: [entryEvidence(apiService, entry), answerEvidence(apiService, answer)],
    confidence: 'likely',
  };
};

const openApiOf = (documents: BackendDocuments | null): readonly string[] =>
  documents?.openApiV3.state === 'known' ? (documents.openApiV3.value.groupVersions ?? []) : [];

const withoutOpenApi = (apiService: RemoteApiService, _answer: Answer, used: Used): Symptom | null => {
  const groupVersion = groupVersionText(apiService);
  const index = used.openApi.state === 'known' ? used.openApi.value : null;
  if (!index?.groupVersions || index.groupVersions.includes(groupVersion)) return null;
  const own = used.backends.state === 'known' ? factAt(used.backends.value, backendKey(apiService.service)) : null;
  const documents = own?.state === 'known' ? own.value : null;
  if (!documents || !openApiOf(documents).includes(groupVersion)) return null;
  const { pod, address } = documents;
  return {
    defect: apiserverDefects.openApiForgotten,
    seen: `${index.path} lacks ${groupVersion}, which the backend has`,
    evidence: [
      {
        from: `GET ${index.path}`,
        value: `${groupVersion} is not among its ${index.groupVersions.length} group versions`,
      },
      {
        from: `GET /openapi/v3 of Pod ${apiService.service.namespace}/${pod} (${address})`,
        value: `apis/${groupVersion}`,
      },
    ],
    confidence: 'likely',
  };
};

const symptoms = [stale, empty, withoutOpenApi];

const shown = ({ gitVersion }: BackendFacts['serverVersion']): Evidence => ({
  from: 'GET /version',
  value: gitVersion,
});

export default defineCheck({
  code: 'AA803',
  title: 'A known defect of this kube-apiserver version explains what is seen',
  source: `kube-aggregator by tag; ${Object.values(apiserverDefects)
    .map(({ mendedBy }) => mendedBy)
    .join(', ')}`,
  explanation:
    'Some releases of kube-apiserver misread a backend that does nothing wrong. Such a defect is named only where the version has it and its symptom is there now: ' +
    'the version alone is never a finding, and neither backend nor APIService has to be changed.',
  byHand: ['kubectl version', 'kubectl get --raw /apis/<group>/<version>'],
  remedy: 'Upgrade the control plane to a patch release without the defect.',
  needs: ['serverVersion', 'answer'],
  uses: ['aggregated', 'backendGroups', 'openApi', 'backends', 'apiServices', 'service', 'pods'],
  run({ apiService, serverVersion, answer, used }, capturedAt) {
    // Discovery and OpenAPI follow the condition within a minute or two.
    const hasFollowed = hasSettled(apiService, capturedAt) && havePodsSettled(used, capturedAt);
    if (readAnswer(answer, apiService).outcome !== 'works' || !hasFollowed) return null;
    for (const symptom of symptoms) {
      const found = symptom(apiService, answer, used);
      const release = found && mendedRelease(found.defect, serverVersion);
      if (!release) continue;
      return {
        message: `kube-apiserver ${serverVersion.gitVersion} has a defect that explains why ${found.seen}: it ${found.defect.does}.`,
        evidence: [shown(serverVersion), ...found.evidence],
        confidence: found.confidence,
        remedy: {
          text: `Upgrade kube-apiserver to ${release} or later (${found.defect.mendedBy}); the server behind Service ${apiService.service.namespace}/${apiService.service.name} need not be changed.`,
          commands: ['kubectl version', `kubectl aa discovery ${apiService.group}`],
        },
      };
    }
    return null;
  },
});
