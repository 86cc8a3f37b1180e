import type { Rule } from '../rule.ts';

/** What clients and kube-apiserver say about OpenAPI documents. */
export const openApiRules: readonly Rule[] = [
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
        /loading OpenAPI spec for |failed to load (?:the )?(?:OpenAPI )?spec for |failed to retrieve openAPI spec|OpenAPI spec does not exist|OpenAPI AggregationController: action for item(?: [^:]{0,300})?: Rate Limited|error updating APIService |failed to download v\d\w*\.\S+: |could not get list of group versions for APIService|failed to build merge specs|error in OpenAPI (?:v[23] )?handler|spec for apiservice \S+ is not yet available|error (?:when )?(?:in )?(?:merging|aggregating) OpenAPI/i,
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
    name: 'openapi-controller-at-work',
    source: 'kube-aggregator pkg/controllers/openapi and openapiv3 (klog of severity I)',
    examples: [
      'OpenAPI AggregationController: action for item v1.team.example.com: Nothing (removed from the queue).',
      'Starting OpenAPI AggregationController',
    ],
    needs: { words: /OpenAPI (?:V3 )?AggregationController(?!: action for item(?: [^:]{0,300})?: Rate Limited)/ },
    rank: 'hint',
    says: [
      {
        code: 'AA802',
        confidence: 'likely',
        why: 'kube-apiserver says what it does with OpenAPI documents; none failed.',
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
];
