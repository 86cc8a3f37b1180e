import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { areDependentsNeeded, type ClusterCollector, leadsToBackend, namesGroup } from './define-collector.ts';

const GROUP = 'admissionregistration.k8s.io';
const kinds = {
  validatingwebhookconfigurations: 'ValidatingWebhookConfiguration',
  mutatingwebhookconfigurations: 'MutatingWebhookConfiguration',
} as const;

/** Webhooks that name the group of a remote APIService, or can be called through its backend. */
export const admissionWebhooks: ClusterCollector<'admissionWebhooks'> = {
  fact: 'admissionWebhooks',
  wave: 3,
  requires: Object.keys(kinds).map((resource) => ({ verb: 'list', group: GROUP, resource })),
  isNeeded: areDependentsNeeded,
  collect: async (look, found) => {
    const lists = await Promise.all(
      Object.entries(kinds).map(async ([resource, kind]) => {
        const items = await look.list(
          `/apis/${GROUP}/v1/${resource}`,
          objectSchemas.admissionWebhooks,
          `list ${resource}.${GROUP}`,
        );
        return items.map(({ metadata, webhooks }) => ({
          kind,
          metadata,
          webhooks: (webhooks ?? []).filter(
            ({ clientConfig, rules }) =>
              leadsToBackend(found, clientConfig.service) ||
              rules?.some(({ apiGroups }) => namesGroup(found, apiGroups)),
          ),
        }));
      }),
    );
    return lists.flat().filter(({ webhooks }) => webhooks.length > 0);
  },
};
