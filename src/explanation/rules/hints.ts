import type { Rule, Saying } from '../rule.ts';

const unspecific =
  'The words only repeat that kube-aggregator does not have the group; which cause it is stands in the condition and in the answer.';

/** What the answer to the probe of a ready endpoint may have been, where the words do not tell. */
export const causesOfFailedCheck: readonly Saying[] = [
  { code: 'AA207', confidence: 'possible', why: 'The probe may have been refused.' },
  { code: 'AA410', confidence: 'possible', why: 'The server may not serve the group version.' },
  { code: 'AA601', confidence: 'possible', why: 'The server may have answered 401.' },
  { code: 'AA604', confidence: 'possible', why: 'The server may have answered 403.' },
];

/** Words that say that something fails and not why: they count where a message says nothing more. */
export const hintRules: readonly Rule[] = [
  {
    name: 'failed-in-other-words',
    source: 'kube-aggregator remote_available_controller.go; apimachinery pkg/util/proxy (any error of the transport)',
    examples: [
      'error trying to reach service: net/http: server response headers exceeded 1048576 bytes; aborted',
      'failing or missing response from https://10.96.0.20:443/apis/team.example.com/v1: Get "https://10.96.0.20:443/apis/team.example.com/v1": chunked line ends with bare LF',
    ],
    needs: {
      on: ['backend'],
      failure: null,
      words: /[a-z]{3}\S{0,40} \S/i,
      without:
        /^\W{0,9}(?:dial|read|write|lookup|Get|Post)\b[^:]{0,300}(?::\d{0,5})?\W{0,9}$|service unavailable|ResponseCode: |^\S{1,500}:? {0,2}\d{3}\b|^\/apis\//i,
    },
    rank: 'hint',
    says: [
      {
        code: 'AA219',
        confidence: 'likely',
        why: 'The request of kube-aggregator failed on the way or at the backend, in words that belong to none of the known causes.',
      },
    ],
  },
  {
    name: 'reason-service-not-found',
    source: 'kube-aggregator remote_available_controller.go; the AVAILABLE column of kubectl get apiservices',
    examples: ['v1.team.example.com   team/api   False (ServiceNotFound)   10m'],
    needs: { words: /\bServiceNotFound\b/ },
    rank: 'hint',
    says: [
      { code: 'AA201', confidence: 'certain', why: 'The reason of the condition says that the Service is not there.' },
    ],
  },
  {
    name: 'reason-service-port',
    source: 'kube-aggregator remote_available_controller.go',
    examples: ['v1.team.example.com   team/api   False (ServicePortError)   10m'],
    needs: { words: /\bServicePortError\b/ },
    rank: 'hint',
    says: [
      {
        code: 'AA202',
        confidence: 'certain',
        why: 'The reason of the condition says that the Service does not list the port.',
      },
    ],
  },
  {
    name: 'reason-endpoints',
    source: 'kube-aggregator remote_available_controller.go',
    examples: [
      'v1.team.example.com   team/api   False (MissingEndpoints)   10m',
      'EndpointsNotFound',
      'NAME   ENDPOINTS   AGE\napi    <none>      5d',
    ],
    needs: {
      words: /\b(?:MissingEndpoints|EndpointsNotFound)\b|\bEndpoints: ?<none>|\bENDPOINTS AGE\b[^]{0,2000}? <none> /,
    },
    rank: 'hint',
    says: [
      {
        code: 'AA203',
        confidence: 'certain',
        why: 'The reason of the condition, or the list of endpoints, says that there is no ready address behind the Service.',
      },
    ],
  },
  {
    name: 'too-many-requests',
    source:
      'apimachinery pkg/api/errors (429); apiserver pkg/server/filters/priority-and-fairness.go and maxinflight.go',
    examples: [
      'Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later (get widgets.team.example.com)',
      'Error from server: Too many requests, please try again later.',
    ],
    needs: {
      on: ['backend', 'throughApiServer', 'unknown'],
      words:
        /the server has received too many requests and has asked us to try again later|\bToo many requests, please try again later/,
    },
    rank: 'generic',
    says: [
      {
        code: 'AA219',
        confidence: 'possible',
        why: 'The backend of the group or kube-apiserver itself refused for its load: both say it in the same words, and a second value of the header Audit-Id (`-v=8`) tells that it was the backend.',
      },
    ],
  },
  {
    name: 'program-ended',
    source: 'component-base cli/run.go; Go runtime; klog (severity F ends the program)',
    examples: [
      'run.go:74] "command failed" err="failed to get delegated authentication kubeconfig: open /etc/kubeconfig: no such file or directory"',
      'panic: unable to load client CA file: open /etc/ca/ca.crt: no such file or directory',
      'F0102 10:00:00.000000       1 apiserver.go:90] Error loading config file "/etc/api/kubeconfig"',
    ],
    needs: {
      words:
        /\brun\.go:\d+\] "command failed"|failed to (?:get|read) (?:delegated|in-cluster) [^]{0,40}?(?:kube)?config\b|\bPostStartHook "[^"]{1,100}" failed: |(?<![\w.-])panic: (?!runtime error)|\bF\d{4} \d\d:\d\d:\d\d\.\d(?![^]*timed out waiting)/,
      // kubectl ends so, too.
      without: /\] (?:Error from server|error: )/,
    },
    rank: 'hint',
    says: [
      {
        code: 'AA205',
        confidence: 'likely',
        why: 'A program ended with an error; if it is the backend, its Pod is not Ready.',
      },
    ],
  },
  {
    name: 'reason-access',
    source: 'kube-aggregator remote_available_controller.go',
    examples: ['v1.team.example.com   team/api   Unknown (EndpointsAccessError)   10m'],
    needs: { words: /\b(?:ServiceAccessError|EndpointsAccessError)\b/ },
    rank: 'hint',
    says: [
      {
        code: 'AA222',
        confidence: 'certain',
        why: 'The reason of the condition says that the Service or its endpoints could not be looked at.',
      },
    ],
  },
  {
    name: 'reason-discovery-check',
    source: 'kube-aggregator remote_available_controller.go',
    examples: [
      'v1.team.example.com   team/api   False (FailedDiscoveryCheck)   10m',
      `failing or missing response from https://10.96.0.20:443/apis/team.`,
    ],
    needs: { words: /\bFailedDiscoveryCheck\b|failing or missing response/ },
    rank: 'hint',
    says: [
      {
        code: 'AA208',
        confidence: 'possible',
        why: 'The Service has a ready endpoint and the probe of it failed; the message, which says how, is missing here. A time-out is the most open of the causes.',
      },
      ...causesOfFailedCheck,
      { code: 'AA304', confidence: 'possible', why: 'From 1.36 on the probe verifies the certificate, too.' },
      { code: 'AA210', confidence: 'possible', why: 'A tunnel between control plane and nodes may be down.' },
    ],
  },
  {
    name: 'unauthorized',
    source: 'apimachinery pkg/api/errors/errors.go (401)',
    examples: [
      'Unauthorized',
      'the server has asked for the client to provide credentials',
      'authentication.go:70] "Unable to authenticate the request"',
    ],
    needs: {
      words: /\bUnauthorized\b|client to provide credentials|Unable to authenticate the request/,
      without: /must be logged in/,
    },
    rank: 'hint',
    says: [
      {
        code: 'AA601',
        confidence: 'possible',
        why: "If only the aggregated group is answered so, the backend does not accept kube-apiserver's front-proxy certificate.",
      },
      {
        code: 'AA609',
        confidence: 'possible',
        why: "If it stands in a backend's log, the API server refused the backend's token.",
      },
      {
        code: 'AA607',
        confidence: 'possible',
        why: 'If every request is answered so, it is the credentials of the kubeconfig.',
      },
    ],
  },
  {
    name: 'websocket-refused',
    source: 'gorilla/websocket client.go (ErrBadHandshake) and the consoles that pass its status on',
    examples: ["Can't connect to websocket (503): websocket: bad handshake", 'websocket: bad handshake'],
    needs: { words: /websocket: bad handshake|connect(?:ing)? to websocket \(5\d\d\)/i, without: /\((?:401|403)\)/ },
    rank: 'hint',
    says: [
      {
        code: 'AA203',
        confidence: 'possible',
        why: 'A console or stream of an aggregated group was not opened, and the words do not say by whom. No ready endpoint is the first thing to look for.',
      },
      { code: 'AA208', confidence: 'possible', why: 'The control plane may not reach the backend.' },
      { code: 'AA219', confidence: 'possible', why: 'The backend may have failed.' },
      { code: 'AA211', confidence: 'possible', why: 'A proxy in between may not let streams pass.' },
    ],
  },
  {
    name: 'page-of-a-proxy',
    source: 'the error pages of nginx, HAProxy, Envoy and load balancers; no API server answers in HTML',
    examples: ['<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>'],
    needs: { words: /<(?:title|h1)>50[234] [^<]{1,60}<\/(?:title|h1)>/i },
    rank: 'hint',
    says: [
      {
        code: 'AA211',
        confidence: 'possible',
        why: 'An HTTP proxy answered, not the backend; it may be one that kube-apiserver sends its requests through.',
      },
      { code: 'AA212', confidence: 'possible', why: 'A mesh sidecar or an ingress may stand before the backend.' },
      {
        code: 'AA806',
        confidence: 'possible',
        why: 'If every request is answered so, it stands before kube-apiserver.',
      },
    ],
  },
  {
    name: 'unavailable',
    source:
      'apimachinery pkg/api/errors/errors.go (503); kube-aggregator handler_proxy.go; kubernetes-mixin (KubeAggregatedAPIDown)',
    examples: [
      'Error from server (ServiceUnavailable): the server is currently unable to handle the request (get widgets.team.example.com)',
      'Kubernetes aggregated API v1.team.example.com/default has been only 0% available over the last 10m.',
      "timeout waiting for: [APIService/v1.team.example.com status: 'InProgress']",
    ],
    needs: {
      words:
        /currently unable to handle the request(?! \(\w+ [a-z]+(?:\.[a-z0-9-]+)?(?: \S+)?\))|\bservice unavailable\b|KubeAggregatedAPI|Kubernetes aggregated API|aggregator_unavailable_apiservice|timed out waiting [^]{0,60}?\bapiservices?\/|\bAPI (?:group|service|version)\b[^]{0,80}?(?:not available|unavailable)|changing APIService availability|\bAPIServices? not installed|\/apis\/[a-z0-9-]{1,63}\.[^\s"]{1,253}"?:? [^]{0,300}?(?:\bresp=503\b|\) 503\b)|\bAPIService\/v\d\S{1,253}\sstatus:\W{0,4}(?:InProgress|Failed|Unknown)\b|\bAPIServicesAvailable: |\bAPIServices?_\w{1,40}|"[a-z0-9.-]{1,190}\.v\d\w{0,12}" is not ready|APIService[^]{0,80}?(?:is not ready|failed to be(?:come)? (?:ready|available)|not available|unavailable)|(?<![\w.-])[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190}\/v[1-9]\w{0,12}"? (?:is )?(?:not (?:yet )?|un)available/i,
    },
    rank: 'hint',
    says: [
      { code: 'AA203', confidence: 'possible', why: `${unspecific} No ready endpoint is the first thing to look for.` },
      { code: 'AA201', confidence: 'possible', why: 'An uninstall may have left the APIService without its Service.' },
      { code: 'AA208', confidence: 'possible', why: 'The control plane may not reach the backend.' },
      {
        code: 'AA304',
        confidence: 'possible',
        why: 'The serving certificate may be refused, which up to 1.35 the condition does not show.',
      },
      { code: 'AA601', confidence: 'possible', why: "The backend may not accept kube-apiserver's client certificate." },
    ],
  },
];
