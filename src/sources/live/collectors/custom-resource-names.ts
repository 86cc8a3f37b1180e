import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import type { ClusterCollector } from './define-collector.ts';
import { oncePerLook } from './once-per-look.ts';

/** Names without the schemas, which make whole CustomResourceDefinitions a hundred times as large. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** The metadata of all CustomResourceDefinitions. */
export const customResourceMetadata = oncePerLook((look) =>
  look.list(
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    objectSchemas.customResourceNames,
    'list customresourcedefinitions.apiextensions.k8s.io',
    METADATA_ONLY,
  ),
);

export const customResourceNames: ClusterCollector<'customResourceNames'> = {
  fact: 'customResourceNames',
  wave: 2,
  requires: [{ verb: 'list', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' }],
  collect: async (look) => {
    const definitions = await customResourceMetadata(look);
    return definitions.map(({ metadata }) => metadata.name);
  },
};
