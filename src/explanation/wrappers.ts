/** Who failed to talk to whom, as far as the words around an error tell. */
export type Hop =
  /** kube-aggregator to the extension API server: the subject of this tool. */
  | 'backend'
  /** A client's request through kube-apiserver to the group. */
  | 'throughApiServer'
  /** The extension API server judging kube-apiserver's client certificate. */
  | 'frontProxy'
  /** A server telling of a TLS handshake that a client broke off. */
  | 'listener'
  /** metrics-server to the kubelets. */
  | 'kubelet'
  /** The kubelet probing a Pod. */
  | 'probe'
  /** The kubelet pulling an image. */
  | 'image'
  /** kube-apiserver to a kubelet, for logs, exec, attach or port-forward. */
  | 'node'
  /** kube-apiserver to an admission or conversion webhook. */
  | 'webhook'
  /** The extension API server asking kube-apiserver what a caller may do. */
  | 'delegation'
  /** A program to something it needs itself. */
  | 'own'
  /** A client to kube-apiserver itself. */
  | 'apiServer'
  /** etcd to its members and clients. */
  | 'etcd'
  /** A tool waiting for what it applied. */
  | 'wait'
  | 'unknown';

interface Wrapper {
  readonly name: string;
  readonly hop: Hop;
  /** Global, and linear on any text. */
  readonly pattern: RegExp;
}

