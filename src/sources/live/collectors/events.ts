import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { backendNamespaces, failingOnes, type Found, type NamedCollector } from './define-collector.ts';

const MAX_EVENTS = 500;

const told = new Set(['Pod', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet']);

/** Where no Pod of the Service is Ready: what keeps it is told in events. */
const withoutReadyPod = ({ apiServices, facts }: Found): Found['apiServices'] =>
  apiServices.filter(({ spec }) => {
    const { namespace = '', name } = spec.service ?? {};
    const services = facts.services?.[namespace];
    const pods = facts.pods?.[namespace];
    if (services?.state !== 'known' || pods?.state !== 'known') return false;
    const selector = Object.entries(services.value.find(({ metadata }) => metadata.name === name)?.spec.selector ?? {});
    return (
      selector.length > 0 &&
      !pods.value.some(
        ({ metadata, status }) =>
          selector.every(([key, value]) => metadata.labels?.[key] === value) &&
          status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
      )
    );
  });

export const events: NamedCollector<'events'> = {
  fact: 'events',
  wave: 3,
  requires: [{ verb: 'list', group: '', resource: 'events' }],
  names: (found) => {
    const failing = { ...found, apiServices: failingOnes(found) };
    return backendNamespaces({ ...failing, apiServices: withoutReadyPod(failing) });
  },
  collect: async (look, namespace) => {
    const page = await look.object(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/events?fieldSelector=type%3DWarning&limit=${MAX_EVENTS}`,
      objectSchemas.events,
      `list events in namespace ${namespace}`,
    );
    return (page?.items ?? []).filter(({ involvedObject }) => told.has(involvedObject.kind ?? ''));
  },
};
