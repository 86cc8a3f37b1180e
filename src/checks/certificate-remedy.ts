import { expectedServerName } from '../aggregation/group-version.ts';
import type { ApiService } from '../model/facts.ts';
import type { Remedy } from '../model/finding.ts';
import type { OfferedBundle } from './bundle-for.ts';
import type { RemoteApiService } from './define-check.ts';
import { asObject, isPutBack, patchedSpec, remedyFor } from './remedy-for.ts';

/** How to look at the certificate that is served and at the bundle; what to change stands in `text`. */
export const certificateRemedy = ({ name, service }: RemoteApiService, text: string): Remedy => ({
  text,
  commands: [
    `kubectl get apiservice ${name} -o jsonpath='{.spec.caBundle}' | base64 -d | openssl x509 -noout -subject -issuer -dates`,
    `kubectl -n ${service.namespace} port-forward service/${service.name} 8443:${service.port} & sleep 2; openssl s_client -connect localhost:8443 -servername ${expectedServerName(service)} -showcerts </dev/null`,
  ],
});

/** Authorities that were seen and would do, so that a person can compare them: nobody verified the way on which they came. */
export const comparable = (offered: Extract<OfferedBundle, { pem: string }>): string =>
  offered.authorities.map(({ subject, sha256 }) => `${subject}, SHA-256 ${sha256}`).join('; ');

/** How to have the bundle that is offered as it is, for whoever has to write it where the APIService is kept. */
export const bundleToCopy = (apiService: ApiService): readonly string[] =>
  isPutBack(asObject(apiService)) ? [`kubectl aa cert ${apiService.name} -o pem`] : [];

/** The remedy with the bundle under which what is served passes; as it was where none can be offered. */
export const withBundle = (remedy: Remedy, apiService: RemoteApiService, offered: OfferedBundle): Remedy =>
  'pem' in offered
    ? remedyFor(
        `${remedy.text} What is served passes with this authority: ${comparable(offered)}. Compare the fingerprint with the server's own file first.`,
        [patchedSpec(apiService, { caBundle: Buffer.from(offered.pem).toString('base64') })],
        [...remedy.commands, ...bundleToCopy(apiService)],
      )
    : remedy;

export const CERTIFICATE_SOURCE =
  'Go crypto/x509 verify.go; kube-aggregator handler_proxy.go (every version) and remote_available_controller.go (from 1.36)';

export const CERTIFICATE_BY_HAND: readonly string[] = [
  'kubectl get --raw /apis/<group>/<version> -v=8',
  "kubectl get apiservice <name> -o jsonpath='{.spec.caBundle}' | base64 -d | openssl x509 -noout -text",
];
