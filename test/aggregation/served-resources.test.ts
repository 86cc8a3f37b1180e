import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readDiscovery } from '../../src/aggregation/discovery-document.ts';
import { resolveName } from '../../src/aggregation/name-resolution.ts';
import { servedResources, type ServedResources } from '../../src/aggregation/served-resources.ts';
import type { DiscoveryDocument, Fact, Facts } from '../../src/model/facts.ts';
import { decode } from '../../src/snapshot/decode.ts';
import { redact } from '../../src/snapshot/redact.ts';
import { type CaseFacts, snapshotOf } from '../case-snapshot.ts';

const recorded = (name: string): Facts => {
  const path = join(import.meta.dirname, `../clusters/${name}.aa.json`);
  return decode(redact(JSON.parse(readFileSync(path, 'utf8')), [])).facts;
};

const documentOf = (fact: Fact<DiscoveryDocument> | undefined): DiscoveryDocument => {
  if (fact?.state !== 'known') throw new Error(fact?.detail ?? 'absent');
  return fact.value;
};

const known = (fact: Fact<ServedResources>): ServedResources => {
  if (fact.state !== 'known') throw new Error(fact.detail);
  return fact.value;
};

/** The facts as a server without aggregated discovery gives them: the legacy document whatever is asked, and a list for each version. */
const asLegacy = (facts: Facts): Facts => {
  const localLists: Record<string, Fact<DiscoveryDocument>> = {};
  for (const name of ['aggregatedCore', 'aggregated'] as const) {
    const reading = readDiscovery(documentOf(facts.discoveryDocuments[name]));
    for (const { group, versions } of reading.valid ? reading.groups : [])
      for (const { version, resources } of versions)
        localLists[`${version}.${group}`] = {
          state: 'known',
          value: {
            ...documentOf(facts.discoveryDocuments['legacy']),
            body: {
              form: 'json',
              value: {
                kind: 'APIResourceList',
                apiVersion: 'v1',
                groupVersion: group === '' ? version : `${group}/${version}`,
                resources: (resources ?? []).flatMap(({ resource, singular, subresources, ...more }) => [
                  { ...more, name: resource, singularName: singular },
                  ...subresources.map((each) => ({ ...more, name: `${resource}/${each}`, singularName: '' })),
                ]),
              },
            },
          },
        };
  }
  const { legacy, legacyCore } = facts.discoveryDocuments;
  if (!legacy || !legacyCore) throw new Error('a recorded cluster has all documents');
  return {
    ...facts,
    discoveryDocuments: { legacy, legacyCore, aggregated: legacy, aggregatedCore: legacyCore },
    localLists,
  };
};

const text = ({ group, version, resource, kind }: ServedResources['resources'][number]): string =>
  `${resource}.${version}.${group} ${kind}`;

describe.each(['ten-backends', 'priorities'])('the cluster %s told by legacy documents', (cluster) => {
  const facts = recorded(cluster);
  const aggregated = known(servedResources(facts));
  const legacy = known(servedResources(asLegacy(facts)));

  it('serves the same resources', () => {
    expect(legacy.from).toBe('legacy');
    expect(aggregated.from).toBe('aggregated');
    expect(aggregated.resources.length).toBeGreaterThan(50);
    expect(legacy.resources.map(text).toSorted()).toEqual(aggregated.resources.map(text).toSorted());
  });

  it('gives every name the same meaning', () => {
    const names = [...aggregated.namesakes.keys()];
    const meanings = ({ resources }: ServedResources) =>
      names.map((name) => {
        const match = resolveName(resources, name);
        return `${name}: ${match ? text(match.served) : 'nothing'}`;
      });
    expect(names.length).toBeGreaterThan(100);
    expect(meanings(legacy)).toEqual(meanings(aggregated));
  });
});

describe('a list that cannot be had', () => {
  const things = (group: string) => ({
    json: {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: `${group}/v1`,
      resources: [{ name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', verbs: ['get'] }],
    },
  });
  const groups = {
    contentType: 'application/json',
    json: {
      kind: 'APIGroupList',
      groups: [
        {
          name: 'apiregistration.k8s.io',
          versions: [{ groupVersion: 'apiregistration.k8s.io/v1', version: 'v1' }],
          preferredVersion: { version: 'v1' },
        },
        {
          name: 'a.example.com',
          versions: [{ version: 'v2' }, { version: 'v1' }],
          preferredVersion: { version: 'v1' },
        },
      ],
    },
  };
  const core = { contentType: 'application/json', json: { kind: 'APIVersions', versions: [] } };
  const given = (localLists: CaseFacts['localLists'], answers: CaseFacts['answers']): Facts =>
    snapshotOf({
      discoveryDocuments: { legacy: groups, legacyCore: core, aggregated: groups, aggregatedCore: core },
      localLists: localLists ?? {},
      answers: answers ?? {},
    }).facts;
  const v2 = { 'v2.a.example.com': { json: { ...things('a.example.com').json, groupVersion: 'a.example.com/v2' } } };

  it('leaves what clients do not see either, where the server answers with an error', () => {
    const served = known(
      servedResources(given(v2, { 'v1.a.example.com': { status: 503, text: 'service unavailable\n' } })),
    );
    expect(served.resources.map(text)).toEqual([
      'apiservices.v1.apiregistration.k8s.io APIService',
      'things.v2.a.example.com Thing',
    ]);
    expect(served.stale).toEqual([{ group: 'a.example.com', version: 'v1' }]);
  });

  it('takes the preferred version first, wherever it stands', () => {
    const served = known(servedResources(given({ ...v2, 'v1.a.example.com': things('a.example.com') }, {})));
    expect(served.resources.map(text).slice(1)).toEqual([
      'things.v1.a.example.com Thing',
      'things.v2.a.example.com Thing',
    ]);
  });

  it('is a reason not to know, where it was not answered', () => {
    const missing = { state: 'timedOut', detail: 'not in time' } as const;
    expect(servedResources(given(v2, { 'v1.a.example.com': { missing } }))).toEqual(missing);
    expect(servedResources(given(v2, {})).state).toBe('notCollected');
  });
});
