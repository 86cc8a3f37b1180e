import { factAt } from '../aggregation/fact-at.ts';
import { answerText, readAnswer } from '../aggregation/answer.ts';
import { type DiscoveredGroup, type DiscoveryReading, readDiscovery } from '../aggregation/discovery-document.ts';
import { aggregatedOrder, clientPreferredVersion, legacyOrder } from '../aggregation/group-order.ts';
import { groupVersionPath } from '../aggregation/group-version.ts';
import type { AnyCheck } from '../checks/define-check.ts';
import {
  type Answer,
  type ApiService,
  backendKey,
  type ClusterSnapshot,
  type DiscoveryDocumentName,
  type Fact,
  type Facts,
} from '../model/facts.ts';
import type { Finding } from '../model/finding.ts';
import type {
  DiscoveryDifference,
  DiscoveryGroupItem,
  DiscoveryReport,
  DiscoveryVersionItem,
  Ranks,
  ServedView,
} from '../model/report.ts';
import { documentItems } from './discovery-document-items.ts';
import { orderDifferences } from './order-differences.ts';
import { placeIn, ranks } from './places.ts';
import { quoteLine } from './received-text.ts';
import { clusterSummary, knownApiServices } from './cluster-summary.ts';
import { doctorReport } from './report.ts';

/** Where each group of one document stands, and its versions in order. */
type Places = ReadonlyMap<string, { readonly place: number; readonly versions: readonly string[] }>;

const placesOf = (
  groups: readonly { readonly group: string; readonly versions: readonly { readonly version: string }[] }[] | null,
): Places =>
  new Map(
    (groups ?? []).map(({ group, versions }, index) => [
      group,
      { place: index + 1, versions: versions.map(({ version }) => version) },
    ]),
  );

/** The whole of discovery as it was expected and as it was found. */
interface Seen {
  readonly apiServices: readonly ApiService[];
  readonly places: Readonly<Record<keyof Ranks, Places>>;
  /** Null where the document is not there or cannot be believed. */
  readonly legacy: readonly DiscoveredGroup[] | null;
  readonly aggregated: readonly DiscoveredGroup[] | null;
  /** The group "" of both. */
  readonly legacyCore: DiscoveredGroup | null;
  readonly aggregatedCore: DiscoveredGroup | null;
}

const readingOf = ({ discoveryDocuments }: Facts, name: DiscoveryDocumentName): DiscoveryReading | null => {
  const fact = factAt(discoveryDocuments, name);
  return fact.state === 'known' ? readDiscovery(fact.value) : null;
};

const groupsOf = (
  reading: DiscoveryReading | null,
  wanted: 'legacy' | 'aggregated',
): readonly DiscoveredGroup[] | null =>
  reading?.valid && (reading.form === 'legacy') === (wanted === 'legacy') ? reading.groups : null;

const seenIn = (facts: Facts): Seen => {
  const apiServices = knownApiServices(facts);
  const legacy = groupsOf(readingOf(facts, 'legacy'), 'legacy');
  const aggregated = groupsOf(readingOf(facts, 'aggregated'), 'aggregated');
  return {
    apiServices,
    places: {
      expectedLegacy: placesOf(legacyOrder(apiServices)),
      legacy: placesOf(legacy),
      expectedAggregated: placesOf(aggregatedOrder(apiServices)),
      aggregated: placesOf(aggregated),
    },
    legacy,
    aggregated,
    legacyCore: groupsOf(readingOf(facts, 'legacyCore'), 'legacy')?.[0] ?? null,
    aggregatedCore: groupsOf(readingOf(facts, 'aggregatedCore'), 'aggregated')?.[0] ?? null,
  };
};

/** What the API server or a backend answered for a version. */
const servedView = (fact: Fact<Answer>, apiService: ApiService): ServedView => {
  if (fact.state !== 'known') return { served: false, resources: 0, error: quoteLine(`${fact.state}: ${fact.detail}`) };
  const reading = readAnswer(fact.value, apiService);
  if (reading.outcome === 'works') return { served: true, resources: reading.list.length, error: null };
  return {
    served: false,
    resources: 0,
    error: quoteLine(
      reading.outcome === 'invalidDocument'
        ? `the answer ${reading.problem}`
        : `${fact.value.httpStatus} ${answerText(fact.value)}`,
    ),
  };
};

const legacyView = (facts: Facts, apiService: ApiService): ServedView | null => {
  const held = apiService.service ? facts.answers : facts.localLists;
  return Object.hasOwn(held, apiService.name) ? servedView(factAt<Answer>(held, apiService.name), apiService) : null;
};

/** A backend that refuses strangers is in order: then nothing is known of its document. */
const backendViewOf = (facts: Facts, apiService: ApiService): ServedView | null => {
  if (!apiService.service) return null;
  const backend = factAt(facts.backendDocuments, backendKey(apiService.service));
  if (backend.state === 'notCollected') return null;
  if (backend.state !== 'known') return servedView(backend, apiService);
  if (backend.value === null) return null;
  const list = factAt(backend.value.lists, apiService.name);
  return list.state === 'known' && [401, 403].includes(list.value.httpStatus) ? null : servedView(list, apiService);
};

const aggregatedView = (group: DiscoveredGroup | undefined, version: string, isOffered: boolean): ServedView | null => {
  if (!isOffered) return null;
  const found = group?.versions.find((each) => each.version === version);
  if (!found) return { served: false, resources: 0, error: null };
  return found.freshness === 'Stale'
    ? { served: false, resources: 0, error: 'Stale' }
    : { served: true, resources: found.resources?.length ?? 0, error: null };
};

