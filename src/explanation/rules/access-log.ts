import type { Rule } from '../rule.ts';

const accessLog = /\/apis\/[^\s"/?]{1,253}\/v[^\s"/?:]{1,20}[?":][^]{0,400}?\bGo-http-client\//;

const namedPath = /\b(?:url|uri|path|requestURI)"?[=:] ?"?\/apis\/[a-z0-9-]{1,63}\.[^\s"/]{1,190}\/v\d/i;
const namedStatus = (status: string): RegExp =>
  new RegExp(`\\b(?:status|code|status_?code)"?[=:] ?"?${status}\\b`, 'i');

/** What `kubectl -v=6` prints of an answer, in both formats of klog. */
const clientLog = (status: string): RegExp =>
  new RegExp(
    `\\bhttps?://[^\\s"/]{1,255}/apis/[a-z0-9-]{1,63}\\.[^\\s"/?]{1,190}/v\\d[^\\s"]{0,1000}"? (?:status=")?${status}\\b`,
  );

/** What a backend wrote of the requests that it answered, and clients of the answers they got. */
export const accessLogRules: readonly Rule[] = [
  {
    name: 'access-log-401',
    source: 'apiserver pkg/server/httplog, in the log of the backend (the probe of kube-aggregator names no program)',
    examples: [
      '"HTTP" verb="GET" URI="/apis/team.example.com/v1" latency="312.1µs" userAgent="Go-http-client/2.0" srcIP="10.0.0.1:43210" resp=401',
    ],
    needs: { words: accessLog, within: / resp=401\b|\) 401 \[/ },
    rank: 'reason',
    says: [{ code: 'AA601', confidence: 'likely', why: 'The backend answered 401 to the probe of kube-aggregator.' }],
  },
  {
    name: 'access-log-403',
    source: 'apiserver pkg/server/httplog, in the log of the backend',
    examples: ['GET /apis/team.example.com/v1: (1.9933ms) 403 [[Go-http-client/2.0] 10.0.0.1:39348]'],
    needs: { words: accessLog, within: / resp=403\b|\) 403 \[/ },
    rank: 'reason',
    says: [{ code: 'AA604', confidence: 'likely', why: 'The backend answered 403 to the probe of kube-aggregator.' }],
  },
  {
    name: 'access-log-404',
    source: 'apiserver pkg/server/httplog, in the log of the backend',
    examples: ['GET /apis/team.example.com/v1: (1.9933ms) 404 [[Go-http-client/2.0] 10.0.0.1:39348]'],
    needs: { words: accessLog, within: / resp=404\b|\) 404 \[/ },
    rank: 'reason',
    says: [{ code: 'AA410', confidence: 'likely', why: 'The backend answered 404 to the probe of kube-aggregator.' }],
  },
  {
    name: 'access-log-404-of-a-client',
    source: 'apiserver pkg/server/httplog, in the log of kube-apiserver or of the backend',
    examples: [
      'GET /apis/team.example.com/v1: (827.515µs) 404 [[kubectl/v1.30.0 (linux/amd64) kubernetes/7c48c2b] 10.0.0.1:59622]',
    ],
    needs: {
      words: /\/apis\/[a-z0-9-]{1,63}\.[^\s"/?]{1,253}\/v[^\s"/?:]{1,20}[?":][^]{0,300}?(?:\bresp=404\b|\) 404 \[)/,
      without: accessLog,
    },
    rank: 'group',
    says: [
      { code: 'AA115', confidence: 'likely', why: 'A client asked for a group version that nobody serves.' },
      { code: 'AA410', confidence: 'possible', why: 'If it is registered, the backend does not serve it.' },
    ],
  },
  {
    name: 'client-log-404',
    source: 'client-go transport/round_trippers.go (kubectl -v=6 and above)',
    examples: ['GET https://10.0.0.1:6443/apis/team.example.com/v1/widgets?limit=500 404 Not Found in 3 milliseconds'],
    needs: { words: clientLog('404 Not Found') },
    rank: 'group',
    says: [
      { code: 'AA115', confidence: 'likely', why: 'A client asked for a group version that nobody serves.' },
      { code: 'AA410', confidence: 'possible', why: 'If it is registered, the backend does not serve it.' },
    ],
  },
  {
    name: 'client-log-403',
    source: 'client-go transport/round_trippers.go (kubectl -v=6 and above)',
    examples: ['GET https://10.0.0.1:6443/apis/team.example.com/v1/widgets?limit=500 403 Forbidden in 3 milliseconds'],
    needs: { words: clientLog('403 Forbidden') },
    rank: 'hint',
    says: [
      {
        code: 'AA604',
        confidence: 'possible',
        why: 'A client got 403. If its body names system:anonymous or the front-proxy user, the backend takes kube-apiserver for a stranger.',
      },
      { code: 'AA608', confidence: 'possible', why: 'The user may in fact not be allowed.' },
      { code: 'AA606', confidence: 'possible', why: 'The backend may not be able to ask whether the user is allowed.' },
    ],
  },
  {
    name: 'authorization-log',
    source: 'apiserver pkg/endpoints/filters/authorization.go, in the log of the backend',
    examples: ['authorization.go:73] Forbidden: "/apis/team.example.com/v1", Reason: ""'],
    needs: { words: /\bForbidden: "\/apis\/[^"]{1,253}",\s+Reason:/ },
    rank: 'reason',
    says: [{ code: 'AA604', confidence: 'likely', why: 'The backend forbade the caller a path of its group.' }],
  },
  {
    name: 'root-forbidden',
    source: 'apiserver pkg/endpoints/filters/authorization.go; kube-aggregator once probed `/`',
    examples: [
      'authorization.go:73] Forbidden: "/", Reason: ""',
      'GET /: (1.9ms) 403 [Go-http-client/2.0 10.0.0.1:33206]',
    ],
    needs: { words: /\bForbidden: "\/",\s+Reason:|\bGET \/: \([^)]{1,20}\) 403 / },
    rank: 'generic',
    says: [
      {
        code: 'AA802',
        confidence: 'likely',
        why: 'Only the root path was forbidden, which no request for the group needs.',
      },
      { code: 'AA604', confidence: 'possible', why: 'If paths of the group are forbidden, too, it is this.' },
    ],
  },
  {
    name: 'access-log-openapi',
    source: 'apiserver pkg/server/httplog, in the log of the backend',
    examples: [
      'GET /openapi/v2: (302.854µs) 404 [[] 10.0.0.1:48234]',
      '"HTTP" verb="GET" URI="/openapi/v3" latency="312.1µs" userAgent="" srcIP="10.0.0.1:43210" resp=404',
    ],
    needs: { words: /\/openapi\/v[23]"?:? [^]{0,200}?(?:\bresp=404\b|\) 404 \[)/ },
    rank: 'client',
    says: [
      { code: 'AA418', confidence: 'likely', why: 'The backend has no OpenAPI document for kube-aggregator.' },
      { code: 'AA802', confidence: 'possible', why: 'It serves all the same; only explain and validation suffer.' },
    ],
  },
  {
    name: 'access-log-field-401',
    source: 'go-restful and other servers that log a request as fields (logfmt, JSON)',
    examples: [
      'level=info method=GET url=/apis/team.example.com/v1/namespaces/default/widgets proto=HTTP/1.1 statusCode=401',
    ],
    needs: { words: namedPath, within: namedStatus('401') },
    rank: 'reason',
    says: [
      {
        code: 'AA601',
        confidence: 'likely',
        why: "The backend answered 401: it did not accept kube-apiserver's front-proxy client certificate.",
      },
    ],
  },
  {
    name: 'access-log-field-403',
    source: 'go-restful and other servers that log a request as fields (logfmt, JSON)',
    examples: [
      '{"level":"info","method":"GET","statusCode":403,"url":"/apis/team.example.com/v1/widgets","username":"-"}',
    ],
    needs: { words: namedPath, within: namedStatus('403') },
    rank: 'reason',
    says: [
      {
        code: 'AA604',
        confidence: 'likely',
        why: 'The backend answered 403 to a request that came through the group.',
      },
      { code: 'AA608', confidence: 'possible', why: 'The user may in fact not be allowed.' },
    ],
  },
];
