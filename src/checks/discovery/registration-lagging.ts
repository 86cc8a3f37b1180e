import { isUnknownPath, readAnswer } from '../../aggregation/answer.ts';
import { answerEvidence, conditionEvidence, entryEvidence } from '../../aggregation/evidence.ts';
import { groupVersionPath } from '../../aggregation/group-version.ts';
import { hasSettled } from '../../aggregation/health.ts';
import type { BackendDocuments, Fact, FactsByName } from '../../model/facts.ts';
import type { Evidence, Subject } from '../../model/finding.ts';
import { defineCheck } from '../define-check.ts';

/** Registration takes less than half a second where nothing holds it up. */
const USUAL_MS = 5000;
/** How long the availability check may take to see what fails. */
const NOTICED_MS = 60_000;
/** From when on a document of a few hundred kilobytes counts as not coming. */
const HANGING_MS = 5000;

interface Hanging {
  readonly service: Subject;
  readonly evidence: readonly Evidence[];
}

/** The backends that do not answer their OpenAPI paths. */
const hangingBackends = (backends: Fact<FactsByName<BackendDocuments | null>>): readonly Hanging[] =>
  Object.entries(backends.state === 'known' ? backends.value : {}).flatMap(([key, fact]) => {
    if (fact.state !== 'known' || fact.value === null) return [];
    const { pod, address, openApiV3, openApiV2 } = fact.value;
    const [namespace = '', rest = ''] = key.split('/');
    const evidence = [['/openapi/v3', openApiV3] as const, ['/openapi/v2', openApiV2] as const].flatMap(
      ([path, document]) => {
        const from = `GET ${path} of Pod ${namespace}/${pod} (${address})`;
        if (document.state === 'timedOut') return [{ from, value: document.detail }];
        return document.state === 'known' && document.value.latencyMs > HANGING_MS
          ? [{ from, value: `answered after ${Math.round(document.value.latencyMs)} ms` }]
          : [];
      },
    );
    const service = { kind: 'Service', namespace, name: rest.replace(/:\d+$/, '') };
    return evidence.length > 0 ? [{ service, evidence }] : [];
  });

export default defineCheck({
  code: 'AA421',
  title: 'The registration lags behind: another backend holds it up',
  source:
    'kube-aggregator pkg/apiserver/apiservice_controller.go (one worker for every change); pkg/controllers/openapi and openapiv3 (their lock is held while a document is downloaded, up to 60 s each)',
  explanation:
    'One worker carries every change of an APIService to the proxy, to discovery and to OpenAPI, and waits there while the OpenAPI document of any backend is downloaded. ' +
    'A backend that is Available but never answers /openapi/v2 and /openapi/v3 so holds up all others: a new APIService is Available, yet answers 404, ' +
    'and a dead one is still proxied, for two minutes and more.',
  byHand: ['kubectl get --raw /apis/<group>/<version>', 'time kubectl get --raw /openapi/v3'],
  remedy: 'Let the backend that hangs answer its OpenAPI paths, if only with 404, or take its APIService away.',
  needs: ['answer', 'aggregated'],
  uses: ['backends'],
  run({ apiService, answer, aggregated, used: { backends } }, capturedAt) {
    const { availability } = apiService;
    if (!availability?.since) return null;
    const age = capturedAt.getTime() - Date.parse(availability.since);
    const hanging = hangingBackends(backends);
    const isNew = availability.status === 'True' && aggregated === 'absent' && isUnknownPath(answer) && age >= USUAL_MS;
    const isStillProxied =
      availability.status !== 'True' &&
      age >= NOTICED_MS &&
      hanging.length > 0 &&
      readAnswer(answer, apiService).outcome === 'fails';
    const [culprit] = hanging;
    // Of one that is young AA117 says to wait; only a backend that is seen to hang makes it a fault.
    if (isNew ? !culprit && !hasSettled(apiService, capturedAt) : !isStillProxied) return null;
    const path = groupVersionPath(apiService);
    const what = isNew
      ? `is Available, yet kube-aggregator does not know ${path}`
      : `is Available=${availability.status} for ${Math.round(age / 1000)} s, yet requests for ${path} are still passed on to its backend`;
    const which = hanging.map(({ service }) => `Service ${service.namespace}/${service.name}`).join(', ');
    return {
      message: `APIService ${apiService.name} ${what}: ${culprit ? `its registration waits for ${which}, which does not answer its OpenAPI paths` : 'its registration lags behind, as where a backend does not answer its OpenAPI paths'}.`,
      evidence: [
        conditionEvidence(apiService),
        answerEvidence(apiService, answer),
        ...(isNew ? [entryEvidence(apiService, null)] : []),
        ...hanging.flatMap(({ evidence }) => evidence),
      ],
      confidence: culprit ? (isNew ? 'certain' : 'likely') : 'likely',
      ...(culprit && hanging.length === 1 ? { sharedCause: culprit.service } : {}),
      remedy: {
        text: culprit
          ? `Let ${which} answer /openapi/v2 and /openapi/v3, if only with 404, or restart it; then wait two minutes.`
          : 'Wait two minutes; if it stays, find the backend that does not answer /openapi/v2 or /openapi/v3.',
        commands: culprit
          ? [`kubectl -n ${culprit.service.namespace} describe service ${culprit.service.name}`]
          : ['time kubectl get --raw /openapi/v3'],
      },
    };
  },
});
