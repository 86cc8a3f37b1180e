import { answerEvidence, failureEvidence } from '../aggregation/evidence.ts';
import { toolchainOf } from '../aggregation/go-toolchain.ts';
import { expectedServerName } from '../aggregation/group-version.ts';
import { FIRST_MINOR_THAT_VERIFIES, failureCode } from '../aggregation/health.ts';
import { failureOfList, probeEvidence } from '../aggregation/resource-probe.ts';
import { skewDecides } from '../aggregation/server-clock.ts';
import type { Failure, FailureKind } from '../aggregation/failure.ts';
import type { FindingCode } from '../model/catalogue.ts';
import type { Answer, Fact, ResourceProbe, ServerVersion } from '../model/facts.ts';
import type { Confidence, Remedy, Subject } from '../model/finding.ts';
import { bundleFor, type OfferedBundle } from './bundle-for.ts';
import { withBundle } from './certificate-remedy.ts';
import {
  type BackendFactName,
  type CannotTell,
  type Check,
  defineCheck,
  type Draft,
  type LogFinding,
  type RemoteApiService,
  type Statements,
  type UsedFacts,
} from './define-check.ts';
import { isOnlyMounted, type JudgedChain } from './judged-chain.ts';
import { logEvidence, saidInLog } from './log-finding.ts';

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
  /** Whether another CA bundle mends it, where one can be worked out from what is seen. */
  readonly offersBundle?: boolean;
  /** What is said where only the log of the backend tells of it (doctor --logs). */
  readonly inLog?: (apiService: RemoteApiService) => string;
  /** What a list says that is refused or fails while discovery works; null where it is not this finding. */
  readonly inList?: (
    probe: ResourceProbe,
    apiService: RemoteApiService,
    failure: Failure,
  ) => Pick<Draft, 'message' | 'failsDespiteAnswer'> | null;
  /** What else is known that belongs to the failure: closer words, or more evidence. */
  readonly further?: (draft: Draft, seen: Seen) => Draft;
}

