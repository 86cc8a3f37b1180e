import type { Situation } from './situation.ts';

const groupOf = (apiServiceName: string): string => apiServiceName.slice(apiServiceName.indexOf('.') + 1);

// Two groups at one priority would be a finding of their own (AA511).
const sharePriority = (left: Situation, right: Situation): boolean =>
  left.apiServices.some((one) =>
    right.apiServices.some(
      (other) =>
        one.groupPriorityMinimum !== undefined &&
        one.groupPriorityMinimum === other.groupPriorityMinimum &&
        groupOf(one.name) !== groupOf(other.name),
    ),
  );

const shareGroup = (left: Situation, right: Situation): boolean =>
  left.apiServices.some((one) => right.apiServices.some((other) => groupOf(one.name) === groupOf(other.name)));

// The adapter listens on it at every address of the network.
const takesPort8080 = ({ pods }: Situation): boolean =>
  Object.values(pods).some(
    ({ server, ports = [], listens = [] }) =>
      server === 'custom-metrics-adapter' ||
      listens.includes(8080) ||
      ports.some(({ containerPort }) => containerPort === 8080),
  );

const collide = (left: Situation, right: Situation): boolean =>
  left.alone ||
  right.alone ||
  JSON.stringify(left.apiServer) !== JSON.stringify(right.apiServer) ||
  left.namespace === right.namespace ||
  shareGroup(left, right) ||
  sharePriority(left, right) ||
  (takesPort8080(left) && takesPort8080(right));

/** Situations that can live side by side in one cluster, in as few clusters as a greedy walk finds. */
export const planRounds = (situations: readonly Situation[]): readonly (readonly Situation[])[] => {
  const rounds: Situation[][] = [];
  for (const situation of situations) {
    const free = rounds.find((round) => !round.some((other) => collide(situation, other)));
    if (free === undefined) rounds.push([situation]);
    else free.push(situation);
  }
  return rounds;
};
