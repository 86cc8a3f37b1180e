import { factAt } from '../aggregation/fact-at.ts';
import { selectedPods } from '../aggregation/endpoints.ts';
import type { LogFinding, RemoteApiService } from '../checks/define-check.ts';
import { explainText } from '../explanation/explain-text.ts';
import type { ContainerLog, Fact, Facts } from '../model/facts.ts';
import { oncePerSnapshot } from './once-per-snapshot.ts';

const inLog = (pod: string, { container, previous, text }: ContainerLog): readonly LogFinding[] =>
  explainText(text).findings.flatMap(({ code, confidence, why, message }) =>
    // What no line states is only a neighbour of what one does.
    message === null
      ? []
      : [
          {
            code,
            confidence,
            why,
            from: `Log of Pod ${pod}, container ${container}${previous ? ', run before' : ''}`,
            line: message,
          },
        ],
  );

/** By Pod, as `namespace/name`. */
const findingsByPod = oncePerSnapshot(
  ({ logs }) =>
    new Map(
      Object.entries(logs).flatMap(([pod, fact]) =>
        fact.state === 'known' ? [[pod, fact.value.flatMap((log) => inLog(pod, log))] as const] : [],
      ),
    ),
);

/** What the logs of the Pods behind a Service say; missing where none could be read. */
export const logFindings = (facts: Facts, { service: ref }: RemoteApiService): Fact<readonly LogFinding[]> => {
  const services = factAt(facts.services, ref.namespace);
  const pods = factAt(facts.pods, ref.namespace);
  if (services.state !== 'known') return services;
  if (pods.state !== 'known') return pods;
  const service = services.value.find(({ name }) => name === ref.name);
  const names = service ? selectedPods(service, pods.value).map(({ name }) => `${ref.namespace}/${name}`) : [];
  const known = names.flatMap((name) => findingsByPod(facts).get(name) ?? []);
  const asked = names.filter((name) => Object.hasOwn(facts.logs, name)).map((name) => factAt(facts.logs, name));
  if (asked.some(({ state }) => state === 'known')) return { state: 'known', value: known };
  const [first] = asked;
  return first && first.state !== 'known' ? first : { state: 'notCollected', detail: 'not asked for' };
};
