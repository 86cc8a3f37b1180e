import { findUndialled } from '../aggregation/condition.ts';
import type { FailureKind } from '../aggregation/failure.ts';
import { delegationRefused, findGoError, readHttpStatus } from '../aggregation/go-error.ts';
import { builtInGroup } from './built-in-groups.ts';
import { withoutEllipsis } from './cut-off.ts';
import { findOtherClientsError } from './other-clients.ts';
import { type Segment, segmentsOf } from './wrappers.ts';

export interface ReadSegment extends Segment {
  /** The failure that these words name; null where they name none that is known. */
  readonly failure: FailureKind | null;
  /** The backend's HTTP status, where these words give one as the failure. */
  readonly httpStatus: number | null;
}

/** One message, taken apart. */
export interface Reading {
  readonly text: string;
  readonly segments: readonly ReadSegment[];
}

// `bad status from <URL>: 403`; `ResponseCode: 404, Body: …`; `<namespace>/<service>:443: 404 404 page not found`.
const httpStatusWords = /(?:^\S{1,2000}: |ResponseCode: |response code: |status ?code:? )([1-5]\d\d)\b/i;

// kube-aggregator's own 503 (handler_proxy.go); what is behind `error trying to reach service` is a segment of its own.
const aggregatorsOwn =
  /\b503\b[^]{0,40}?\b(?:service unavailable\b|error trying to reach service)|\b503, Body: $|non-success response code: 503/i;

/** What a client prints of a Status that kube-apiserver or the backend answered (client-go rest/request.go). */
const apiAnswers: readonly (readonly [RegExp, FailureKind])[] = [
  [/\bUnauthorized\b|has asked for the client to provide credentials/, 'proxyCertificateRejected'],
  [/\bforbidden: User "[^"]{0,253}" cannot \w+ path\b/i, 'backendForbids'],
  [
    // A version of a built-in group is gone from kube-apiserver itself.
    /\b404 page not found|(?<!(?:^|[^\w./-])(?:apps|autoscaling|batch|extensions|policy)\/v\d[^]{0,200}?)could not find the requested resource(?! \()/,
    'pathMissing',
  ],
  [
    /unable to return a response in the time allotted|did not complete within the allotted timeout/,
    'connectionTimedOut',
  ],
  [/an error on the server \("(?!service unavailable)/, 'backendError'],
];

// client-go names the resource asked for at the end of what it was told. What has no dot in its group is kube-apiserver's own.
const ofBuiltInResource = new RegExp(
  String.raw`\((?:get|list|watch|create|update|patch|delete|post|put) [a-z]{2,60}(?:\.(?:[a-z0-9-]{1,63}|${builtInGroup}))?(?: [^\s()]{1,253})?\)`,
);

// The same as apimachinery's GroupVersionResource prints it; the core group has no name.
const builtInGroupVersion = new RegExp(
  String.raw`(?:^|[\s"'(\[])(?:(?:${builtInGroup}|[a-z]{2,40})?/)v\d\w{0,12}, (?:Resource|Kind)=`,
);

/** A group, an APIService or a Service is named: what another client than Go's says may then be about the backend. */
const namesBackend =
  /\/apis\/[a-z0-9-]{1,63}\.|(?<![\w.-])v[1-9]\w{0,12}\.[a-z0-9-]{1,63}\.|\.svc\b|(?<![\w.-])[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190}\/v[1-9]|\bmetrics API\b|(?:^|[\s"])(?:(?:curl|wget|nc|ncat|telnet|openssl): |\* (?:OpenSSL|LibreSSL|SSL|TLSv|Connected to|Trying|connect to)\b)/;

const readSegment = (cut: Segment, whole: string): ReadSegment => {
  const { text, wrapper } = cut;
  const untold = cut.hop === 'unknown' || cut.hop === 'throughApiServer';
  const hop = untold && (ofBuiltInResource.test(text) || builtInGroupVersion.test(text)) ? 'apiServer' : cut.hop;
  const segment = { ...cut, hop };
  const failed = (failure: FailureKind | null, httpStatus: number | null = null): ReadSegment => ({
    ...segment,
    failure,
    httpStatus,
  });
  // kube-aggregator dials TCP: UDP is a name server's where no look-up is named, and a Unix socket is its tunnel's or no one's.
  if (/\b(?:read|write|dial) udp\b/.test(text) && !/\blookup \S/.test(text)) return failed(null);
  if (hop === 'unknown' && /\b(?:read|write|dial) unix\b/.test(text)) return failed(null);
  // A reverse proxy says behind the error that it is its own.
  if (/\bwhile [a-zA-Z ]{1,40}\bupstream\b/.test(text)) return failed(null);
  // Writing an object took too long (apiserver pkg/endpoints/handlers/finisher); whose object it is the words do not say.
  if (/request did not complete within (?:the )?requested timeout/.test(text)) return failed(null);
  if (delegationRefused.test(text)) return failed('authDelegatorMissing');
  if (text.includes('the backend attempted to redirect this request')) return failed('redirect');
  const undialled = findUndialled(text);
  // Sentences that nobody else says: they need no wrapper.
  if (undialled !== null) return { ...failed(undialled), hop: hop === 'unknown' ? 'backend' : hop };
  const status = hop === 'backend' ? httpStatusWords.exec(text)?.[1] : undefined;
  if (status !== undefined && /request timed out/.test(text)) return failed('connectionTimedOut');
  // A backend need not have an OpenAPI document.
  if (wrapper === 'OpenAPI download' && status === '404') return failed(null);
  if (status !== undefined && !aggregatorsOwn.test(text))
    return failed(readHttpStatus(Number(status), text).kind, Number(status));
  return failed(
    findGoError(text) ??
      (hop !== 'unknown' || namesBackend.test(whole) ? findOtherClientsError(text) : null) ??
      apiAnswers.find(([pattern]) => pattern.test(text))?.[1] ??
      null,
  );
};

export const read = (cut: string): Reading => {
  const text = withoutEllipsis(cut);
  return { text, segments: segmentsOf(text).map((segment) => readSegment(segment, text)) };
};
