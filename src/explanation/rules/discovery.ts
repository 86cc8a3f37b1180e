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
      'skipped caching discovery info due to the server is currently unable to handle the request',
      'Failed to discover group: team.example.com/v1',
    ],
    needs: {
      words:
        /complete list of server APIs|(?:\bAPI ?(?:groups?|resources?|versions?)|\bserver (?:groups?|resources?|preferred)|\bdiscover(?:y|ing|ed)?|\bresource (?:list|types)|\bREST ?mapp(?:er|ing)|(?<![\w.-])[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190}\/v\d\w{0,12})\b[^]{0,200}?currently unable to handle the request(?! \()|couldn't get resource list for |Failed to read API for groups|has an orphaned API service|(?:could not|couldn't|unable to|failed to|cannot|error) (?:get|getting|retrieve|retrieving|fetch|fetching|list|listing|discover|discovering|refresh|refreshing) (?:a list of |the )?(?:full |available |all )?(?:api ?versions|server (?:preferred )?(?:groups|resources)|API (?:groups?|resources?)|group versions)\b|failed to (?:sync cluster|load initial state of resource)|failed to (?:get|discover|retrieve|fetch|list|refresh) (?:the )?(?:server(?:'s)? |API )(?:preferred )?(?:API )?(?:group )?(?:groups|resources|versions)|ErrGroupDiscoveryFailed|error getting server (?:preferred )?resources|unable to fetch (?:the )?API (?:group|resource)s?|discovery of (?:some )?(?:API )?groups? failed|API discovery failed|skipped caching discovery info|failed to discover group\b|partial success when performing preferred resource discovery|error refreshing discovery|(?:regenerating|initial set of) REST ?mapp\w{1,5}|failed to refresh resource information|received an empty API groups list|failed to fetch list of groupVersions/i,
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
        /unable to write a (?:fallback )?JSON response(?!: (?:expected pointer|no kind|json:))|not an metav1\.Status: [^]{0,300}?(?:stream closed|cancell?ed|broken pipe|deadline)|http: ?Handler timeout|Post-timeout activity|timeout or abort while handling/,
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
  {
    name: 'answer-not-prepared',
    source: 'apiserver pkg/endpoints/handlers/responsewriters/status.go and writers.go',
    examples: [
      'apiserver received an error that is not an metav1.Status: &errors.errorString{s:"expected pointer, but got nil"}',
    ],
    needs: {
      words:
        /(?:unable to write a (?:fallback )?JSON response: (?:expected pointer|no kind|json:)|received an error that is not an metav1\.Status: )(?![^]{0,300}?(?:time-?out|stream closed|cancell?ed|broken pipe|reset by peer|deadline))/i,
    },
    rank: 'generic',
    says: [
      {
        code: 'AA219',
        confidence: 'likely',
        why: 'The API server that logs this answered 500, for an error which its own program did not prepare as an answer.',
      },
    ],
  },
];
