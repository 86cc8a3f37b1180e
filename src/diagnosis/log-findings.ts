import { factAt } from '../aggregation/fact-at.ts';
import { selectedPods } from '../aggregation/endpoints.ts';
import type { LogFinding, RemoteApiService } from '../checks/define-check.ts';
import { explainText } from '../explanation/explain-text.ts';
import type { ContainerLog, Fact, Facts } from '../model/facts.ts';

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

/** What the logs of the Pods behind a Service say; missing where none could be read. */
export const logFindings = (facts: Facts, { service: ref }: RemoteApiService): Fact<readonly LogFinding[]> => {
  const services = factAt(facts.services, ref.namespace);
  const pods = factAt(facts.pods, ref.namespace);
  if (services.state !== 'known') return services;
  if (pods.state !== 'known') return pods;
  const service = services.value.find(({ name }) => name === ref.name);
  const names = service ? selectedPods(service, pods.value).map(({ name }) => `${ref.namespace}/${name}`) : [];
  const read = names
    .filter((name) => Object.hasOwn(facts.logs, name))
    .map((name) => ({ name, fact: factAt(facts.logs, name) }));
  const known = read.flatMap(({ name, fact }) => (fact.state === 'known' ? [{ name, logs: fact.value }] : []));
  if (known.length === 0) {
    const [first] = read;
    return first && first.fact.state !== 'known' ? first.fact : { state: 'notCollected', detail: 'not asked for' };
  }
  return { state: 'known', value: known.flatMap(({ name, logs }) => logs.flatMap((log) => inLog(name, log))) };
};
