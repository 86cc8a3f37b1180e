import { RequestFailed } from '../cluster-reader.ts';
import type { ClusterCollector } from './define-collector.ts';

/** The first minor that serves version 3 unasked; before, there is version 2 alone. */
const FIRST_MINOR_WITH_V3 = 24;

const isOlder = (minor: number | null): boolean => minor !== null && minor < FIRST_MINOR_WITH_V3;

export const openApi: ClusterCollector<'openApi'> = {
  fact: 'openApi',
  wave: 2,
  requires: [{ verb: 'get', nonResourceURL: '/openapi/*' }],
  collect: (look, { minor }) => look.documents.openApi(isOlder(minor) ? '/openapi/v2' : '/openapi/v3'),
};

export const openApiV2: ClusterCollector<'openApiV2'> = {
  fact: 'openApiV2',
  wave: 2,
  requires: [{ verb: 'get', nonResourceURL: '/openapi/*' }],
  collect: async (look, { minor }) => {
    if (isOlder(minor))
      throw new RequestFailed('notCollected', 'the server has no other document, and it is read as that');
    return look.documents.openApi('/openapi/v2');
  },
};
