import { failureEvidence } from '../aggregation/evidence.ts';
import type { Failure, FailureKind } from '../aggregation/failure.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { Confidence, Evidence, Remedy, Subject } from '../model/finding.ts';
import { expectedServerName } from '../aggregation/group-version.ts';
import {
  type BackendFactName,
  type Check,
  defineCheck,
  type Draft,
  type RemoteApiService,
  type Statements,
  type UsedFacts,
} from './define-check.ts';
import { handshakeText, servedVerdicts, type ServedVerdict } from './served-verdicts.ts';
import { whyRefused } from './why-refused.ts';

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
  /** Facts that `further` looks at. */
  readonly uses?: readonly BackendFactName[];
  /** What else is known that belongs to the failure. */
  readonly further?: (used: UsedFacts<BackendFactName>['used'], capturedAt: Date) => readonly Evidence[];
}

/** The failure's address as `10.96.0.20:443`, or the Service where the words name none. */
export const dialledText = ({ address, port }: Failure, { service }: RemoteApiService): string =>
  address === null
    ? `Service ${service.namespace}/${service.name} port ${service.port}`
    : `${address.includes(':') ? `[${address}]` : address}${port === null ? '' : `:${port}`} (Service ${service.namespace}/${service.name})`;

/** The Service behind the APIService: whatever fails there fails for every group version that it serves. */
export const backendService = (_failure: Failure, { service }: RemoteApiService): Subject => ({
  kind: 'Service',
  namespace: service.namespace,
  name: service.name,
});

/** The documented part of the definition, and what the condition or the answer states. */
const split = ({ kind, accepts, confidence, sharedCause, message, mend, further, ...documented }: StatedFailure) => {
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
  return { documented, stated };
};

export const defineStatedFailure = (definition: StatedFailure): Check => {
  const { documented, stated } = split(definition);
  return defineCheck({
    ...documented,
    needs: ['answer'],
    stated,
    run: ({ answer, used, ...known }, capturedAt) => {
      const draft = stated({ ...known, answer: { state: 'known', value: answer } });
      const further = draft && definition.further?.(used, capturedAt);
      return draft && further ? { ...draft, evidence: [...draft.evidence, ...further] } : draft;
    },
  });
};

const SHOWN = 3;

/** What Go says of the chains that are really served, where it is this finding. */
const served = (
  { code, mend, sharedCause, kind }: StatedFailure,
  apiService: RemoteApiService,
  verdicts: readonly ServedVerdict[],
): Draft | null => {
  const refused = verdicts.filter(({ verdict }) => verdict.code === code);
  const [first] = refused;
  if (!first) return null;
  const { name, service } = apiService;
  const failure: Failure = {
    kind,
    text: first.verdict.error,
    address: null,
    port: null,
    url: null,
    httpStatus: null,
    boundary: null,
  };
  const shared = sharedCause?.(failure, apiService) ?? null;
  const some = refused.length < verdicts.length ? ` at ${refused.length} of ${verdicts.length} endpoints` : '';
  return {
    message: `The certificate that Service ${service.namespace}/${service.name} serves for APIService ${name}${some} is refused: ${whyRefused(first.verdict.because, expectedServerName(service), first.endpoint.chain).replace(/^A(?= certificate\b)/, 'a')}`,
    evidence: refused
      .slice(0, SHOWN)
      .map(({ endpoint, verdict }) => ({ from: handshakeText(apiService, endpoint), value: verdict.error })),
    remedy: mend(failure, apiService),
    ...(shared ? { sharedCause: shared } : {}),
  };
};

/** A check of the serving certificate: what the wire shows, and else what the condition or the answer states. */
export const defineCertificateFailure = (definition: StatedFailure): Check => {
  const { documented, stated } = split(definition);
  return defineCheck({
    ...documented,
    needs: [],
    uses: ['answer', 'servedChains', 'serverVersion'],
    run({ apiService, current, used }, capturedAt) {
      const said = stated({ apiService, answer: used.answer, current });
      const seen = served(
        definition,
        apiService,
        servedVerdicts(apiService, used.servedChains, used.serverVersion, capturedAt),
      );
      if (seen) return said ? { ...seen, evidence: [...seen.evidence, ...said.evidence] } : seen;
      if (said) return said;
      return used.answer.state === 'known' || used.servedChains.state === 'known'
        ? null
        : { undeterminedFor: 'answer' };
    },
  });
};
