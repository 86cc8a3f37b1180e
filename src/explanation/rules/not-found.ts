import { builtInGroup } from '../built-in-groups.ts';
import type { Rule } from '../rule.ts';

const noMatches = String.raw`no matches for kind "(?!APIService")[^"]{1,100}" in (?:version|group) "(?!${builtInGroup}[/"])[a-z0-9-]+\.[^"]{1,200}"`;
const notServed =
  /could not find the requested resource \(\w+ [a-z0-9]+\.[a-z0-9-]+\.|doesn't have a resource type "|\bapiVersion "[a-z0-9-]+\.[^"]{1,200}" in \S{1,300} is not available|\bresource \[[a-z0-9-]+\.[^\]]{1,300}\] isn't valid for cluster|cannot select exact GV from REST mapper|\b[Ff]ailed to (?:list|watch) \*\S{1,200}: the server could not find the requested resource|API did not recognize GroupVersionKind|\b(?:resource|kind|type)s? (?:was |is )?not found: "?[a-z0-9-]+\.[a-z0-9.-]+\/v\d/;

/** What clients say of a group, a type or a measurement that they did not find. */
export const notFoundRules: readonly Rule[] = [
  {
    name: 'metrics-api-not-there',
    source: 'kubectl pkg/cmd/top',
    examples: ['error: Metrics API not available', 'The metrics service may not be available.'],
    needs: {
      words:
        /(?<!["/\w-])metrics?[ -](?:API|server|service)s?\b[^."/]{0,40}?\b(?:not (?:be |yet )?(?:available|ready|installed|running|found|enabled|reachable|responding|working|detected)|unavailable|unreachable|missing|down)\b/i,
      without: /\/apis\/|currently unable|FailedGet|is not present|0% available/,
    },
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
        /metrics not available (?:yet|for (?:pod|node))|no metrics known for (?:node|pod)|error collecting or saving metrics|\b(?:node|pod)metrics\.\S{1,253} "[^"]{1,300}" not found|no metrics to serve|metric-storage-ready|\bCPU\(cores\) [^]{0,4000}?<unknown>/i,
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
        /no (?:custom|external) metrics API \(\S+\) registered|apiservices\.apiregistration\.k8s\.io "[^"]{1,253}" not found|\bAPIService "?v\d\S{1,253} (?:(?:is |was )?not (?:found|registered|installed)|(?:is|was) (?:missing|absent)|does(?: not|n't) exist)\b|(?:cannot|can't|could not|couldn't|failed to|unable to) find (?:the )?(?:APIService|API ?group) "?[a-z0-9-]+\.[a-z0-9.-]+|\bNo (?:\S{1,60} )?api ?group "?[a-z0-9-]+\.[a-z0-9.-]+"? (?:was )?found|\bno metrics[- ]server (?:is |was )?(?:detected|deployed|installed|found|running)\b|\bgroup "?[a-z0-9-]+\.[a-z0-9.-]+"? (?:(?:has|is|was|does|could) ?(?:not|n't) (?:been |be )?(?:registered|installed|found|exist|known|served)|not found)\b/i,
    },
    rank: 'reason',
    says: [{ code: 'AA115', confidence: 'certain', why: 'The client found the group nowhere in discovery.' }],
  },
  {
    name: 'heapster',
    source: 'kubectl pkg/cmd/top and kube-controller-manager before 1.13, which fell back to Heapster',
    examples: [
      'Error from server (NotFound): the server could not find the requested resource (get services http:heapster:)',
    ],
    needs: {
      words:
        /\(get services (?:https?:)?heapster\b|services "(?:https?:)?heapster:?" not found|unmarshall heapster response/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA115',
        confidence: 'likely',
        why: 'The client found no metrics group and asked Heapster, which no cluster has any more.',
      },
    ],
  },
  {
    name: 'type-not-found',
    source: 'apimachinery pkg/api/meta/errors.go; client-go rest/request.go; kubectl',
    examples: [
      'no matches for kind "PodMetrics" in version "metrics.k8s.io/v1beta1"',
      'the server could not find the requested resource (get pods.metrics.k8s.io)',
      'Resource not Found: team.example.com/v1, Resource=widgets',
      'Error: apiVersion "team.example.com/v1" in team/templates/widget.yaml is not available',
    ],
    needs: {
      words: new RegExp(`${noMatches}|${notServed.source}`, 'i'),
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
];
