import type { RawApiService, RawDiscoveryDocument } from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import { LEGACY } from './discovery-documents.ts';
import type { Found, NamedCollector } from './define-collector.ts';

/** In this order, for every custom resource (apiextensions-apiserver customresource_discovery_controller.go). */
const CUSTOM_RESOURCE_VERBS = 'delete,deletecollection,get,list,patch,create,update,watch';

type Members = Readonly<Record<string, unknown>>;

const items = (value: unknown): readonly Members[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];

/** The versions of an aggregated document by `<version>.<group>`; null where it is none. */
const aggregatedVersions = ({ body }: RawDiscoveryDocument): ReadonlyMap<string, Members> | null => {
  const document = (body.form === 'json' ? body.value : null) as Members | null;
  if (document?.['kind'] !== 'APIGroupDiscoveryList') return null;
  return new Map(
    items(document['items']).flatMap(({ metadata, versions }) =>
      items(versions).map((version): [string, Members] => [
        `${String(version['version'])}.${String((metadata as Members | null | undefined)?.['name'])}`,
        version,
      ]),
    ),
  );
};

const looksLikeCustomResources = ({ resources }: Members): boolean =>
  items(resources).length > 0 && items(resources).every(({ verbs }) => String(verbs) === CUSTOM_RESOURCE_VERBS);

const localOnes = ({ facts: { apiServices } }: Found): readonly RawApiService[] =>
  apiServices?.state === 'known' ? apiServices.value.filter(({ spec }) => !spec.service) : [];

/**
 * Every local group version where there is no aggregated document; else those kept for a CRD whose entry there does not look
 * like a CRD's: such an entry may be a Service's that is gone.
 */
export const localLists: NamedCollector<'localLists'> = {
  fact: 'localLists',
  wave: 2,
  requires: [{ verb: 'get', nonResourceURL: '/apis/*' }],
  names: (found) => {
    const document = found.facts.discoveryDocuments?.['aggregated'];
    if (document?.state !== 'known') return [];
    const aggregated = aggregatedVersions(document.value);
    return localOnes(found)
      .filter(({ metadata: { name, labels } }) => {
        if (aggregated === null) return true;
        const entry = aggregated.get(name);
        const isForCrd = labels?.['kube-aggregator.kubernetes.io/automanaged'] === 'true';
        return isForCrd && entry !== undefined && !looksLikeCustomResources(entry);
      })
      .map(({ metadata }) => metadata.name);
  },
  collect: (look, name, found) => {
    const spec = localOnes(found).find(({ metadata }) => metadata.name === name)?.spec;
    if (!spec?.version) throw new RequestFailed('unreadable', `APIService ${name} names no version to ask for`);
    const path = spec.group ? `/apis/${encodeURIComponent(spec.group)}` : '/api';
    return look.documents.discovery(`${path}/${encodeURIComponent(spec.version)}`, LEGACY);
  },
};
