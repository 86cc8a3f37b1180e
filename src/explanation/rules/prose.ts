import type { Rule } from '../rule.ts';
import { causesOfFailedCheck } from './hints.ts';

const people = 'people who put a symptom into their own words, in a ticket, a chat or an alert of their own';

/** Symptoms in the words of people: they name what fails, and mostly not why. */
export const proseRules: readonly Rule[] = [
  {
    name: 'said-of-discovery-check',
    source: people,
    examples: [
      'v1.team.example.com is in failed discovery',
      'The API service v1.team.example.com failed its discovery check',
    ],
    needs: {
      words: /\bfailed (?:its |the |in )?discovery(?: checks?)?\b|\bdiscovery checks? (?:is |are )?fail(?:ed|s|ing)\b/i,
    },
    rank: 'hint',
    says: [
      {
        code: 'AA208',
        confidence: 'possible',
        why: 'The probe of a ready endpoint failed, and the words do not say how. A time-out is the most open of the causes.',
      },
      ...causesOfFailedCheck,
      { code: 'AA203', confidence: 'possible', why: 'There may be no ready endpoint at all.' },
    ],
  },
  {
    name: 'said-of-group',
    source: people,
    examples: [
      'The aggregated API is down',
      'v1.team.example.com is unavailable',
      'API group team.example.com is unreachable',
      'the APIService v1.team.example.com is False',
    ],
    needs: {
      words:
        /(?:\bAPI[ -]?(?:service|group)s?\b|\baggregated API\b|(?<![\w.-])v[1-9]\w{0,12}\.[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190})(?: \S{1,253})?[^.\n]{0,60}?\b(?:down|unavailable|unreachable|unhealthy|failing|broken|not (?:available|ready|healthy|working|responding|reachable))\b|(?<![\w.-])v[1-9]\w{0,12}\.[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190}[: ]{1,3}False\b(?! \()|(?:\bAPI[ -]?services?\b(?: \S{1,253})?|(?<![\w.-])v[1-9]\w{0,12}\.[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190}) (?:is|are|as|shows?|says|reports?) (?:available[ =:]{1,3})?false\b(?! \()/i,
    },
    rank: 'hint',
    says: [
      {
        code: 'AA203',
        confidence: 'possible',
        why: 'The words only say that the group is not there; which cause it is stands in the condition and in the answer. No ready endpoint is the first thing to look for.',
      },
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
  {
    name: 'said-of-endpoints',
    source: people,
    examples: ['The Service has no endpoints', 'There are no ready pods behind the service api'],
    needs: {
      words:
        /\bservice\b[^.\n]{0,80}?\b(?:has|have|with) no (?:ready |active |available |healthy )?endpoints\b|\bno (?:ready |running |healthy )?(?:pods?|endpoints) (?:behind|for|in|of) (?:the |this |its )?service\b|\bendpointslices? not found\b/i,
    },
    rank: 'group',
    says: [{ code: 'AA203', confidence: 'likely', why: 'The words say that no ready address is behind the Service.' }],
  },
  {
    name: 'said-of-service',
    source: people,
    examples: ['The service team/api does not exist', 'port 443 not found in service api'],
    needs: {
      words:
        /\bservice "?[a-z0-9-]{1,63}(?:\/[a-z0-9-]{1,63})?"? (?:does not|doesn't|no longer) exists?\b|\bport "?\d{1,5}"? (?:is )?not (?:found|listed|defined|exposed) (?:in|on|by) (?:the )?service\b/i,
    },
    rank: 'group',
    says: [
      { code: 'AA201', confidence: 'likely', why: 'The words say that the Service, or its port, is not there.' },
      { code: 'AA202', confidence: 'likely', why: 'It is this if the Service is there and lists another port.' },
    ],
  },
  {
    name: 'said-of-namespace',
    source: people,
    examples: ['Namespace "team" is stuck in Terminating because of team.example.com/v1'],
    needs: {
      words:
        /\bnamespaces?\b[^.\n]{0,80}?\b(?:stuck|hangs?|hanging|remains?|stays?|locked|blocked)\b[^.\n]{0,40}?\bterminating\b|\bnamespaces? (?:\S{1,70} )?(?:won't|will not|can't|cannot|can not|does not|doesn't) (?:be )?(?:deleted?|terminated?|finish)\b/i,
      without: /NamespaceDeletion|finalizers? (?:remaining|left)|Some resources are remaining/,
    },
    rank: 'victim',
    says: [
      {
        code: 'AA701',
        confidence: 'likely',
        why: 'A namespace that cannot finish deleting mostly waits for a group that cannot be listed; its condition NamespaceDeletionDiscoveryFailure tells, or a finalizer that is left.',
      },
    ],
  },
  {
    name: 'said-of-autoscaler',
    source: people,
    examples: [
      'The HPA shows <unknown>',
      'unable to read metrics for the HPA',
      'the autoscaler cannot get its metrics',
    ],
    needs: {
      words:
        /\b(?:HPAs?|(?:pod ?)?autoscalers?|HorizontalPodAutoscalers?)\b[^.\n]{0,80}?(?:<unknown>|\bunknown\b|\b(?:cannot|can't|unable|not able|fails?|failing|failed|doesn't|does not|no) [^.\n]{0,30}?\b(?:metrics?|targets?|scal(?:e|ing))\b)|\b(?:cannot|can't|unable to|failed to|fails to) [a-z]{2,12} (?:the )?metrics? (?:for|of) (?:the )?(?:HPA|autoscaler|HorizontalPodAutoscaler)\b/i,
    },
    rank: 'victim',
    says: [{ code: 'AA702', confidence: 'likely', why: 'An autoscaler got no value from a metrics group.' }],
  },
  {
    name: 'said-of-serving-certificate',
    source: people,
    examples: ['The serving certificate of api.team.svc has expired'],
    needs: {
      words: /\b(?:certificate|cert)\b[^.\n]{0,40}?(?:\.\w[^.\n]{0,40}?){0,4}\b(?:has |is |was |had )?expired\b/i,
      without:
        /x509|tls: |front-?proxy|client cert|kubelet|etcd|webhook|request-?header|before|soon|authenticate the request|CERT_HAS|alert|loopback/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA301',
        confidence: 'likely',
        why: 'The words say that a certificate is past its end, and do not say whose; for a group it is the one that the backend serves.',
      },
      { code: 'AA601', confidence: 'possible', why: 'It may be the front-proxy certificate of kube-apiserver.' },
    ],
  },
  {
    name: 'said-of-front-proxy',
    source: people,
    examples: ['front-proxy-client certificate expired', 'request header CA mismatch'],
    needs: {
      words:
        /\bfront-?proxy\b[^.\n]{0,60}?\b(?:expired|mismatch\w*|invalid|rejected|not (?:trusted|accepted))\b|\bexpired\b[^.\n]{0,20}?\bfront-?proxy|\baggregator-client(?:-signer)?\b[^]{0,160}?\b(?:expired|past its|requires a new|notAfter)|\brequest-? ?header[^.\n]{0,12}?\b(?:client )?CA\b[^.\n]{0,40}?\b(?:mismatch\w*|differs?|wrong|not the same|changed|rotated)\b/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA601',
        confidence: 'likely',
        why: 'The words are about the certificate that kube-apiserver presents to backends, or the authority that they check it with.',
      },
    ],
  },
  {
    name: 'said-of-401',
    source: people,
    examples: [
      'requests of the aggregator to the extension API server return 401',
      'the aggregated API answers with 401',
    ],
    needs: {
      words:
        /\b(?:aggregat(?:ed|or|ion)|extension|API ?service|apiserver)\b[^.\n]{0,100}?\b(?:return(?:s|ed|ing)?|answer(?:s|ed|ing)?|respond(?:s|ed|ing)?|gets?|got|with)(?: with)?(?: an?)?(?: HTTP)?(?: code| status)? 401\b/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA601',
        confidence: 'likely',
        why: "The words say that the backend does not accept kube-apiserver's front-proxy client certificate.",
      },
    ],
  },
  {
    name: 'said-of-http-proxy',
    source: people,
    examples: [
      'kube-apiserver has HTTPS_PROXY set and NO_PROXY without the service CIDR',
      'I forgot to add it to no_proxy',
    ],
    needs: {
      words:
        /\bNO_?PROXY\b[^.\n]{0,60}?\b(?:without|missing|lack(?:s|ed)|(?:not|n't) (?:include|contain|cover|set))|\b(?:add(?:ed|ing)?|put|forgot|missing)\b[^.\n]{0,80}?\bno_?proxy\b/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA211',
        confidence: 'likely',
        why: "The words name an HTTP proxy in kube-apiserver's environment that addresses of the cluster are not kept from.",
      },
    ],
  },
  {
    name: 'said-of-network',
    source: people,
    examples: [
      'the API server cannot reach the pods of the adapter',
      'the service IP is not reachable from the control plane',
    ],
    needs: {
      words:
        /\b(?:api ?server|control plane|masters?)\b[^.\n]{0,40}?\b(?:cannot|can't|could not|couldn't|unable to|not able to|fails to) (?:reach|connect to|talk to|contact|access)\b[^.\n]{0,60}?\b(?:pods?|services?|cluster ?ips?|endpoints?|adapter|extension|backend)\b|\b(?:service|cluster|pod)s? ?(?:IPs?|address(?:es)?|networks?|CIDR) (?:is|was|are|were) (?:un|not )reachable\b/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA208',
        confidence: 'likely',
        why: 'The words say that the control plane does not reach the backend, and not how a connection ends. A time-out is the most open of the causes.',
      },
      { code: 'AA209', confidence: 'possible', why: 'There may be no route to it.' },
      { code: 'AA210', confidence: 'possible', why: 'A tunnel between control plane and nodes may be down.' },
    ],
  },
  {
    name: 'said-of-aggregation-layer',
    source: people,
    examples: ['the aggregation layer is not enabled', 'kube aggregation is not configured on the API server'],
    needs: {
      words:
        /\b(?:API |kube[- ])?aggregat(?:ion(?: layer)?|or) (?:is |was )?(?:not|isn't|wasn't) (?:been |being |yet )?(?:set ?up|configured|enabled)\b/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA603',
        confidence: 'likely',
        why: 'The words say that kube-apiserver has no request-header configuration, which is what switches the aggregation layer on.',
      },
      { code: 'AA601', confidence: 'possible', why: 'It may have no front-proxy client certificate.' },
    ],
  },
  {
    name: 'said-of-ca-bundle',
    source: people,
    examples: ['The caBundle is invalid'],
    needs: {
      words: /\bcaBundle\b[^.\n]{0,40}?\b(?:invalid|unreadable|malformed|corrupt\w*|not (?:valid|base64|PEM))\b/i,
      without: /local APIServices|may not be true/,
    },
    rank: 'group',
    says: [{ code: 'AA306', confidence: 'likely', why: 'The words say that the CA bundle cannot be read.' }],
  },
  {
    name: 'said-of-ca-bundle-content',
    source: people,
    examples: ['caBundle is outdated', 'The caBundle does not match the serving certificate'],
    needs: {
      words:
        /\bcaBundle\b[^.\n]{0,40}?\b(?:empty|missing|outdated|stale|wrong|mismatch\w*|(?:does not|doesn't) match|not (?:set|injected|updated))\b/i,
    },
    rank: 'group',
    says: [
      {
        code: 'AA304',
        confidence: 'likely',
        why: 'The words say that the CA bundle does not fit the serving certificate.',
      },
      { code: 'AA305', confidence: 'likely', why: 'It is this if the bundle is empty.' },
      { code: 'AA317', confidence: 'possible', why: 'It is this if an injector should have written it.' },
    ],
  },
];
