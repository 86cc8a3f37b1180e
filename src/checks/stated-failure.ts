import { failureEvidence } from '../aggregation/evidence.ts';
import type { Failure, FailureKind } from '../aggregation/failure.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { Confidence, Remedy, Subject } from '../model/finding.ts';
import { type Check, defineCheck, type Draft, type RemoteApiService, type Statements } from './define-check.ts';

/** A check that rests on what kube-aggregator itself says failed, in the condition or in its answer. */
export interface StatedFailure {
  readonly code: FindingCode;
  readonly kind: FailureKind;
  readonly title: string;
  readonly source: string;
  readonly explanation: string;
  readonly byHand: readonly string[];
  readonly remedy: string;
  readonly explainedBy?: readonly FindingCode[];
  readonly appliesTo?: (apiService: RemoteApiService) => boolean;
  /** Whether this finding is the closest name for the failure; default: yes. */
  readonly accepts?: (failure: Failure, apiService: RemoteApiService) => boolean;
  /** Default: certain. */
  readonly confidence?: (failure: Failure) => Confidence;
  /** The object to mend, where several APIServices can suffer from it. */
  readonly sharedCause?: (failure: Failure, apiService: RemoteApiService) => Subject | null;
  readonly message: (failure: Failure, apiService: RemoteApiService) => string;
  readonly mend: (failure: Failure, apiService: RemoteApiService) => Remedy;
}

/** The failure's address as `10.96.0.20:443`, or the Service where the words name none. */
export const dialledText = ({ address, port }: Failure, { service }: RemoteApiService): string =>
  address === null
    ? `Service ${service.namespace}/${service.name} port ${service.port}`
    : `${address.includes(':') ? `[${address}]` : address}${port === null ? '' : `:${port}`} (Service ${service.namespace}/${service.name})`;

/** The Service behind the APIService: whatever fails there fails for every group version that it serves. */
export const backendService = (_failure: Failure, { service }: RemoteApiService): Subject => ({ kind: 'Service', namespace: service.namespace, name: service.name });

export const defineStatedFailure = ({ kind, accepts, confidence, sharedCause, message, mend, ...documented }: StatedFailure): Check => {
  const stated = ({ apiService, answer, current }: Statements): Draft | null => {
    if (current?.failure.kind !== kind || accepts?.(current.failure, apiService) === false) return null;
    const shared = sharedCause?.(current.failure, apiService) ?? null;
    return {
      message: message(current.failure, apiService),
      evidence: failureEvidence(apiService, answer, current),
      remedy: mend(current.failure, apiService),
      ...(shared ? { sharedCause: shared } : {}),
      ...(confidence ? { confidence: confidence(current.failure) } : {}),
    };
  };
  return defineCheck({
    ...documented,
    needs: ['answer'],
    stated,
    run: ({ answer, ...known }) => stated({ ...known, answer: { state: 'known', value: answer } }),
  });
};