/** What is known beside condition and answer. */
export interface Seen {
  readonly failure: Failure;
  readonly apiService: RemoteApiService;
  readonly used: UsedFacts<BackendFactName>['used'];
  readonly capturedAt: Date;
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
const split = ({
  kind,
  accepts,
  confidence,
  sharedCause,
  message,
  mend,
  offersBundle,
  inLog,
  inList,
  further,
  ...documented
}: StatedFailure) => {
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

/** What a line of the backend's log adds; by itself it counts only while requests fail. */
const withLog = (
  { inLog, mend }: StatedFailure,
  draft: Draft | null,
  { apiService, answer, current }: Statements,
  said: LogFinding,
): Draft | null => {
  if (draft) return { ...draft, evidence: [...draft.evidence, logEvidence(said)] };
  return inLog && current
    ? {
        message: inLog(apiService),
        evidence: [logEvidence(said), ...failureEvidence(apiService, answer, current)],
        remedy: mend(current.failure, apiService),
        confidence: 'likely',
      }
    : null;
};

/** Discovery is open to everybody and needs no storage, so that a list may fail where it works. */
const ofList = (
  { inList, mend, kind }: StatedFailure,
  { apiService, answer, current }: Statements,
  resourceProbe: Fact<ResourceProbe | null>,
): Draft | CannotTell<'resourceProbe'> | null => {
  if (!inList || current !== null) return null;
  // Nobody asked for lists: then discovery alone is judged.
  if (resourceProbe.state === 'notCollected') return null;
  if (resourceProbe.state !== 'known') return { undeterminedFor: 'resourceProbe' };
  const { value: probe } = resourceProbe;
  const failure = probe && failureOfList(probe);
  if (!probe || failure?.kind !== kind || answer.state !== 'known') return null;
  const said = inList(probe, apiService, failure);
  if (!said) return null;
  return {
    ...said,
    evidence: [probeEvidence(probe), answerEvidence(apiService, answer.value)],
    confidence: 'likely',
    remedy: mend(failure, apiService),
  };
};

export const defineStatedFailure = (definition: StatedFailure): Check => {
  const { documented, stated } = split(definition);
  return defineCheck({
    ...documented,
    uses: [
      ...(definition.uses ?? []),
      ...(definition.inLog ? (['logFindings'] as const) : []),
      ...(definition.inList ? (['resourceProbe'] as const) : []),
    ],
    needs: ['answer'],
    stated,
    run: ({ answer, used, ...known }, capturedAt) => {
      const statements: Statements = { ...known, answer: { state: 'known', value: answer } };
      const said = definition.inLog ? saidInLog(used.logFindings, definition.code) : null;
      const draft = said ? withLog(definition, stated(statements), statements, said) : stated(statements);
      const { apiService, current } = known;
      if (!draft && definition.inList) return ofList(definition, statements, used.resourceProbe);
      return draft && current && definition.further
        ? definition.further(draft, { failure: current.failure, apiService, used, capturedAt })
        : draft;
    },
  });
};

const SHOWN = 3;

/** Without an endpoint nothing was dialled, so nothing is said of the certificate. */
const UNDIALLED: readonly FailureKind[] = ['endpointsMissing'];
/** A date holds whenever the Pods come back; what else a Secret shows may be for another purpose. */
const DATED: readonly JudgedChain['code'][] = ['AA301', 'AA307'];

/** A Secret is not what is served: it counts only where nothing closer to the wire says otherwise. */
const counts = (
  chain: JudgedChain,
  { apiService, current }: Statements,
  answer: Fact<Answer>,
  serverVersion: Fact<ServerVersion>,
): boolean => {
  const { source, code } = chain;
  if (source === 'port-forward') return true;
  if (current) {
    const said = failureCode(current.failure, apiService);
    return (
      said === code ||
      (said === 'AA304' && code === 'AA309') ||
      (UNDIALLED.includes(current.failure.kind) && DATED.includes(code))
    );
  }
  const isVerified = serverVersion.state === 'known' && serverVersion.value.minor >= FIRST_MINOR_THAT_VERIFIES;
  return (
    !isOnlyMounted(chain) && answer.state !== 'known' && !(isVerified && apiService.availability?.status === 'True')
  );
};

/** What Go says of the chains that are served, where it is this finding. */
const served = (
  { mend, sharedCause, kind }: StatedFailure,
  apiService: RemoteApiService,
  chains: readonly JudgedChain[],
  refused: readonly JudgedChain[],
): Draft | null => {
  const [first] = refused;
  if (!first) return null;
  const { name, service } = apiService;
  const failure: Failure = {
    kind,
    text: first.verdict?.error ?? '',
    address: null,
    port: null,
    url: null,
    httpStatus: null,
    boundary: null,
  };
  const shared = sharedCause?.(failure, apiService) ?? null;
  const isSeen = first.source === 'port-forward';
  const some = isSeen && refused.length < chains.length ? ` at ${refused.length} of ${chains.length} endpoints` : '';
  const what = isSeen
    ? `The certificate that Service ${service.namespace}/${service.name} serves for APIService ${name}${some} is refused`
    : `The certificate that the Pods of Service ${service.namespace}/${service.name} mount for APIService ${name} would be refused`;
  return {
    message: `${what}: ${first.why.replace(/^A(?= certificate\b)/, 'a')}`,
    evidence: refused.slice(0, SHOWN).map(({ from, verdict }) => ({ from, value: verdict?.error ?? '' })),
    remedy: mend(failure, apiService),
    ...(isSeen ? {} : { confidence: 'likely' }),
    ...(shared ? { sharedCause: shared } : {}),
  };
};

/** A check of the serving certificate: what the wire shows, else the Secret, beside what the condition or the answer states. */
export const defineCertificateFailure = (definition: StatedFailure): Check => {
  const { documented, stated } = split(definition);
  return defineCheck({
    ...documented,
    explainedBy: ['AA310', ...(documented.explainedBy ?? [])],
    needs: [],
    uses: ['answer', 'judgedChains', 'mountedChains', 'serverVersion', 'serverClock'],
    run({ apiService, current, used }, capturedAt) {
      const { answer, judgedChains, mountedChains, serverVersion, serverClock } = used;
      const statements = { apiService, answer, current };
      const chains = judgedChains.state === 'known' ? judgedChains.value : [];
      const refused = chains.filter((chain) => chain.code !== null && counts(chain, statements, answer, serverVersion));
      const seen = served(
        definition,
        apiService,
        chains,
        refused.filter(({ code }) => code === definition.code),
      );
      // Where the chain itself is refused for another reason, that is the closer one.
      const offered = (): OfferedBundle =>
        bundleFor(
          chains.filter(({ source }) => source === 'port-forward'),
          mountedChains.state === 'known' ? mountedChains.value : [],
          expectedServerName(apiService.service),
          capturedAt,
          toolchainOf(serverVersion),
        );
      const said = seen === null && refused.length > 0 ? null : stated(statements);
      if (seen)
        return {
          ...seen,
          ...(definition.offersBundle ? { remedy: withBundle(seen.remedy, apiService, offered()) } : {}),
          evidence: [
            ...seen.evidence,
            ...(current?.failure.kind === definition.kind ? failureEvidence(apiService, answer, current) : []),
          ],
          // What the API server itself states needs no Secret.
          ...(said ? { confidence: strongest(seen, said) } : {}),
        };
      if (said) {
        const boundary = current?.failure.boundary;
        const clocks = boundary ? skewDecides(new Date(boundary), capturedAt, serverClock) : '';
        return { ...said, message: `${said.message}${clocks}${notServed(chains)}` };
      }
      const isSeen = judgedChains.state === 'known' && (chains.length === 0 || !chains.every(isOnlyMounted));
      return answer.state === 'known' || isSeen ? null : { undeterminedFor: 'answer' };
    },
  });
};

/** That a Secret, seen in the place of the wire, holds what would pass; empty where there is none. */
const notServed = (chains: readonly JudgedChain[]): string => {
  const good = chains.find(({ source, verdict }) => source === 'secret' && verdict?.accepted);
  return good
    ? ` What ${good.from} holds would pass, so the server does not serve it: it has not loaded it, or it sends the first certificate of it alone.`
    : '';
};

const strongest = (one: Draft, other: Draft): Confidence =>
  [one, other].some(({ confidence }) => (confidence ?? 'certain') === 'certain') ? 'certain' : 'likely';
