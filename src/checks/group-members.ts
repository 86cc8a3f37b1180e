import { AUTOMANAGED_LABEL } from '../aggregation/group-order.ts';
import type { ApiService } from '../model/facts.ts';

/** Whether kube-apiserver itself serves a version of the group. */
export const isBuiltInGroup = (apiServices: readonly ApiService[], group: string): boolean =>
  apiServices.some(
    (each) => each.group === group && each.service === null && each.labels[AUTOMANAGED_LABEL] === 'onstart',
  );

/** The APIServices of the group that lead to a Service. */
export const remotesOf = (apiServices: readonly ApiService[], group: string): readonly ApiService[] =>
  apiServices.filter((each) => each.group === group && each.service !== null);