const groupItem = (group: string, facts: Facts, seen: Seen): DiscoveryGroupItem => {
  const isCore = group === '';
  const find = (groups: readonly DiscoveredGroup[] | null, core: DiscoveredGroup | null): DiscoveredGroup | undefined =>
    isCore ? (core ?? undefined) : groups?.find((each) => each.group === group);
  const legacy = find(seen.legacy, seen.legacyCore);
  const aggregated = find(seen.aggregated, seen.aggregatedCore);
  const registered = seen.apiServices.filter((each) => each.group === group);
  const versionNames = [
    ...new Set(
      [aggregated?.versions, legacy?.versions, registered].flatMap((versions) =>
        (versions ?? []).map(({ version }) => version),
      ),
    ),
  ];
  // Whoever reads the aggregated document asks no other.
  const isAggregated = (isCore ? seen.aggregatedCore : seen.aggregated) !== null;
  const client = isAggregated ? aggregated : legacy;
  return {
    group,
    rank: ranks((document) => seen.places[document].get(group)?.place ?? null),
    preferredVersion: {
      expected:
        seen.places.expectedLegacy.get(group)?.versions[0] ?? (isCore ? (registered[0]?.version ?? null) : null),
      legacy: legacy?.preferredVersion ?? null,
      aggregated: aggregated?.versions[0]?.version ?? null,
      clients: client ? clientPreferredVersion(client) : null,
    },
    versions: versionNames.map((version): DiscoveryVersionItem => {
      const apiService = registered.find((each) => each.version === version);
      return {
        version,
        apiService: apiService?.name ?? null,
        servedBy: apiService ? (apiService.service ? backendKey(apiService.service) : 'Local') : null,
        rank: ranks((document) => placeIn(seen.places[document].get(group)?.versions, version)),
        legacy: apiService ? legacyView(facts, apiService) : null,
        aggregated: aggregatedView(aggregated, version, isAggregated),
        backend: apiService ? backendViewOf(facts, apiService) : null,
        freshness: aggregated?.versions.find((each) => each.version === version)?.freshness ?? null,
      };
    }),
  };
};

/** Every group, in the aggregated document's order, or the legacy one's where there is none; what is only registered comes last. */
const groupNames = ({ aggregatedCore, legacyCore, places }: Seen): readonly string[] => [
  ...new Set([
    ...(aggregatedCore || legacyCore ? [''] : []),
    ...[places.aggregated, places.legacy, places.expectedLegacy].flatMap((document) => [...document.keys()]),
  ]),
];

const viewText = (view: ServedView | null | undefined): string | null =>
  view ? (view.error ?? (view.served ? `${view.resources} resources` : 'absent')) : null;

const findingDifference = (
  { code, severity, subject, message, affects }: Finding,
  groups: readonly DiscoveryGroupItem[],
): DiscoveryDifference => {
  const names = [subject, ...affects].map(({ name }) => name);
  const found = groups
    .flatMap(({ group, versions }) => versions.map((version) => ({ group, ...version })))
    .find(({ apiService }) => apiService !== null && names.includes(apiService));
  return {
    path: found ? groupVersionPath(found) : '/apis',
    legacy: viewText(found?.legacy),
    aggregated: viewText(found?.aggregated),
    backend: viewText(found?.backend),
    code,
    severity,
    why: message,
  };
};

export interface DiscoveryReportOptions {
  /** The groups to report on; all where empty. */
  readonly groups: readonly string[];
}

/** What discovery offers and should offer. Needs `apiServices` to be known. */
export const discoveryReport = (
  checks: readonly AnyCheck[],
  snapshot: ClusterSnapshot,
  { groups: wanted }: DiscoveryReportOptions,
): DiscoveryReport => {
  const { facts } = snapshot;
  const seen = seenIn(facts);
  const isWanted = (group: string): boolean => wanted.length === 0 || wanted.includes(group);
  const groups = groupNames(seen)
    .filter(isWanted)
    .map((group) => groupItem(group, facts, seen));
  const isAboutDiscovery = ({ code }: { readonly code: string }): boolean => code.startsWith('AA4');
  // All checks run, so that what follows from something else is told apart; what is shown is what concerns discovery.
  const { findings, undetermined } = doctorReport(checks, snapshot, {});
  const apiServices = new Set(groups.flatMap(({ versions }) => versions.map(({ apiService }) => apiService)));
  const concerns = ({ subject, affects }: Finding): boolean =>
    wanted.length === 0 || [subject, ...affects].some(({ name }) => apiServices.has(name));
  return {
    apiVersion: 'kubectl-aa/v1',
    kind: 'DiscoveryReport',
    capturedAt: snapshot.capturedAt,
    cluster: clusterSummary(snapshot),
    groups,
    differences: [
      ...findings
        .filter((finding) => isAboutDiscovery(finding) && concerns(finding))
        .map((finding) => findingDifference(finding, groups)),
      ...(seen.legacy && seen.aggregated
        ? orderDifferences({ legacy: seen.legacy, aggregated: seen.aggregated }, seen.apiServices).filter(({ path }) =>
            isWanted(path.split('/')[2] ?? ''),
          )
        : []),
    ],
    documents: documentItems(facts).filter(({ path }) => {
      const group = /^\/apis\/([^/]+)/.exec(path)?.[1];
      return group === undefined || isWanted(group);
    }),
    undetermined: undetermined.filter(isAboutDiscovery),
  };
};
