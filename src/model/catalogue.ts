/** error: requests for the group version fail now; warning: works, but against a rule; info: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** What the catalogue fixes for a code: never renamed, never reused. The first severity is the usual one. */
export interface CatalogueEntry {
  readonly name: string;
  readonly severities: readonly [Severity, ...Severity[]];
  /** The situation in half a sentence. */
  readonly situation: string;
}

/**
 * Every finding that the tool can name, by code. Families: AA1xx registration, AA2xx backend, AA3xx serving certificate
 * and CA bundle, AA4xx discovery, AA5xx priority, AA6xx authentication and authorization, AA7xx impact, AA8xx outside.
 * The numbers 400-404 and 500-504 are left out: they would be read as HTTP errors.
 */
export const catalogue = {
  AA101: {
    name: 'registration-orphaned',
    severities: ['error'],
    situation:
      'the Service or its whole namespace is gone, and nothing is left that would bring it back: an uninstall left the APIService behind',
  },
  AA102: {
    name: 'registration-contested',
    severities: ['error', 'warning'],
    situation:
      "two writers (Helm releases, Argo CD, Flux, OLM, operators, field managers) claim one APIService, or the Service named belongs to another product than the one the object's labels name",
  },
  AA103: {
    name: 'custom-resource-collision',
    severities: ['error'],
    situation: 'a CustomResourceDefinition and a remote APIService claim the same group version',
  },
  AA104: { name: 'tls-verification-disabled', severities: ['warning'], situation: '`insecureSkipTLSVerify: true`' },
  AA105: {
    name: 'backend-namespace-terminating',
    severities: ['error'],
    situation:
      'the Service lives in a namespace that is being deleted, so that deletion waits for the group and the group for the namespace',
  },
  AA106: {
    name: 'automanaged-label-misused',
    severities: ['warning'],
    situation:
      'the automanaged label on a remote APIService (with value `true` and no CRD the server deletes it within a second), or a hand-made local one without it',
  },
  AA107: { name: 'name-mismatch', severities: ['error'], situation: '`metadata.name` is not `<version>.<group>`' },
  AA108: {
    name: 'priority-out-of-range',
    severities: ['error'],
    situation: 'groupPriorityMinimum outside 1..20000 or versionPriority outside 1..1000',
  },
  AA109: {
    name: 'tls-fields-contradict',
    severities: ['error'],
    situation: 'caBundle together with insecureSkipTLSVerify, or either one on a local APIService',
  },
  AA110: {
    name: 'registration-api-removed',
    severities: ['error'],
    situation: 'the manifest uses apiregistration.k8s.io/v1beta1, which servers from 1.22 on do not serve',
  },
  AA111: {
    name: 'condition-never-written',
    severities: ['error'],
    situation: 'no Available condition, long after creation',
  },
  AA112: {
    name: 'condition-contradicts-probe',
    severities: ['error'],
    situation: 'the Available condition says one thing, a request made now says the other',
  },
  AA113: {
    name: 'condition-flapping',
    severities: ['warning'],
    situation: 'the condition changes back and forth, or kube-apiserver replicas disagree about it',
  },
  AA114: {
    name: 'feature-disabled',
    severities: ['error'],
    situation:
      'the product that owns the APIService is installed with the feature that would serve it switched off (e.g. an operator whose metrics server is disabled)',
  },
  AA115: {
    name: 'registration-missing',
    severities: ['error'],
    situation:
      'clients ask for a group that no APIService and no CRD registers: the product is not installed, or was removed',
  },
  AA116: {
    name: 'registration-obsolete',
    severities: ['error'],
    situation: 'the Service is there, but the product behind it no longer serves this group version (upgraded past it)',
  },
  AA117: {
    name: 'still-starting',
    severities: ['info'],
    situation: 'APIService or Pods are younger than the time they need; wait, and for how long',
  },
  AA201: {
    name: 'service-missing',
    severities: ['error'],
    situation: 'the Service is not there (reason ServiceNotFound)',
  },
  AA202: {
    name: 'service-port-missing',
    severities: ['error'],
    situation: 'the Service does not list the port (reason ServicePortError)',
  },
  AA203: {
    name: 'endpoints-missing',
    severities: ['error'],
    situation:
      'no ready address behind the Service (EndpointsNotFound, MissingEndpoints), and no closer cause was found',
  },
  AA204: {
    name: 'selector-matches-nothing',
    severities: ['error'],
    situation: "the Service's selector matches no Pod",
  },
  AA205: {
    name: 'pods-not-ready',
    severities: ['error'],
    situation:
      'Pods are selected but not Ready: not scheduled, image, crash, probe; says which and shows the last state',
  },
  AA206: {
    name: 'target-port-mismatch',
    severities: ['error'],
    situation: 'the named or numbered targetPort is not one the Pods listen on or name',
  },
  AA207: {
    name: 'connection-refused',
    severities: ['error'],
    situation: 'something answered the dial with a refusal: nothing listens on that address and port',
  },
  AA208: {
    name: 'connection-timed-out',
    severities: ['error'],
    situation:
      'the dial or the answer timed out: firewall, security group, NetworkPolicy, VXLAN, overlay not reachable from the control plane, or a backend too slow; says which address and port have to be opened',
  },
  AA209: {
    name: 'address-not-routable',
    severities: ['error'],
    situation:
      'no route to host, network unreachable, a control plane that may not reach pod addresses ("Address is not allowed"), a Pod range that overlaps the node network',
  },
  AA210: {
    name: 'tunnel-unavailable',
    severities: ['error'],
    situation: 'the konnectivity or egress-selector tunnel between control plane and nodes is down or has no agent',
  },
  AA211: {
    name: 'http-proxy-interferes',
    severities: ['error'],
    situation:
      "an HTTP proxy in kube-apiserver's environment takes the request (NO_PROXY lacks the Service or Pod range)",
  },
  AA212: {
    name: 'service-mesh-interferes',
    severities: ['error'],
    situation: 'a mesh sidecar in front of the backend demands its own mTLS or is not ready',
  },
  AA213: {
    name: 'endpoint-failing',
    severities: ['warning'],
    situation: 'one endpoint of several fails, hidden by the any-of-five availability rule',
  },
  AA214: {
    name: 'answer-slow',
    severities: ['warning'],
    situation: "the answer takes more than half of the aggregator's five seconds",
  },
  AA215: {
    name: 'network-policy-blocks',
    severities: ['warning'],
    situation: 'a NetworkPolicy selects the backend and admits no address of the control plane',
  },
  AA216: {
    name: 'single-replica',
    severities: ['info'],
    situation: 'one Pod serves the group version, without disruption budget',
  },
  AA217: {
    name: 'service-name-unresolvable',
    severities: ['error'],
    situation: 'DNS: no such host (ExternalName, or a server name looked up instead of the ClusterIP)',
  },
  AA218: {
    name: 'backend-speaks-plain-http',
    severities: ['error'],
    situation: 'the backend answers HTTP on the port where TLS is expected',
  },
  AA219: {
    name: 'backend-error',
    severities: ['error'],
    situation: 'the backend answers 5xx of its own, or closes the connection (EOF, reset)',
  },
  AA220: {
    name: 'backend-redirects',
    severities: ['error'],
    situation: 'the backend answers with a redirect, which the aggregator refuses',
  },
  AA221: {
    name: 'cluster-ip-unreachable',
    severities: ['error'],
    situation:
      'the ClusterIP itself cannot be reached from the control plane (no kube-proxy there, service routing broken), Pod addresses can; `--enable-aggregator-routing` is the usual way',
  },
  AA222: {
    name: 'service-not-checkable',
    severities: ['error'],
    situation:
      'the aggregator could not look at the Service or its endpoints (ServiceAccessError, EndpointsAccessError; status Unknown)',
  },
  AA223: {
    name: 'host-port-clash',
    severities: ['error'],
    situation: "a hostNetwork backend wants a port that the node already uses (the kubelet's 10250 first of all)",
  },
  AA224: {
    name: 'service-headless',
    severities: ['error'],
    situation: 'the Service has no ClusterIP to dial, and the control plane does not route to endpoints',
  },
  AA301: {
    name: 'serving-certificate-expired',
    severities: ['error'],
    situation: 'the serving certificate is past its notAfter',
  },
  AA302: {
    name: 'serving-certificate-not-yet-valid',
    severities: ['error'],
    situation: 'the serving certificate is before its notBefore, or the clock of the control plane is behind',
  },
  AA303: {
    name: 'server-name-not-covered',
    severities: ['error'],
    situation: 'no SAN matches `<service>.<namespace>.svc`',
  },
  AA304: {
    name: 'unknown-authority',
    severities: ['error'],
    situation:
      'the chain ends in no certificate of the CA bundle; says why: rotated CA, same subject with another key, another issuer',
  },
  AA305: {
    name: 'ca-bundle-empty',
    severities: ['error', 'warning'],
    situation: "no caBundle and no insecureSkipTLSVerify: kube-apiserver's system roots decide",
  },
  AA306: {
    name: 'ca-bundle-unreadable',
    severities: ['error'],
    situation: 'not base64, not PEM, no certificate inside, double base64',
  },
  AA307: {
    name: 'ca-certificate-expired',
    severities: ['error'],
    situation: 'a certificate authority on the only path has expired or is not yet valid',
  },
  AA308: {
    name: 'common-name-only',
    severities: ['error'],
    situation: 'the certificate has no SAN and relies on its Common Name',
  },
  AA309: {
    name: 'intermediate-missing',
    severities: ['error'],
    situation: 'the backend does not send an intermediate that the path needs',
  },
  AA310: {
    name: 'serving-certificate-outdated',
    severities: ['warning'],
    situation: 'the Secret holds a newer certificate than the one that is served',
  },
  AA311: {
    name: 'certificate-expires-soon',
    severities: ['warning'],
    situation: 'leaf or authority inside its warning window, by share of lifetime',
  },
  AA312: {
    name: 'key-usage-unsuitable',
    severities: ['error'],
    situation:
      'extended key usage without server authentication, a CA that may not sign, or one whose path length is exceeded',
  },
  AA313: {
    name: 'signature-algorithm-refused',
    severities: ['error'],
    situation: "SHA-1 or MD5 signature, key too small for the control plane's Go version",
  },
  AA314: {
    name: 'ca-bundle-untidy',
    severities: ['warning'],
    situation: 'private key inside, leaf instead of authority, duplicates, text around it',
  },
  AA315: {
    name: 'endpoints-serve-different-certificates',
    severities: ['warning'],
    situation: 'the endpoints of one Service present different certificates',
  },
  AA316: {
    name: 'tls-handshake-fails',
    severities: ['error'],
    situation: 'protocol version, cipher suite, alert from the backend',
  },
  AA317: {
    name: 'ca-injection-inactive',
    severities: ['error'],
    situation:
      'an injection annotation (cert-manager, OpenShift service-ca, OLM) is there and the bundle is empty, old or removed by another writer',
  },
  AA318: {
    name: 'name-constraint-violated',
    severities: ['error'],
    situation: 'a name constraint of an authority on the path forbids the server name',
  },
  AA319: {
    name: 'certificate-malformed',
    severities: ['error'],
    situation: 'the certificate cannot be parsed by Go (negative serial, bad encoding …)',
  },
  AA410: {
    name: 'discovery-path-missing',
    severities: ['error'],
    situation:
      '404 on `/apis/<group>/<version>`: wrong group version, wrong server, old backend. A 404 on `/`, `/apis` or `/apis/<group>` alone is no finding (kube-apiserver falls back); AA410 names them as further missing paths',
  },
  AA411: {
    name: 'discovery-document-invalid',
    severities: ['error'],
    situation: 'empty body, HTML, other kind, groupVersion of another group, not JSON',
  },
  AA412: {
    name: 'discovery-document-empty',
    severities: ['warning'],
    situation:
      'a valid list without resources; not for `external.metrics.k8s.io`, whose list may be empty while every metric is served, nor where only the aggregated document lacks a metrics group that the legacy one has',
  },
  AA413: {
    name: 'version-not-served',
    severities: ['error'],
    situation: "registered and marked Current, but absent from the backend's own document",
  },
  AA414: {
    name: 'discovery-stale',
    severities: ['error', 'warning'],
    situation: 'the aggregated document marks the version Stale; names the cause',
  },
  AA415: {
    name: 'discovery-documents-disagree',
    severities: ['warning'],
    situation: "legacy, aggregated and backend's own document differ in more than order rules explain",
  },
  AA416: {
    name: 'version-not-registered',
    severities: ['info'],
    situation: 'the backend serves a version of its group that no APIService registers',
  },
  AA417: {
    name: 'resource-entry-invalid',
    severities: ['warning'],
    situation: 'a resource without kind, verbs or with duplicates',
  },
  AA418: {
    name: 'openapi-unavailable',
    severities: ['warning'],
    situation: 'the group version is missing from /openapi/v3 (or v2), or two servers define one path',
  },
  AA419: {
    name: 'client-cache-outdated',
    severities: ['info'],
    situation: 'the local discovery cache still shows another state',
  },
  AA420: {
    name: 'aggregated-discovery-refused',
    severities: ['info'],
    situation: 'the server answers 406 or a legacy body to the aggregated request',
  },
  AA421: {
    name: 'registration-lagging',
    severities: ['error'],
    situation:
      "Available, yet `/apis/<group>/<version>` answers the aggregator's own 404: another backend that never answers `/openapi` holds up the registration of every APIService; names that backend",
  },
  AA422: {
    name: 'discovery-entry-left-over',
    severities: ['error'],
    situation:
      'the aggregated document keeps resources of a Service that no longer serves the group version, until kube-apiserver restarts',
  },
  AA510: {
    name: 'preferred-version-unexpected',
    severities: ['warning'],
    situation: 'the version clients take is not the one that the priorities ask for',
  },
  AA511: {
    name: 'group-priority-tied',
    severities: ['info'],
    situation: 'two groups share a priority and the name decides',
  },
  AA512: {
    name: 'version-order-unusual',
    severities: ['warning'],
    situation: 'an alpha or beta is preferred to a stable version of the group',
  },
  AA513: {
    name: 'resource-name-shadowed',
    severities: ['warning'],
    situation:
      'a remote group takes a resource name, short name or kind from the group that would have it without that registration. Names shared among built-in groups, and a remote group that merely stands behind a built-in one, are no findings',
  },
  AA514: {
    name: 'group-outranks-built-in',
    severities: ['warning'],
    situation: 'a remote group is ordered before a built-in one',
  },
  AA515: {
    name: 'group-priority-inconsistent',
    severities: ['info'],
    situation: 'versions of one group ask for different group priorities',
  },
  AA601: {
    name: 'proxy-certificate-rejected',
    severities: ['error'],
    situation:
      "the backend does not accept kube-apiserver's front-proxy client certificate (401): request-header CA not the same everywhere, rotated, expired. A CN that is not allowed gives the same 401: AA602 leads only where the allowed names are seen or the text names them",
  },
  AA602: {
    name: 'proxy-name-not-allowed',
    severities: ['error'],
    situation: "the client certificate's CN is not in requestheader-allowed-names",
  },
  AA603: {
    name: 'request-header-configuration-missing',
    severities: ['error'],
    situation: 'extension-apiserver-authentication lacks or cannot give the request-header CA',
  },
  AA604: {
    name: 'backend-forbids',
    severities: ['error'],
    situation:
      "403 from the backend for the aggregator's own user: headers not believed, or delegated authorization failing",
  },
  AA605: {
    name: 'auth-reader-binding-missing',
    severities: ['error'],
    situation: "the backend's ServiceAccount may not read extension-apiserver-authentication",
  },
  AA606: {
    name: 'auth-delegator-binding-missing',
    severities: ['error'],
    situation: "the backend's ServiceAccount may not create TokenReviews or SubjectAccessReviews",
  },
  AA607: {
    name: 'caller-forbidden',
    severities: ['warning'],
    situation:
      'the person running the tool lacks a permission; not the aggregation layer. Subject is the caller (`kind: User`), never an APIService; at most one in a report; what it hides stands under `undetermined`',
  },
  AA608: {
    name: 'metrics-access-forbidden',
    severities: ['warning'],
    situation: 'a user or controller (e.g. the HPA controller) lacks RBAC for resources in the aggregated group',
  },
  AA609: {
    name: 'backend-credentials-rejected',
    severities: ['error'],
    situation: "the backend's own ServiceAccount token is refused (401) when it asks the API server",
  },
  AA610: {
    name: 'request-header-ca-shared',
    severities: ['warning'],
    situation: 'the request-header CA is also the client CA: any client certificate could then claim any user',
  },
  AA611: {
    name: 'proxy-identity-confused',
    severities: ['error'],
    situation:
      "everything looks healthy, but resource requests are answered 403 for another user than the caller: the backend takes kube-apiserver's certificate for the user itself (front-proxy certificate signed by the client CA, or request-header trust not configured)",
  },
  AA701: {
    name: 'namespace-deletion-blocked',
    severities: ['error'],
    situation: 'namespaces are Terminating because the group cannot be listed',
  },
  AA702: {
    name: 'autoscaler-starved',
    severities: ['error'],
    situation: 'HorizontalPodAutoscalers ask a group that is unavailable or does not hold the metric',
  },
  AA703: {
    name: 'garbage-collection-degraded',
    severities: ['warning'],
    situation: 'controllers that need full discovery (garbage collector, quota) work without the group',
  },
  AA704: {
    name: 'client-discovery-degraded',
    severities: ['warning'],
    situation: 'clients print discovery errors, or fail: kubectl, Helm, Argo CD, backup tools',
  },
  AA705: {
    name: 'openapi-merge-degraded',
    severities: ['warning'],
    situation: 'explain, validation and diff of clients suffer from the missing schema',
  },
  AA706: {
    name: 'webhook-unavailable',
    severities: ['error', 'warning'],
    situation:
      'admission or conversion webhooks are called through the group version or its Service; a warning where none of them makes requests fail',
  },
  AA801: {
    name: 'kubelet-scrape-fails',
    severities: ['info'],
    situation:
      'metrics-server cannot scrape kubelets (kubelet certificate, address type); its own readiness follows from it',
  },
  AA802: { name: 'harmless-log-noise', severities: ['info'], situation: 'a log line known to be harmless' },
  AA803: {
    name: 'apiserver-defect',
    severities: ['warning'],
    situation:
      'a symptom seen now that a known defect of this kube-apiserver version explains; the version alone is never a finding',
  },
  AA804: {
    name: 'metric-not-defined',
    severities: ['info'],
    situation: 'the group answers, but the metric or resource asked for is not there (adapter rules, labels)',
  },
  AA805: {
    name: 'webhook-not-apiservice',
    severities: ['info'],
    situation: 'the certificate or connection error belongs to an admission or conversion webhook',
  },
  AA806: {
    name: 'backend-own-connection',
    severities: ['info'],
    situation:
      'the error is on a connection that the backend itself makes (its gRPC peer, its database, Prometheus), not on the way from kube-apiserver',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

export type FindingCode = keyof typeof catalogue;

export const isFindingCode = (text: string): text is FindingCode => Object.hasOwn(catalogue, text);
