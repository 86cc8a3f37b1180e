import type { ResourceProbe } from '../model/facts.ts';
import type { Evidence } from '../model/finding.ts';
import type { Failure } from './failure.ts';
import { readGoError, readHttpStatus } from './go-error.ts';

/** `/apis/team.example.com/v1/widgets?limit=1`, and in whose name where that is not the caller's. */
export const listText = ({ path, as }: ResourceProbe): string => `${path}${as === null ? '' : ` for ${as}`}`;

export const probeEvidence = ({ path, as, httpStatus, message }: ResourceProbe): Evidence => ({
  from: `GET ${path}${as === null ? '' : ` as ${as}`}`,
  value: `${httpStatus}: ${message}`,
});

/** What kube-aggregator says itself of a list that it did not get through, else what the backend's status means (handler_proxy.go). */
export const failureOfList = ({ httpStatus, message }: ResourceProbe): Failure | null => {
  if (httpStatus < 400 || message.startsWith('service unavailable')) return null;
  const inner = /^error trying to reach service: ([\s\S]*)$/.exec(message)?.[1];
  return inner === undefined ? readHttpStatus(httpStatus, message) : readGoError(inner);
};
