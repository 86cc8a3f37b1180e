import type { Rule } from '../rule.ts';

/** What clients and kube-apiserver say about discovery and OpenAPI. */
export const discoveryRules: readonly Rule[] = [
  {
    name: 'stale-group-version',
    source: 'client-go discovery/aggregated_discovery.go (StaleGroupVersionError)',
    examples: [
      'unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1',
    ],
    needs: { words: /\bstale GroupVersion\b/i },
    rank: 'group',
    says: [
      {
        code: 'AA414',
        confidence: 'certain',
        why: 'The aggregated discovery document marks the group version Stale: kube-apiserver could not fetch it from the backend. Why, the client cannot know.',
      },
    ],
  },
  {
    name: 'discovery-download',
    source: 'kube-aggregator handler_discovery.go',
    examples: [
      'failed to download discovery for /apis/team.example.com/v1: ResponseCode: 503, Body: service unavailable',
      'DiscoveryManager: Failed to download discovery for team/api:443: 503 service unavailable',
      'service team/api:443 returned non-success response code: 503',
    ],
    needs: {
      words:
        /failed to download (?:legacy )?discovery for |returned non-success response code: |scope\) do not match|scope do not match/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA414',
        confidence: 'certain',
        why: 'kube-apiserver could not fetch the discovery document from the backend, and marks the group version Stale.',
      },
    ],
  },
  {
    name: 'no-usable-version',
    source: 'metrics pkg/client/custom_metrics/discovery.go',
    examples: ['no known available metric versions found'],
    needs: { words: /no known available metric versions found/i },
    rank: 'group',
    says: [{ code: 'AA414', confidence: 'likely', why: 'The group is listed, and no version of it can be used.' }],
  },
  {
    name: 'discovery-of-a-client',
    source:
      'client-go discovery/discovery_client.go (ErrGroupDiscoveryFailed), cached/memory/memcache.go; rancher/steve',
    examples: [
      'unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request',
      "couldn't get resource list for metrics.k8s.io/v1beta1: the server is currently unable to handle the request",
      'Failed to read API for groups map[metrics.k8s.io/v1beta1:the server is currently unable to handle the request]',
      'WARNING: The Kubernetes server has an orphaned API service. Server reports: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request',
      'failed to sync cluster https://10.96.0.1:443: failed to load initial state of resource Widget.team.example.com: the server is currently unable to handle the request (get widgets.team.example.com)',
      'could not get apiVersions from Kubernetes: could not get server groups and resources',
    ],
    needs: {
      words:
        /complete list of server APIs|(?:\bAPI ?(?:groups?|resources?|versions?)|\bserver (?:groups?|resources?|preferred)|\bdiscover(?:y|ing|ed)?|\bresource (?:list|types)|\bREST ?mapp(?:er|ing)|(?<![\w.-])[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190}\/v\d\w{0,12})\b[^]{0,200}?currently unable to handle the request(?! \()|couldn't get resource list for |Failed to read API for groups|has an orphaned API service|(?:could not|couldn't|unable to|failed to|cannot|error) (?:get|getting|retrieve|retrieving|fetch|fetching|list|listing|discover|discovering|refresh|refreshing) (?:a list of |the )?(?:full |available |all )?(?:api ?versions|server (?:preferred )?(?:groups|resources)|API (?:groups?|resources?)|group versions)\b|failed to (?:sync cluster|load initial state of resource)|failed to (?:get|discover|retrieve|fetch|list|refresh) (?:the )?(?:server(?:'s)? |API )(?:preferred )?(?:API )?(?:group )?(?:groups|resources|versions)|ErrGroupDiscoveryFailed|error getting server (?:preferred )?resources|unable to fetch (?:the )?API (?:group|resource)s?|discovery of (?:some )?(?:API )?groups? failed|API discovery failed/i,
      // The client's way to kube-apiserver itself, and what it may not read.
      without:
        /Get "?https?:\/\/[^\s"/]{1,300}\/apis?(?:\?timeout=\w{1,9})?"?: |is forbidden: User "|conversion webhook for /i,
    },
    rank: 'client',
    says: [
      {
        code: 'AA704',
        confidence: 'certain',
        why: 'A client could not discover the group. Some clients go on without it (kubectl), others stop (Helm, Velero, Argo CD).',
      },
    ],
  },
  {
    name: 'discovery-panic',
    source: 'client-go 0.26.0 discovery/aggregated_discovery.go (a resource without responseKind); Go runtime',
    examples: [
      'panic: runtime error: invalid memory address or nil pointer dereference\ngoroutine 1 [running]:\nk8s.io/client-go/discovery.convertAPIResource(...)',
    ],
    needs: { words: /(?:\bpanic\b|SIGSEGV)[^]{0,4000}?k8s\.io\/client-go\/(?:discovery|restmapper)\b/ },
    rank: 'client',
    says: [
      { code: 'AA704', confidence: 'certain', why: 'A client broke down over a discovery document.' },
      {
        code: 'AA417',
        confidence: 'likely',
        why: 'Older clients do not bear an entry without a kind in the document that a backend gives.',
      },
    ],
  },
  {
    name: 'openapi-of-a-backend',
    source: 'kube-aggregator pkg/controllers/openapi and openapiv3; kube-openapi pkg/aggregator',
    examples: [
      'loading OpenAPI spec for "v1beta1.metrics.k8s.io" failed with: OpenAPI spec does not exist',
      'Error updating APIService "v1beta1.metrics.k8s.io" with err: failed to download v1beta1.metrics.k8s.io: resource not found',
      'OpenAPI AggregationController: action for item v1beta1.metrics.k8s.io: Rate Limited Requeue.',
    ],
    needs: {
      words:
        /loading OpenAPI spec for |failed to retrieve openAPI spec|OpenAPI spec does not exist|OpenAPI AggregationController|error updating APIService |failed to download v\d\w*\.\S+: |could not get list of group versions for APIService|failed to build merge specs|spec for apiservice \S+ is not yet available|error (?:when )?(?:in )?(?:merging|aggregating) OpenAPI/i,
    },
    rank: 'client',
    says: [
      {
        code: 'AA418',
        confidence: 'certain',
        why: 'kube-apiserver could not take over the OpenAPI document of this APIService.',
      },
      {
        code: 'AA802',
        confidence: 'possible',
        why: 'A backend that has no OpenAPI document is answered with these lines for ever, and serves all the same.',
      },
    ],
  },
  {
    name: 'openapi-of-a-client',
    source: 'kubectl and Helm validation (cli-runtime, kubectl pkg/util/openapi)',
    examples: [
      'error validating "app.yaml": error validating data: failed to download openapi: the server is currently unable to handle the request',
    ],
    needs: {
      words:
        /failed to (?:download|retrieve|fetch|get|load) (?:the )?open ?api(?: schema| spec| v[23])?(?:: | \()|error validating data: (?:the server|an error on the server)|(?:error|failed|couldn't) (?:getting|to get|get) OpenAPI (?:resources|schema|v[23])|unable to (?:load|fetch|get) openapi/i,
      // The way to kube-apiserver itself.
      without: /\/openapi\/v[23]\S{0,100}: (?:dial |x509|tls|net\/http: TLS handshake|EOF|proxyconnect)/,
    },
    rank: 'group',
    says: [
      {
        code: 'AA705',
        confidence: 'certain',
        why: 'A client could not read the OpenAPI document that it validates with.',
      },
      { code: 'AA418', confidence: 'possible', why: 'A backend whose OpenAPI paths fail or hang can be behind it.' },
    ],
  },
  {
    name: 'metrics-api-not-there',
    source: 'kubectl pkg/cmd/top',
    examples: ['error: Metrics API not available'],
    needs: { words: /Metrics API not available/i },
    rank: 'group',
    says: [
      {
        code: 'AA115',
        confidence: 'likely',
        why: 'kubectl found no usable version of the metrics group: it is not registered …',
      },
      {
        code: 'AA414',
        confidence: 'likely',
        why: '… or it is registered and marked Stale, which a client of aggregated discovery cannot tell from absent.',
      },
    ],
  },
  {
    name: 'metrics-not-yet',
    source: 'kubectl pkg/cmd/top; metrics-server pkg/storage',
    examples: [
      'error: metrics not available yet',
      'podmetrics.metrics.k8s.io "default/app-1" not found',
      'unable to fetch node metrics for node "worker-1": no metrics known for node',
    ],
    needs: {
      words:
        /metrics not available (?:yet|for (?:pod|node))|no metrics known for (?:node|pod)|error collecting or saving metrics|\b(?:node|pod)metrics\.\S{1,253} "[^"]{1,300}" not found|no metrics to serve|metric-storage-ready/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA801',
        confidence: 'likely',
        why: 'The metrics API answers, and metrics-server has no measurement to give: its scrapes of the kubelets failed, or have not been made.',
      },
      {
        code: 'AA117',
        confidence: 'possible',
        why: 'After a start the first measurement takes up to two scrape intervals.',
      },
    ],
  },
  {
    name: 'group-not-registered',
    source: 'metrics pkg/client/custom_metrics/discovery.go; k9s',
    examples: [
      'No metrics API group metrics.k8s.io found on cluster',
      'group team.example.com has not been registered',
      'no custom metrics API (custom.metrics.k8s.io) registered',
      'Error from server (NotFound): apiservices.apiregistration.k8s.io "v1.team.example.com" not found',
    ],
    needs: {
      words:
        /no (?:custom|external) metrics API \(\S+\) registered|apiservices\.apiregistration\.k8s\.io "[^"]{1,253}" not found|\bAPIService "?v\d\S{1,253} (?:is |was )?not found|\bNo (?:\S{1,60} )?api ?group "?[a-z0-9-]+\.[a-z0-9.-]+"? (?:was )?found|\bno metrics-server detected|\bgroup "?[a-z0-9-]+\.[a-z0-9.-]+"? (?:(?:has|is|was|does|could) ?(?:not|n't) (?:been |be )?(?:registered|installed|found|exist|known|served)|not found)\b/i,
    },
    rank: 'reason',
    says: [{ code: 'AA115', confidence: 'certain', why: 'The client found the group nowhere in discovery.' }],
  },
  {
    name: 'type-not-found',
    source: 'apimachinery pkg/api/meta/errors.go; client-go rest/request.go; kubectl',
    examples: [
      'no matches for kind "PodMetrics" in version "metrics.k8s.io/v1beta1"',
      'the server could not find the requested resource (get pods.metrics.k8s.io)',
      'Resource not Found: team.example.com/v1, Resource=widgets',
    ],
    needs: {
      words:
        /no matches for kind "(?!APIService")[^"]{1,100}" in (?:version|group) "[a-z0-9-]+\.[^"]{1,200}"|could not find the requested resource \(\w+ [a-z0-9]+\.[a-z0-9-]+\.|doesn't have a resource type "|API did not recognize GroupVersionKind|\b(?:resource|kind|type)s? (?:was |is )?not found: "?[a-z0-9-]+\.[a-z0-9.-]+\/v\d/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA115',
        confidence: 'likely',
        why: 'The client found nobody who serves the type: its group is not registered …',
      },
      {
        code: 'AA414',
        confidence: 'possible',
        why: '… or is registered and Stale, which drops its types from what clients see.',
      },
    ],
  },
  {
    name: 'short-name-shadowed',
    source: 'kubectl and client-go restmapper/shortcut.go (1.29)',
    examples: ['short name "po" could also match lower priority resource pods.metrics.k8s.io'],
    needs: { words: /could also match lower priority resource / },
    rank: 'reason',
    says: [
      { code: 'AA513', confidence: 'certain', why: 'Two groups offer the same short name, and priority decides.' },
    ],
  },
  {
    name: 'still-starting',
    source: 'apiserver pkg/util/notfoundhandler',
    examples: ['the request has been made before all known HTTP paths have been installed, please try again'],
    needs: { words: /before all known HTTP paths have been installed/ },
    rank: 'reason',
    says: [
      {
        code: 'AA117',
        confidence: 'certain',
        why: 'kube-apiserver had not yet registered all APIServices after its start; that takes less than a second.',
      },
    ],
  },
  {
    name: 'answer-given-up',
    source: 'apiserver pkg/server/filters/timeout.go, pkg/endpoints/handlers/responsewriters',
    examples: [
      'apiserver was unable to write a JSON response: http: Handler timeout',
      'Post-timeout activity - time-elapsed: 3.9s, GET "/apis/metrics.k8s.io/v1beta1/nodes" result: <nil>',
    ],
    needs: {
      words:
        /unable to write a (?:fallback )?JSON response|http: ?Handler timeout|Post-timeout activity|timeout or abort while handling/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA214',
        confidence: 'likely',
        why: "It is the backend's own log: the answer was ready when nobody waited for it any more.",
      },
      { code: 'AA208', confidence: 'likely', why: 'For the caller that is a time-out.' },
    ],
  },
];
