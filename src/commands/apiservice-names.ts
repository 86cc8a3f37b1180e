import { NotFoundError, UsageError } from '../cli/cli-errors.ts';
import type { ClusterSnapshot } from '../model/facts.ts';

const known = ({ facts }: ClusterSnapshot): readonly string[] =>
  facts.apiServices.state === 'known' ? facts.apiServices.value.map(({ name }) => name) : [];

/** `apiservice/NAME` and `apiservices.apiregistration.k8s.io/NAME` are NAME, as for kubectl. */
export const apiServiceName = (argument: string): string => {
  const [resource, name, ...more] = argument.split('/');
  if (name === undefined) return argument;
  if (more.length === 0 && /^apiservices?(?:\.(?:v1\.)?apiregistration\.k8s\.io)?$/.test(resource ?? '')) return name;
  throw new UsageError(`"${argument}" does not name an APIService`);
};

/** Those of the names that are not in the snapshot. */
export const absentNames = (snapshot: ClusterSnapshot, names: readonly string[]): readonly string[] => {
  const there = new Set(known(snapshot));
  return names.filter((name) => !there.has(name));
};

/**
 * @throws NotFoundError naming the first APIService that is not in the snapshot
 */
export const assertFound = (snapshot: ClusterSnapshot, names: readonly string[]): void => {
  const [absent] = absentNames(snapshot, names);
  if (absent !== undefined) throw new NotFoundError(`apiservices.apiregistration.k8s.io "${absent}" not found`);
};
