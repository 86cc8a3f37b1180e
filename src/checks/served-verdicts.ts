import { goToolchain, NEWEST_GO } from '../aggregation/go-toolchain.ts';
import { expectedServerName } from '../aggregation/group-version.ts';
import type { Fact, ServedChains, ServedEndpoint, ServerVersion } from '../model/facts.ts';
import { type ServingVerdict, verifyServingChain } from '../x509/index.ts';
import type { RemoteApiService } from './define-check.ts';

/** What the control plane's Go says of what one endpoint presents. */
export interface ServedVerdict {
  readonly endpoint: ServedEndpoint;
  readonly verdict: ServingVerdict;
}

/**
 * Go's verdict on each endpoint that presented a chain. None where nothing is verified, and none where the bundle is empty:
 * then the system roots of the kube-apiserver host decide, which cannot be seen from here.
 */
export const servedVerdicts = (
  apiService: RemoteApiService,
  served: Fact<ServedChains>,
  serverVersion: Fact<ServerVersion>,
  at: Date,
): readonly ServedVerdict[] => {
  const { caBundle, service, insecureSkipTlsVerify } = apiService;
  if (served.state !== 'known' || caBundle === null || insecureSkipTlsVerify) return [];
  const toolchain =
    serverVersion.state === 'known' ? goToolchain(serverVersion.value.minor, serverVersion.value.goVersion) : NEWEST_GO;
  return served.value.endpoints
    .filter(({ chain }) => chain.length > 0)
    .map((endpoint) => ({
      endpoint,
      verdict: verifyServingChain({
        presented: endpoint.chain,
        caBundle: caBundle.text,
        serverName: expectedServerName(service),
        at,
        ...toolchain,
      }),
    }));
};

/** `TLS handshake with Pod kube-system/metrics-server-0 at 10.244.0.10:4443`. */
export const handshakeText = ({ service }: RemoteApiService, { pod, address }: ServedEndpoint): string =>
  `TLS handshake with ${pod === null ? 'an endpoint' : `Pod ${service.namespace}/${pod}`} at ${address}`;
