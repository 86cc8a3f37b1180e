import type { RawContainerLog, RawPod } from '../../../snapshot/raw-snapshot.ts';
import { failingOnes, type Found, foundFor, type NamedCollector } from './define-collector.ts';

/** Of one Service, those that are not Ready first. */
const MAX_PODS = 3;
const MAX_CONTAINERS = 4;

const isReady = ({ status }: RawPod): boolean =>
  status?.conditions?.some(({ type, status: held }) => type === 'Ready' && held === 'True') ?? false;

/** The Pods behind one Service. */
const podsBehind = ({ facts }: Found, namespace: string, service: string): readonly RawPod[] => {
  const services = facts.services?.[namespace];
  const pods = facts.pods?.[namespace];
  if (services?.state !== 'known' || pods?.state !== 'known') return [];
  const selector = Object.entries(
    services.value.find(({ metadata }) => metadata.name === service)?.spec.selector ?? {},
  );
  return pods.value
    .filter(({ metadata }) => selector.length > 0 && selector.every(([key, value]) => metadata.labels?.[key] === value))
    .toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)));
};

/** Read only where doctor is asked to (--logs), and only of backends that fail. */
export const logs: NamedCollector<'logs'> = {
  fact: 'logs',
  wave: 3,
  requires: [{ verb: 'get', group: '', resource: 'pods/log', optional: 'doctor --logs' }],
  names: (found) => [
    ...new Set(
      failingOnes(found).flatMap(({ spec }) => {
        const { namespace = '', name = '' } = spec.service ?? {};
        return podsBehind(found, namespace, name)
          .slice(0, MAX_PODS)
          .map(({ metadata }) => `${namespace}/${metadata.name}`);
      }),
    ),
  ],
  collect: async (look, name, { facts }) => {
    const [namespace = '', podName = ''] = name.split('/');
    const pod = foundFor(facts.pods, namespace).find(({ metadata }) => metadata.name === podName);
    const read: RawContainerLog[] = [];
    for (const { name: container } of (pod?.spec.containers ?? []).slice(0, MAX_CONTAINERS)) {
      const status = pod?.status?.containerStatuses?.find((each) => each.name === container);
      // What it said before it ended is in the log of the run before.
      const runs = status?.state?.running || !status?.lastState?.terminated ? [false] : [false, true];
      for (const previous of runs) {
        const text = await look.log({ namespace, pod: podName, container, previous });
        if (text !== '') read.push({ container, previous, text });
      }
    }
    return read;
  },
};
