import type { Rule } from '../rule.ts';

const validation = 'kube-aggregator pkg/apis/apiregistration/validation/validation.go';
const invalid = (words: string): string => `The APIService "v1.team.example.com" is invalid: ${words}`;

/** The APIService object: who writes it, and what the API server refuses about it. */
export const registrationRules: readonly Rule[] = [
  {
    name: 'owned-by-another',
    source:
      'Helm pkg/action/validate.go; structured-merge-diff merge/conflict.go; Argo CD (SharedResourceWarning); OLM pkg/controller/operators/olm/apiservices.go',
    examples: [
      'APIService "v1beta1.external.metrics.k8s.io" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata',
      'Apply failed with 1 conflict: conflict with "helm" using apiregistration.k8s.io/v1: .spec.service.name',
      'SharedResourceWarning: APIService/v1beta1.metrics.k8s.io is part of applications argocd/a and b',
      'pre-existing APIService v1.team.example.com is not adoptable',
    ],
    needs: {
      words:
        /APIService "[^"]{1,253}"[^"]{0,40}(?:"[^"]{0,63}")?[^"]{0,40}cannot be imported into the current release|conflicts? with "[^"]{1,200}" (?:using|with subresource)[^]{0,60}apiregistration\.k8s\.io|SharedResourceWarning[^]{0,200}APIService|APIService[^]{0,200}is part of applications|apiservices\.apiregistration\.k8s\.io "[^"]{1,253}" already exists|APIService[^]{0,120}(?:already (?:exists|owned)|owner conflict|is owned by|is not adoptable)/i,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA102',
        confidence: 'certain',
        why: 'The APIService is there already, and belongs to another writer than the one that wants it now.',
      },
    ],
  },
  {
    name: 'tls-fields-contradict',
    source: validation,
    examples: [
      invalid('spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present'),
      invalid('spec.caBundle: Invalid value: "10 bytes": local APIServices may not have a caBundle'),
    ],
    needs: { words: /may not be true if caBundle is present|local APIServices may not have / },
    rank: 'reason',
    says: [
      {
        code: 'AA109',
        confidence: 'certain',
        why: 'The API server refuses the object: its two TLS fields exclude each other.',
      },
    ],
  },
  {
    name: 'name-mismatch',
    source: validation,
    examples: [
      invalid('metadata.name: Invalid value: "v1.other": must be `spec.version+"."+spec.group`: "v1.team.example.com"'),
    ],
    needs: { words: /must be [`'"]{0,2}spec\.version ?\+ ?"\." ?\+ ?spec\.group/ },
    rank: 'reason',
    says: [
      {
        code: 'AA107',
        confidence: 'certain',
        why: 'The API server refuses the object: its name has to be made of version and group.',
      },
    ],
  },
  {
    name: 'priority',
    source: validation,
    examples: [invalid('spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000')],
    needs: {
      words:
        /must be positive and less than (?:20000|1000)\b|\b(?:groupPriorityMinimum|versionPriority)\b[^]{0,40}?\bmust be\b/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA108',
        confidence: 'certain',
        why: 'The API server refuses the object: a priority is missing or outside its range.',
      },
    ],
  },
  {
    name: 'registration-api-removed',
    source: 'Kubernetes 1.22 removals; apimachinery pkg/api/meta/errors.go',
    examples: [
      'no matches for kind "APIService" in version "apiregistration.k8s.io/v1beta1"',
      'apiregistration.k8s.io/v1beta1 APIService is deprecated in v1.19+, unavailable in v1.22+; use apiregistration.k8s.io/v1 APIService',
    ],
    needs: {
      words:
        /no matches for kind "APIService"|apiregistration\.k8s\.io\/v1beta1,? (?:Kind=)?APIService|apiregistration\.k8s\.io\/v1beta1\b[^]{0,80}?(?:removed|no longer|not (?:available|served|supported))/,
    },
    rank: 'reason',
    says: [
      {
        code: 'AA110',
        confidence: 'certain',
        why: 'The manifest is of the version of the registration API that servers from 1.22 on do not serve.',
      },
    ],
  },
  {
    name: 'ca-bundle-not-base64',
    source: 'Go encoding/base64, encoding/json into APIServiceSpec.CABundle',
    examples: ['APIService in version "v1" cannot be handled as a APIService: illegal base64 data at input byte 0'],
    needs: { words: /illegal base64 data|no valid certificate authority data seen|unable to parse bytes as PEM block/ },
    rank: 'reason',
    says: [
      { code: 'AA306', confidence: 'certain', why: 'The CA bundle is not base64 of PEM with a certificate inside.' },
    ],
  },
  {
    name: 'namespace-terminating',
    source: 'apiserver pkg/admission/plugin/namespace/lifecycle',
    examples: [
      'services "api" is forbidden: unable to create new content in namespace team because it is being terminated',
    ],
    needs: { words: /because it is being terminated/ },
    rank: 'reason',
    says: [
      {
        code: 'AA105',
        confidence: 'possible',
        why: 'A namespace is being deleted; if the backend lives there, the deletion waits for the group and the group for the namespace.',
      },
    ],
  },
  {
    name: 'changes-back-and-forth',
    source: 'kubernetes-mixin (KubeAggregatedAPIErrors, KubeAggregatedAPIDown)',
    examples: [
      'KubeAggregatedAPIErrors: Kubernetes aggregated API v1beta1.metrics.k8s.io/default has reported errors. It has appeared unavailable 4 times averaged over the past 10m.',
      'Kubernetes aggregated API 10.0.0.1:6443/v1beta1.metrics.k8s.io/default has reported FailedDiscoveryCheck errors.',
      'Kubernetes aggregated API v1beta1.metrics.k8s.io/default has been only 70% available over the last 10m.',
    ],
    needs: {
      words:
        /KubeAggregatedAPIErrors|aggregated API \S+ has reported (?:\w+ )?errors|has appeared unavailable \S+ times|has been only (?:\d*[1-9]\d*(?:\.\d+)?|0\.\d*[1-9]\d*)% available/i,
      without: /has been only 0(?:\.0+)?% available/,
    },
    rank: 'group',
    says: [
      {
        code: 'AA113',
        confidence: 'likely',
        why: 'The alert counts changes to unavailable, or a share of the time: it fails and comes back, or only some kube-apiservers see it fail.',
      },
    ],
  },
  {
    name: 'registration-not-made',
    source: 'operators and virtual clusters, which create their APIService themselves and word it freely',
    examples: ['Error registering metrics apiservice: the cache is not started, can not read objects'],
    needs: {
      words:
        /(?:error|failed|unable|cannot|could not|couldn't)(?: to)? (?:creat|register|install|apply)\w{0,4} (?:\w{1,30} ){0,2}api ?services?\b/i,
      without: /already exists/,
    },
    rank: 'group',
    says: [{ code: 'AA115', confidence: 'likely', why: 'Whoever should register the group says that it could not.' }],
  },
  {
    name: 'no-condition-yet',
    source: 'kube-aggregator pkg/registry/apiservice/etcd (printed column AVAILABLE)',
    examples: ['v1.team.example.com   team/api   Unknown   5m'],
    needs: { words: /(?<![\w.-])v\d\w{0,12}\.[a-z0-9.-]{1,253} [a-z0-9-]+\/[a-z0-9-]+ Unknown(?! \()/ },
    rank: 'group',
    says: [
      { code: 'AA111', confidence: 'likely', why: 'kube-apiserver has written no condition.' },
      { code: 'AA306', confidence: 'possible', why: 'From 1.36 on that is so for a caBundle that cannot be read.' },
      { code: 'AA117', confidence: 'possible', why: 'A second after its creation it is normal.' },
    ],
  },
  {
    name: 'ca-injection',
    source: 'cert-manager cainjector; OpenShift service-ca; OLM pkg/controller/install',
    examples: [
      'cert-manager/cainjector "unable to find associated certificate for injectable" kind="APIService" name="v1.team.example.com"',
      'could not find any ca data in data source for target',
      '"unable to fetch associated secret" error="Secret \\"api-tls\\" not found" resource_kind="APIService" resource_name="v1.team.example.com"',
    ],
    needs: {
      words:
        /\binjectable[^]{0,200}?(?:unable|could not|not found|error|failed)|(?:unable|could not|not found|error|failed)[^]{0,200}?\binjectable|unable to (?:fetch|find|load) (?:the )?(?:associated )?(?:secret|certificate|CA)\b[^]{0,300}\bAPIService\b|could not find any ca data|\bcainjector\b[^]{0,160}?(?:not found|unable to|failed to|could not)|(?:certificate|secret) (?:has|contains) no CA data|failed to read CA from data source|could not determine ca data source|unable to (?:apply|fetch) target object (?:with CA data|to inject into)|found the CA cert is not active/i,
    },
    rank: 'reason',
    says: [{ code: 'AA317', confidence: 'likely', why: 'Whoever should write caBundle says that it could not.' }],
  },
  {
    name: 'verification-off',
    source: 'kube-aggregator pkg/apis/apiregistration/v1/types.go',
    examples: ['insecureSkipTLSVerify: true'],
    needs: {
      words: /insecureSkipTLSVerify"?[:=] ?true|Insecure Skip TLS Verify: true/i,
      without: /may not be true if caBundle/,
    },
    rank: 'hint',
    says: [{ code: 'AA104', confidence: 'certain', why: 'The object printed switches TLS verification off.' }],
  },
];
