import { registrationProblems } from '../aggregation/registration-rules.ts';
import { decode } from '../snapshot/decode.ts';
import { parseWith } from '../snapshot/parse-with.ts';
import { objectSchemas, type RawApiService, type RawSnapshot } from '../snapshot/raw-snapshot.ts';
import { serverMinor } from '../snapshot/server-minor.ts';
import { InputFileError } from '../sources/input-file-error.ts';

const GROUP = 'apiregistration.k8s.io';
/** From here on v1beta1 is not served. */
const FIRST_MINOR_WITHOUT_V1BETA1 = 22;

type Members = Readonly<Record<string, unknown>>;

const members = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

/** The APIServices of a document, those of a List each. */
const apiServicesIn = (document: unknown, minor: number | null, source: string): readonly RawApiService[] => {
  const refused = (text: string): InputFileError => new InputFileError(`${source}: ${text}`);
  const { apiVersion, kind, items, metadata, spec } = members(document);
  if (kind === 'List' && Array.isArray(items)) return items.flatMap((item) => apiServicesIn(item, minor, source));
  const isOld = apiVersion === `${GROUP}/v1beta1`;
  if (kind !== 'APIService' || (apiVersion !== `${GROUP}/v1` && !isOld))
    throw refused(
      `a document with kind ${JSON.stringify(kind ?? null)} and apiVersion ${JSON.stringify(apiVersion ?? null)} is no APIService`,
    );
  if (isOld && (minor === null || minor >= FIRST_MINOR_WITHOUT_V1BETA1))
    throw refused(
      `no matches for kind "APIService" in version "${GROUP}/v1beta1": servers from 1.22 on serve v1 only (AA110)`,
    );
  // A priority that is left out is 0 to the API server.
  const parsed = parseWith(objectSchemas.apiServices, {
    metadata,
    spec: { groupPriorityMinimum: 0, versionPriority: 0, ...members(spec) },
  });
  if (!parsed.ok) throw refused(`${parsed.field}: ${parsed.problem}`);
  return [parsed.value];
};

/** As `kubectl apply` leaves it: labels are added, the spec is that of the manifest. */
const apply = (there: RawApiService | undefined, given: RawApiService): RawApiService => ({
  ...there,
  metadata: {
    ...there?.metadata,
    ...given.metadata,
    labels: { ...there?.metadata.labels, ...given.metadata.labels },
    managedFields: [...(there?.metadata.managedFields ?? []), { manager: 'kubectl' }],
  },
  spec: given.spec,
});

/**
 * The snapshot as it would be once the documents of a manifest, `source`, are applied, and the names of what they hold.
 * @throws InputFileError in the words of the API server where it would refuse one
 */
export const withApplied = (
  snapshot: RawSnapshot,
  documents: readonly unknown[],
  source: string,
): { readonly snapshot: RawSnapshot; readonly names: readonly string[] } => {
  const { apiServices, serverVersion } = snapshot.facts;
  const there = apiServices.state === 'known' ? apiServices.value : [];
  const minor = serverVersion.state === 'known' ? serverMinor(serverVersion.value) : null;
  const after = new Map(there.map((apiService) => [apiService.metadata.name, apiService]));
  const given = documents.flatMap((document) => apiServicesIn(document, minor, source));
  if (given.length === 0) throw new InputFileError(`${source} holds no APIService`);
  for (const each of given) {
    const { name } = each.metadata;
    after.set(name, apply(after.get(name), each));
  }
  const applied: RawSnapshot = {
    ...snapshot,
    facts: { ...snapshot.facts, apiServices: { state: 'known', value: [...after.values()] } },
  };
  const names = given.map(({ metadata }) => metadata.name);
  const decoded = decode(applied).facts.apiServices;
  for (const apiService of decoded.state === 'known' ? decoded.value : []) {
    if (!names.includes(apiService.name)) continue;
    const problems = registrationProblems(apiService);
    if (problems.length === 0) continue;
    const texts = problems.map(({ code, text }) => `${text}${code === null ? '' : ` (${code})`}`);
    throw new InputFileError(
      `${source}: The APIService ${JSON.stringify(apiService.name)} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    );
  }
  return { snapshot: applied, names };
};
