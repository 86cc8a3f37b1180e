import { type DiscoveredGroup, readDiscovery } from '../../aggregation/discovery-document.ts';
import { clientPreferredVersion } from '../../aggregation/group-order.ts';
import { groupVersionText } from '../../aggregation/group-version.ts';
import { answerReading } from '../../aggregation/health.ts';
import type { ClientCache, DiscoveryDocument, Fact } from '../../model/facts.ts';
import { defineClusterCheck, isRemote } from '../define-check.ts';

/** What is older is fetched anew at the next use (cli-runtime pkg/genericclioptions/config_flags.go). */
const TTL_SECONDS = 6 * 60 * 60;

const SHOWN = 5;

const FILE = 'servergroups.json';

/** By name; null where the document cannot be believed. */
const groupsOf = (fact: Fact<DiscoveryDocument> | undefined): ReadonlyMap<string, DiscoveredGroup> | null => {
  const reading = fact?.state === 'known' ? readDiscovery(fact.value) : null;
  return reading?.valid ? new Map(reading.groups.map((group) => [group.group, group])) : null;
};

const offers = (group: DiscoveredGroup | undefined, version: string): boolean =>
  group?.versions.some((offered) => offered.version === version && offered.freshness !== 'Stale') ?? false;

/** `a, b and 3 more` */
const listed = (items: readonly string[]): string =>
  [...items.slice(0, SHOWN), ...(items.length > SHOWN ? [`${items.length - SHOWN} more`] : [])]
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ');

const isCached = (cache: ClientCache, { group, version }: { readonly group: string; readonly version: string }) =>
  cache.groups.some((cached) => cached.group === group && cached.versions.includes(version));

export default defineClusterCheck({
  code: 'AA419',
  title: "kubectl's local discovery cache shows another state than the server",
  source: 'client-go discovery/cached/disk/cached_discovery.go; cli-runtime pkg/genericclioptions/config_flags.go',
  explanation:
    'kubectl keeps what it discovered in files, by default below ~/.kube/cache/discovery, and believes them for six hours. It asks the server again earlier only where a name is not in them. ' +
    'Until then it asks for versions that are gone, takes a version that is no longer preferred, and does not see new ones. Only clients that share the cache are concerned, which the tool itself never uses.',
  byHand: ['cat ~/.kube/cache/discovery/<host>_<port>/servergroups.json', 'kubectl get --raw /apis'],
  remedy:
    'Let kubectl fetch everything anew (`kubectl api-resources --cached=false`), or remove its cache: it is safe to delete. Otherwise wait: what is older than six hours is fetched anew.',
  needs: ['apiServices', 'clientCache'],
  needsDocuments: ['legacy', 'aggregated'],
  run({ apiServices, answers, clientCache, discoveryDocuments }) {
    const cache = clientCache.state === 'known' ? clientCache.value : null;
    const legacy = groupsOf(discoveryDocuments['legacy']);
    if (cache === null || cache.ageSeconds > TTL_SECONDS || legacy === null || apiServices.state !== 'known') return [];
    // Where the server gives no aggregated document, clients go by the legacy one.
    const aggregated = groupsOf(discoveryDocuments['aggregated']) ?? legacy;
    // The core group stands in a document of its own, and never changes.
    const cachedGroups = cache.groups.filter(({ group }) => group !== '');
    // The legacy document keeps what does not answer: that is no matter of the cache.
    const gone = cachedGroups.flatMap(({ group, versions }) =>
      versions
        .filter((version) =>
          [legacy, aggregated].every(
            (groups) => !groups.get(group)?.versions.some((offered) => offered.version === version),
          ),
        )
        .map((version) => groupVersionText({ group, version })),
    );
    const absent = apiServices.value.filter(
      (apiService) =>
        isRemote(apiService) &&
        !isCached(cache, apiService) &&
        [legacy, aggregated].every((groups) => offers(groups.get(apiService.group), apiService.version)) &&
        answerReading(apiService, answers[apiService.name])?.outcome === 'works',
    );
    // kubectl before 1.27 takes the legacy document's word, later ones the aggregated document's.
    const preferences = cachedGroups.flatMap(({ group, preferredVersion }) => {
      const now = [legacy.get(group), aggregated.get(group)].map((found) => found && clientPreferredVersion(found));
      const [first] = now;
      return first && preferredVersion !== null && now.every((version) => version && version !== preferredVersion)
        ? [{ group, cached: preferredVersion, now: first }]
        : [];
    });
    const parts = [
      ...(gone.length > 0 ? [`still lists ${listed(gone)}`] : []),
      ...(absent.length > 0 ? [`lacks ${listed(absent.map(groupVersionText))}`] : []),
      ...(preferences.length > 0
        ? [`prefers ${listed(preferences.map(({ group, cached, now }) => `${group}/${cached} to ${now}`))}`]
        : []),
    ];
    if (parts.length === 0) return [];
    const minutes = Math.max(0, Math.round(cache.ageSeconds / 60));
    return [
      {
        subject: { kind: 'ClientCache', name: 'kubectl' },
        message: `kubectl's discovery cache, ${minutes} minutes old, differs from the server: it ${parts.join('; it ')}.`,
        evidence: [
          ...gone.slice(0, SHOWN).map((groupVersion) => ({ from: FILE, value: `${groupVersion}, not in GET /apis` })),
          ...absent.slice(0, SHOWN).map(({ name, group, version }) => {
            const count = cache.resources[name] ?? null;
            return {
              from: `${group}/${version}/serverresources.json`,
              value:
                count === null
                  ? `not there, nor is ${group}/${version} in ${FILE}`
                  : `${count === 1 ? '1 resource' : `${count} resources`}, though it is not in ${FILE}`,
            };
          }),
          ...preferences.slice(0, SHOWN).map(({ group, cached, now }) => ({
            from: FILE,
            value: `${group} prefers ${cached}; GET /apis says ${now}`,
          })),
        ],
        remedy: {
          text: 'Let kubectl fetch everything anew, with the --cache-dir that was given here; or remove the folder of this server below discovery in the cache (by default ~/.kube/cache), which is safe. After six hours kubectl does it by itself, and at once where a name is not in the cache.',
          commands: ['kubectl api-resources --cached=false'],
        },
      },
    ];
  },
});
