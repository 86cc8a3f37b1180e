import pLimit from 'p-limit';

import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { RequestFailed } from '../cluster-reader.ts';
import { customResourceMetadata } from './custom-resource-names.ts';
import { areDependentsNeeded, type ClusterCollector, leadsToBackend } from './define-collector.ts';

/** Whole definitions are large, of hundreds of kilobytes each: products with hundreds of them would take all the time there is. */
const AT_ONCE = 16;
const MOST = 100;

/**
 * The CustomResourceDefinitions whose conversion webhook can be called through a backend. Which of them have one, the fields
 * tell that their writers own; where nobody owns any, the definition itself is asked.
 */
export const customResourceConversions: ClusterCollector<'customResourceConversions'> = {
  fact: 'customResourceConversions',
  wave: 3,
  requires: [
    { verb: 'list', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
    { verb: 'get', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  ],
  isNeeded: areDependentsNeeded,
  collect: async (look, found) => {
    const limit = pLimit(AT_ONCE);
    const definitions = await customResourceMetadata(look);
    const converted = definitions.filter(
      ({ metadata: { managedFields } }) => !managedFields?.length || managedFields.some(({ fieldsV1 }) => fieldsV1),
    );
    if (converted.length > MOST)
      throw new RequestFailed(
        'notCollected',
        `get customresourcedefinitions.apiextensions.k8s.io: ${converted.length} have a conversion webhook, and no more than ${MOST} are read`,
      );
    const read = await limit.map(converted, ({ metadata: { name } }) =>
      look.object(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${encodeURIComponent(name)}`,
        objectSchemas.customResourceConversions,
        `get customresourcedefinitions.apiextensions.k8s.io ${name}`,
      ),
    );
    return read.flatMap((definition) =>
      definition && leadsToBackend(found, definition.spec.conversion?.webhook?.clientConfig?.service)
        ? [definition]
        : [],
    );
  },
};
