import { readAnswer } from '../../aggregation/answer.ts';
import { groupVersionText } from '../../aggregation/group-version.ts';
import { hasSettled } from '../../aggregation/health.ts';
import { type BackendDocuments, backendKey, type Fact, type OpenApiDocument } from '../../model/facts.ts';
import type { Evidence } from '../../model/finding.ts';
import { defineCheck } from '../define-check.ts';

const documentText = (fact: Fact<OpenApiDocument>): string =>
  fact.state === 'known' ? `status ${fact.value.httpStatus}` : `${fact.state}: ${fact.detail}`;

/** What the backend's own OpenAPI paths answered. */
const ownEvidence = (
  { pod, address, openApiV3, openApiV2 }: BackendDocuments,
  namespace: string,
): readonly Evidence[] =>
  [['/openapi/v3', openApiV3] as const, ['/openapi/v2', openApiV2] as const].map(([path, fact]) => ({
    from: `GET ${path} of Pod ${namespace}/${pod} (${address})`,
    value: documentText(fact),
  }));

const isAbsent = (fact: Fact<OpenApiDocument>): boolean => fact.state === 'known' && fact.value.httpStatus === 404;

/** Which other backends have paths of the group version in their index. */
const claimants = (
  backends: Readonly<Record<string, Fact<BackendDocuments | null>>>,
  own: string,
  groupVersion: string,
): readonly string[] =>
  Object.entries(backends).flatMap(([key, fact]) => {
    const index = fact.state === 'known' ? fact.value?.openApiV3 : undefined;
    return key !== own && index?.state === 'known' && index.value.groupVersions?.includes(groupVersion) ? [key] : [];
  });

export default defineCheck({
  code: 'AA418',
  title: 'The OpenAPI document of the group version is missing, or two servers have one',
  source:
    "kube-aggregator pkg/controllers/openapiv3 (the index is joined from the backends'; a request goes to the first that lists the path); pkg/controllers/openapi",
  explanation:
    'kubectl explain, client-side validation and server-side apply of kubectl read the OpenAPI document. A backend that serves none is usable all the same, ' +
    'but its types are unknown there. Where the indexes of two backends hold one group version, it is chance which of them is asked for it.',
  byHand: ['kubectl get --raw /openapi/v3', 'kubectl get --raw /openapi/v3/apis/<group>/<version>'],
  remedy:
    'Serve /openapi/v3 (or v2) with the paths of the registered group versions and no others, to any authenticated user.',
  explainedBy: ['AA803'],
  needs: ['openApi', 'answer'],
  uses: ['backends'],
  run({ apiService, openApi, answer, used: { backends } }, capturedAt) {
    const groupVersion = groupVersionText(apiService);
    if (openApi.groupVersions === null || readAnswer(answer, apiService).outcome !== 'works') return null;
    const { namespace, name } = apiService.service;
    const known = backends.state === 'known' ? backends.value : {};
    const key = backendKey(apiService.service);
    const others = claimants(known, key, groupVersion);
    const commands = [`kubectl get --raw ${openApi.path}/apis/${groupVersion}`];
    if (others.length > 0) {
      const which = others.map((other) => `Service ${other}`).join(', ');
      return {
        message: `${which} lists ${groupVersion} in its OpenAPI index, although APIService ${apiService.name} leads to Service ${key}.`,
        evidence: others.map((other) => ({
          from: `GET /openapi/v3 of Service ${other}`,
          value: `apis/${groupVersion}`,
        })),
        remedy: { text: `Let ${which} serve the OpenAPI paths of its own group versions only.`, commands },
      };
    }
    if (openApi.groupVersions.includes(groupVersion)) return null;
    const fact = Object.hasOwn(known, key) ? known[key] : undefined;
    const own = fact?.state === 'known' ? fact.value : null;
    const isProven = own !== null && isAbsent(own.openApiV3) && isAbsent(own.openApiV2);
    // The index follows the condition within a minute or two.
    if (!isProven && !hasSettled(apiService, capturedAt)) return null;
    return {
      message: `${openApi.path} has no paths of ${groupVersion}${isProven ? `: Service ${namespace}/${name} serves no OpenAPI document` : ''}.`,
      evidence: [
        {
          from: `GET ${openApi.path}`,
          value: `${openApi.groupVersions.length} group versions, ${groupVersion} not among them`,
        },
        ...(own ? ownEvidence(own, namespace) : []),
      ],
      confidence: isProven ? 'certain' : 'likely',
      remedy: {
        text: `Let the server behind Service ${namespace}/${name} answer /openapi/v3 or /openapi/v2, also to system:aggregator, which is in no group.`,
        commands,
      },
    };
  },
});