/** What stands around an error and says whose it is; the words after it are the error's. */
const wrappers: readonly Wrapper[] = [
  { name: 'availability check', hop: 'backend', pattern: /(?:failing or missing|no) response from \S+?:(?=\s)/g },
  { name: 'availability check status', hop: 'backend', pattern: /bad status from (?=\S)/g },
  { name: 'availability check guard', hop: 'backend', pattern: /(?=timed out waiting for https?:)/g },
  { name: 'aggregation proxy', hop: 'backend', pattern: /error trying to reach service: ?['"]?/gi },
  // apimachinery's proxy up to 1.10, which quoted the error.
  {
    name: 'aggregation proxy',
    hop: 'backend',
    pattern: /\bBody: Error: ['"]|\bError: ['"](?=[^'"]{1,600}['"],? {0,2}Trying to reach: )/g,
  },
  // Of a kubelet (exec, attach, port-forward) in nearly all cases; an upgraded request of a group says the same.
  { name: 'upgrade', hop: 'node', pattern: /(?<!\bwebsocket \(5\d\d\): )error dialing backend: /gi },
  // kubectl exec words it otherwise: this is a client of a group with consoles.
  { name: 'upgrade of a group', hop: 'backend', pattern: /\bwebsocket \(5\d\d\): error dialing backend: /gi },
  { name: 'OpenAPI download', hop: 'backend', pattern: /failed to (?:retrieve|download) openAPI spec,? /gi },
  { name: 'discovery download', hop: 'backend', pattern: /failed to download (?:legacy )?discovery for /gi },
  { name: 'discovery fetch', hop: 'backend', pattern: /(?=returned non-success response code:)/g },
  { name: 'service resolution', hop: 'backend', pattern: /error resolving \S+: /g },
  { name: 'discovery list', hop: 'throughApiServer', pattern: /list of server APIs: /g },
  // kubectl up to 1.8; what it could not find is kube-apiserver's own path.
  { name: 'OpenAPI of kube-apiserver', hop: 'apiServer', pattern: /failed to download openapi \(/gi },
  {
    name: 'discovery of one group version',
    hop: 'throughApiServer',
    pattern: /couldn't get resource list for \S+: /gi,
  },
  // The request after it goes to kube-apiserver.
  { name: 'Argo CD cluster cache', hop: 'apiServer', pattern: /failed to load initial state of resource \S+: /g },
  { name: 'Rancher schema', hop: 'throughApiServer', pattern: /Failed to read API for groups /g },
  { name: 'garbage collector discovery', hop: 'throughApiServer', pattern: /failed to discover some groups:? /g },
  {
    name: 'metrics client',
    hop: 'throughApiServer',
    pattern: /unable to fetch metrics from (?:resource|custom|external) metrics API: /g,
  },
  { name: 'authentication', hop: 'frontProxy', pattern: /Unable to authenticate the request/gi },
  {
    name: 'client certificate',
    hop: 'frontProxy',
    pattern: /(?:failed to verify|verifying) client(?:'s)? certificate/gi,
  },
  { name: 'TLS listener', hop: 'listener', pattern: /TLS handshake error from \S+: /g },
  {
    name: 'kubelet scrape',
    hop: 'kubelet',
    pattern:
      /unable to (?:fully )?(?:scrape|collect) metrics|unable to fetch metrics from (?:node|kubelet)\b|\bscrap(?:e|ing) (?:node|kubelet)(?![^:"]{0,40}: (?:the server |\S{1,253} is forbidden))|\b(?:metrics?(?: summary)?|status code \d{3}) from (?:node|kubelet)\b|kubelet_summary:/gi,
  },
  {
    name: 'probe',
    hop: 'probe',
    pattern: /\b(?:readiness|liveness|startup) probe (?:failed|errored)|"probe (?:failed|errored)" probeType=/gi,
  },
  {
    name: 'image pull',
    hop: 'image',
    pattern: /failed to pull image|failed to pull and unpack image|ErrImagePull|ImagePullBackOff/gi,
  },
  {
    name: 'webhook call',
    hop: 'webhook',
    pattern:
      /fail(?:ed|ing)(?: to)? call(?:ing)? (?:admission |validating |mutating )?webhook|error (?:when )?calling (?:the )?webhook|conversion webhook for|admission webhook "/gi,
  },
  // A Status of reason InternalError is made by the server that answers: what it holds is that server's own trouble.
  { name: 'internal error', hop: 'own', pattern: /Internal error occurred: /g },
  { name: 'delegated authorization', hop: 'delegation', pattern: /Internal Server Error: "[^"]{0,2000}": /g },
  {
    name: 'webhook authorizer',
    hop: 'delegation',
    pattern: /failed to make webhook (?:authorizer|authenticator) request/gi,
  },
  {
    name: 'program of its own',
    hop: 'own',
    pattern:
      /failed to (?:list|watch) \*?\S+|failed to watch\b|error retrieving resource lock|failed to renew lease|failed to tryAcquireOrRenew|websocket: close \d{4}|failed to connect to (?:peer|proxy)\b|error connecting to [a-z][\w-]{1,40} (?:endpoint|server|peer|broker|node)\b|unable to fetch metrics for query|unable to update list of all metrics|unable to query (?:the )?prometheus|unable to fetch (?:external |custom )?metrics(?: from prometheus)?: |(?:error|while|when) (?:executing|getting) (?:the )?metrics? (?:query|values?|for trigger)|(?:error|failed) (?:when |to )?(?:executing|running|querying|query) prometheus|prometheus (?:query|api) error|error inspecting (?:prometheus|metric)|error getting scale decision|fail(?:ed|ure) (?:to connect|connecting) to (?:the )?(?:database|postgres\w*|mysql|mongo\w*|redis|kafka|etcd|operator|prometheus|metrics service)/gi,
  },
  {
    name: 'etcd',
    hop: 'etcd',
    pattern:
      /"caller":"(?:embed|rafthttp|etcdserver|etcdmain|membership|v3rpc)\/|\b(?:embed|rafthttp|etcdmain): |\betcdserver: (?!request timed out|leader changed|no leader|too many requests)/g,
  },
  {
    name: 'etcd client',
    hop: 'own',
    pattern:
      /\bstatus of endpoint \S{1,200}:2379\b|\bclient: etcd (?=cluster)|\betcdserver: (?=request|leader|no leader|too many)/g,
  },
  {
    name: 'gRPC',
    hop: 'own',
    pattern: /error while dialing|rpc error: code = |connection error: desc = |\btransport: (?=\w)|\bgrpc: /gi,
  },
  {
    name: 'release',
    hop: 'wait',
    pattern:
      /\bFAILED: (?=(?:client rate limiter Wait returned an error: )?context deadline exceeded|timed out waiting for the condition)/g,
  },
  {
    name: 'client of another language',
    hop: 'apiServer',
    pattern:
      /HTTPS?ConnectionPool\(|max retries exceeded with url: |\bjavax?\.net\.(?:ssl\.)?\w{1,60}(?:Exception|Error)\b/gi,
  },
  {
    name: 'client to kube-apiserver',
    hop: 'apiServer',
    pattern:
      /unable to connect to the server: |the connection to the server \S+ was refused|couldn't get current server API group list: |couldn't get available api versions from server: |\b(?:get|getting|fetch|fetching|retrieve|retrieving|check|checking|detect|detecting) (?:the )?(?:kubernetes |cluster |api )?(?:server version|version of the (?:server|cluster))(?: from kubernetes)?: |kubernetes cluster unreachable: |\bhttp: proxy error: /gi,
  },
];

/** Go's url.Error, with and without the quotes that Go 1.14 brought; curl's and other clients' `for URL` is not it. */
const request = /\b(Get|Head|Post|Put|Patch|Delete) "?(https?:\/\/[^\s"]{1,2000}?)"?:(?=\s|$)\s?/g;

/** Who is asked, by the path of the request alone; null where the path does not tell. */
const hopOfRequest = (method: string, url: string): Hop | null => {
  const [, path = '', query = ''] = /^https?:\/\/[^/?]*([^?]*)(.*)$/.exec(url) ?? [];
  if (/^\/(?:stats\/summary|metrics\/(?:resource|cadvisor|probes))/.test(path)) return 'kubelet';
  if (/^\/(?:containerLogs|exec|attach|portForward|run|checkpoint)\//.test(path)) return 'node';
  if (/^\/apis\/[^/]+\/v\w+\/?$/.test(path)) return query.includes('timeout=') ? 'throughApiServer' : 'backend';
  if (/^\/apis\/[^/]+\/[^/]+\/(?:subjectaccessreviews|tokenreviews)$/.test(path)) return 'delegation';
  if (method === 'Post' && query.includes('timeout=') && !/^\/apis?\//.test(path)) return 'webhook';
  if (/^\/(?:healthz|livez|readyz|health|ready)\b/.test(path)) return 'probe';
  if (/^\/(?:api|apis|version|openapi\/v[23])\/?$/.test(path)) return 'apiServer';
  return path === '' ? null : 'own';
};

// A client that could not dial: its way to kube-apiserver is meant, not the one behind it.
const hopOfNamedRequest = (said: Hop | null | undefined, inner: string, method: string, url: string): Hop | null => {
  if (said === undefined || said === 'frontProxy') return hopOfRequest(method, url);
  return said === 'throughApiServer' && inner.startsWith('dial tcp') ? 'apiServer' : null;
};

/** A stretch of a message whose words are about one hop. */
export interface Segment {
  readonly hop: Hop;
  /** Which wrapper says so; null before the first one. */
  readonly wrapper: string | null;
  /** What follows the wrapper, up to the next one. */
  readonly text: string;
}

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly wrapper: string;
  /** Null: that of the segment before. */
  readonly hop: Hop | null;
}

const MAX_MARKS = 500;

const marksOf = (text: string): readonly Mark[] => {
  const explicit = wrappers
    .flatMap(({ name, hop, pattern }): Mark[] =>
      [...text.matchAll(pattern)].map(({ index, 0: words }) => ({
        start: index,
        end: index + words.length,
        wrapper: name,
        hop,
      })),
    )
    .toSorted((a, b) => a.start - b.start);
  const requests = [...text.matchAll(request)].map(({ index, 0: words, 1: method = '', 2: url = '' }): Mark => ({
    start: index,
    end: index + words.length,
    wrapper: 'request',
    hop: hopOfNamedRequest(
      explicit.findLast(({ start }) => start <= index)?.hop,
      text.slice(index + words.length, index + words.length + 9),
      method,
      url,
    ),
  }));
  return [...explicit, ...requests].toSorted((a, b) => a.start - b.start || a.end - b.end).slice(0, MAX_MARKS);
};

/** Cuts a message at its wrappers, outermost first. */
export const segmentsOf = (text: string): readonly Segment[] => {
  let hop: Hop = 'unknown';
  const marks = marksOf(text).flatMap((mark) => {
    // kube-aggregator makes one gRPC call, to its tunnel: behind its own words gRPC's belong to the failure.
    if (mark.wrapper === 'gRPC' && hop === 'backend') return [];
    hop = mark.hop ?? hop;
    return [{ ...mark, hop }];
  });
  const segments: Segment[] = [{ hop: 'unknown', wrapper: null, text: text.slice(0, marks[0]?.start ?? text.length) }];
  for (const [index, mark] of marks.entries()) {
    const end = Math.max(mark.end, marks[index + 1]?.start ?? text.length);
    segments.push({ hop: mark.hop, wrapper: mark.wrapper, text: text.slice(mark.end, end) });
  }
  return segments;
};
