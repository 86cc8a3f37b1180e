import type { ClusterCollector } from './define-collector.ts';

/** The first minor that serves version 3 unasked; before, there is version 2 alone. */
const FIRST_MINOR_WITH_V3 = 24;

export const openApi: ClusterCollector<'openApi'> = {
  fact: 'openApi',
  wave: 2,
  requires: [{ verb: 'get', nonResourceURL: '/openapi/*' }],
  collect: (look, { minor }) =>
    look.documents.openApi(minor !== null && minor < FIRST_MINOR_WITH_V3 ? '/openapi/v2' : '/openapi/v3'),
};
