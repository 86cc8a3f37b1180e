import type { DiscoveryDocumentName } from '../../../model/facts.ts';
import type { NamedCollector } from './define-collector.ts';

const aggregated = (version: string, more = ''): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList${more}`;

export const LEGACY = 'application/json';
// A server that knows no aggregated discovery answers the legacy document (apiserver pkg/endpoints/discovery/aggregated/wrapper.go).
export const AGGREGATED = [aggregated('v2'), aggregated('v2beta1'), LEGACY].join(',');
const NO_PEER = [aggregated('v2', ';profile=nopeer'), LEGACY].join(',');

export const discoveryRequests: Readonly<Record<DiscoveryDocumentName, readonly [path: string, accept: string]>> = {
  legacy: ['/apis', LEGACY],
  legacyCore: ['/api', LEGACY],
  aggregated: ['/apis', AGGREGATED],
  aggregatedCore: ['/api', AGGREGATED],
  aggregatedNoPeer: ['/apis', NO_PEER],
};

export const discoveryDocuments: NamedCollector<'discoveryDocuments'> = {
  fact: 'discoveryDocuments',
  wave: 1,
  requires: [
    { verb: 'get', nonResourceURL: '/api' },
    { verb: 'get', nonResourceURL: '/apis' },
  ],
  names: () => Object.keys(discoveryRequests),
  collect: (look, name) => look.documents.discovery(...discoveryRequests[name as DiscoveryDocumentName]),
};
