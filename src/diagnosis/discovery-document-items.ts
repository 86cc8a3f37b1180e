import { answerReading } from '../aggregation/health.ts';
import { readDiscovery } from '../aggregation/discovery-document.ts';
import { groupVersionPath } from '../aggregation/group-version.ts';
import type { Answer, ApiService, DiscoveryDocument, Fact, Facts, OpenApiDocument } from '../model/facts.ts';
import type { DiscoveryDocumentItem } from '../model/report.ts';
import { quoteLine } from './received-text.ts';
import { knownApiServices } from './cluster-summary.ts';

const API_SERVER = 'kube-apiserver';
const JSON_TYPE = 'application/json';

/** What was asked for, where the answer itself may be missing. */
interface Asked {
  readonly from: string;
  readonly path: string;
  readonly accept: string;
}

const roundedMs = (latencyMs: number): number => Math.round(latencyMs * 10) / 10;

const item = (
  asked: Asked,
  fact: Fact<Answer & Partial<Pick<DiscoveryDocument, 'bytes' | 'path' | 'accept'>>>,
  errorOf: (answer: Answer) => string | null,
): DiscoveryDocumentItem => {
  if (fact.state !== 'known')
    return {
      ...asked,
      status: null,
      contentType: null,
      bytes: null,
      latencyMs: null,
      error: quoteLine(`${fact.state}: ${fact.detail}`),
    };
  const { httpStatus, contentType, bytes, latencyMs, path, accept } = fact.value;
  const error = errorOf(fact.value);
  return {
    from: asked.from,
    path: path ?? asked.path,
    accept: accept ?? asked.accept,
    status: httpStatus,
    contentType: contentType === null ? null : quoteLine(contentType),
    bytes: bytes ?? null,
    latencyMs: roundedMs(latencyMs),
    error: error === null ? null : quoteLine(error),
  };
};

const openApiItem = (from: string, path: string, fact: Fact<OpenApiDocument>): DiscoveryDocumentItem => {
  const asked = { from, path, accept: JSON_TYPE };
  const none = { contentType: null, bytes: null };
  if (fact.state !== 'known')
    return { ...asked, ...none, status: null, latencyMs: null, error: quoteLine(`${fact.state}: ${fact.detail}`) };
  const { httpStatus, latencyMs, groupVersions } = fact.value;
  return {
    ...asked,
    ...none,
    path: fact.value.path,
    status: httpStatus,
    latencyMs: roundedMs(latencyMs),
    error: groupVersions === null ? `the answer has the HTTP status ${httpStatus} and is no OpenAPI document` : null,
  };
};

const groupsError = (answer: Answer): string | null => {
  const reading = readDiscovery(answer);
  return reading.valid ? null : `the answer ${reading.problem}`;
};

const listError =
  (apiService: ApiService) =>
  (answer: Answer): string | null => {
    const reading = answerReading(apiService, { state: 'known', value: answer });
    if (reading?.outcome === 'works') return null;
    return reading?.outcome === 'invalidDocument'
      ? `the answer ${reading.problem}`
      : `the answer has the HTTP status ${answer.httpStatus}`;
  };

/** Every document that was asked for, of the API server and of backends. */
export const documentItems = (facts: Facts): readonly DiscoveryDocumentItem[] => {
  const apiServices = new Map(knownApiServices(facts).map((apiService) => [apiService.name, apiService]));
  const listItems = (from: string, facts_: Readonly<Record<string, Fact<Answer>>>): readonly DiscoveryDocumentItem[] =>
    Object.entries(facts_).flatMap(([name, fact]) => {
      const apiService = apiServices.get(name);
      return apiService
        ? [item({ from, path: groupVersionPath(apiService), accept: JSON_TYPE }, fact, listError(apiService))]
        : [];
    });
  return [
    ...Object.entries(facts.discoveryDocuments).map(([name, fact]) =>
      item(
        {
          from: API_SERVER,
          path: name.endsWith('Core') ? '/api' : '/apis',
          accept: name.startsWith('legacy') ? JSON_TYPE : '',
        },
        fact,
        groupsError,
      ),
    ),
    ...Object.entries(facts.groupDocuments).map(([group, fact]) =>
      item({ from: API_SERVER, path: `/apis/${group}`, accept: JSON_TYPE }, fact, groupsError),
    ),
    ...listItems(API_SERVER, facts.answers),
    ...listItems(API_SERVER, facts.localLists),
    ...(facts.openApi.state === 'notCollected' ? [] : [openApiItem(API_SERVER, '/openapi/v3', facts.openApi)]),
    ...(facts.openApiV2.state === 'notCollected' ? [] : [openApiItem(API_SERVER, '/openapi/v2', facts.openApiV2)]),
    ...Object.entries(facts.backendDocuments).flatMap(([key, fact]) => {
      if (fact.state !== 'known')
        return [item({ from: `Service ${key}`, path: '/apis', accept: '' }, fact, groupsError)];
      if (fact.value === null) return [];
      const { pod, groups, lists, openApiV3, openApiV2 } = fact.value;
      const from = `Pod ${key.split('/')[0] ?? ''}/${pod}`;
      return [
        item({ from, path: '/apis', accept: '' }, groups, groupsError),
        ...listItems(from, lists),
        openApiItem(from, '/openapi/v3', openApiV3),
        openApiItem(from, '/openapi/v2', openApiV2),
      ];
    }),
  ];
};
