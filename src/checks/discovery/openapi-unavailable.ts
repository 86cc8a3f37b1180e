import { readAnswer } from '../../aggregation/answer.ts';
import { selectedPods } from '../../aggregation/endpoints.ts';
import { groupVersionText } from '../../aggregation/group-version.ts';
import { hasSettled } from '../../aggregation/health.ts';
import { type BackendDocuments, backendKey, type Fact, type OpenApiDocument } from '../../model/facts.ts';
import type { Evidence } from '../../model/finding.ts';
import { defineCheck, type Draft, type RemoteApiService } from '../define-check.ts';

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

/** From this minor on kube-aggregator takes of a document of version 2 the paths of the registered group version alone. */
const FIRST_MINOR_THAT_FILTERS_V2 = 28;

interface Claimant {
  readonly key: string;
  readonly pod: string;
  readonly path: string;
}

/** Which other backends have paths of the group version in a document of which kube-aggregator takes all. */
const claimants = (
  backends: Readonly<Record<string, Fact<BackendDocuments | null>>>,
  own: string,
  { groupVersion, minor }: { readonly groupVersion: string; readonly minor: number | null },
): readonly Claimant[] =>
  Object.entries(backends).flatMap(([key, fact]) => {
    const documents = fact.state === 'known' ? fact.value : null;
    if (key === own || documents === null) return [];
    const takenWhole =
      minor !== null && minor < FIRST_MINOR_THAT_FILTERS_V2
        ? [documents.openApiV3, documents.openApiV2]
        : [documents.openApiV3];
    const index = takenWhole.find((each) => each.state === 'known' && each.value.groupVersions?.includes(groupVersion));
    return index?.state === 'known' ? [{ key, pod: documents.pod, path: index.value.path }] : [];
  });

/** Where the index of version 3 has the group version, and the document of version 2 does not. */
const absentFromV2 = (
  apiService: RemoteApiService,
  openApiV2: OpenApiDocument,
  own: BackendDocuments | null,
): Draft | null => {
  const groupVersion = groupVersionText(apiService);
  if (openApiV2.groupVersions === null || openApiV2.groupVersions.includes(groupVersion)) return null;
  const { namespace, name } = apiService.service;
  const isProven = own !== null && isAbsent(own.openApiV2);
  return {
    message: `/openapi/v2 has no paths of ${groupVersion}, although /openapi/v3 has${isProven ? `: Service ${namespace}/${name} serves no document of version 2` : ''}.`,
    evidence: [
      {
        from: 'GET /openapi/v2',
        value: `${openApiV2.groupVersions.length} group versions, ${groupVersion} not among them`,
      },
      ...(own ? ownEvidence(own, namespace) : []),
    ],
    confidence: isProven ? 'certain' : 'likely',
    remedy: {
      text: `Let the server behind Service ${namespace}/${name} answer /openapi/v2 too, also to system:aggregator, which is in no group; where no client reads version 2, leave it.`,
      commands: [`kubectl get --raw /openapi/v2 | grep -c '"/apis/${groupVersion}/'`],
    },
  };
};

export default defineCheck({
  code: 'AA418',
  title: 'The OpenAPI document of the group version is missing, or two servers have one',
  source:
    "kube-aggregator pkg/controllers/openapiv3 (the index is joined from the backends'; a request goes to the first that lists the path); pkg/controllers/openapi",
  explanation:
    'kubectl explain, client-side validation and server-side apply of kubectl read the OpenAPI document. A backend that serves none is usable all the same, ' +
    'but its types are unknown there. Where the indexes of two backends hold one group version, it is chance which of them is asked for it. ' +
    'Tools such as Argo CD, and kubectl before 1.27, read the one document of version 2 instead; it may be of megabytes, so that only `kubectl aa discovery` reads it.',
  byHand: ['kubectl get --raw /openapi/v3', 'kubectl get --raw /openapi/v3/apis/<group>/<version>'],
  remedy:
    'Serve /openapi/v3 (or v2) with the paths of the registered group versions and no others, to any authenticated user.',
  explainedBy: ['AA803'],
  needs: ['openApi', 'answer'],
  uses: ['backends', 'openApiV2', 'serverVersion', 'service', 'pods'],
  run({ apiService, openApi, answer, used }, capturedAt) {
    const { backends, openApiV2, serverVersion, service, pods } = used;
    const groupVersion = groupVersionText(apiService);
    if (openApi.groupVersions === null || readAnswer(answer, apiService).outcome !== 'works') return null;
    const { namespace, name } = apiService.service;
    const known = backends.state === 'known' ? backends.value : {};
    const key = backendKey(apiService.service);
    const minor = serverVersion.state === 'known' ? serverVersion.value.minor : null;
    const ownPods =
      service.state === 'known' && service.value && pods.state === 'known'
        ? selectedPods(service.value, pods.value).map((pod) => pod.name)
        : [];
    const others = claimants(known, key, { groupVersion, minor }).filter(
      // Another Service before the same Pods claims nothing: either leads to the right server.
      (other) => !(other.key.startsWith(`${namespace}/`) && ownPods.includes(other.pod)),
    );
    const commands = [`kubectl get --raw ${openApi.path}/apis/${groupVersion}`];
    if (others.length > 0) {
      const which = others.map((other) => `Service ${other.key}`).join(', ');
      return {
        message: `${which} lists ${groupVersion} in its OpenAPI index, although APIService ${apiService.name} leads to Service ${key}.`,
        evidence: others.map((other) => ({
          from: `GET ${other.path} of Service ${other.key}`,
          value: `apis/${groupVersion}`,
        })),
        remedy: { text: `Let ${which} serve the OpenAPI paths of its own group versions only.`, commands },
      };
    }
    const fact = Object.hasOwn(known, key) ? known[key] : undefined;
    const own = fact?.state === 'known' ? fact.value : null;
    if (openApi.groupVersions.includes(groupVersion)) {
      // Not asked for outside of discovery.
      if (openApiV2.state === 'notCollected' || !hasSettled(apiService, capturedAt)) return null;
      return openApiV2.state === 'known'
        ? absentFromV2(apiService, openApiV2.value, own)
        : { undeterminedFor: 'openApiV2' };
    }
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
