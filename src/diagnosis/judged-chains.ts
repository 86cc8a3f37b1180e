import { selectedPods } from '../aggregation/endpoints.ts';
import { factAt } from '../aggregation/fact-at.ts';
import { toolchainOf } from '../aggregation/go-toolchain.ts';
import { expectedServerName } from '../aggregation/group-version.ts';
import { onServerClock, skewDecides } from '../aggregation/server-clock.ts';
import type { RemoteApiService } from '../checks/define-check.ts';
import { handshakeText, type JudgedChain, type MountedChain } from '../checks/judged-chain.ts';
import { whyRefused } from '../checks/why-refused.ts';
import { type KnownAuthority, wrongBundle } from '../checks/wrong-bundle.ts';
import type { Authority, Fact, Facts, FactsByName } from '../model/facts.ts';
import { fingerprintOf, parseCaBundle, type ServingVerdict, verifyServingChain } from '../x509/index.ts';
import { type Intermediate, missingIntermediates } from './missing-intermediates.ts';
import { oncePerSnapshot } from './once-per-snapshot.ts';

const known = <T>(facts: FactsByName<T>, name: string): T | undefined => {
  const fact = factAt(facts, name);
  return fact.state === 'known' ? fact.value : undefined;
};

/** Every authority that an object of the snapshot names. */
const knownAuthorities = oncePerSnapshot(
  ({ authorities, authenticationConfiguration: published, secrets }: Facts): readonly KnownAuthority[] => {
    const from = (certificates: readonly Uint8Array[] | undefined, what: string): readonly KnownAuthority[] =>
      (certificates ?? []).map((der) => ({ what, sha256: fingerprintOf(der) }));
    const configuration = published.state === 'known' ? published.value : null;
    const publishedAs = (
      certificates: readonly Authority[] | null | undefined,
      what: string,
    ): readonly KnownAuthority[] => (certificates ?? []).map(({ sha256 }) => ({ what, sha256 }));
    const configMap = 'ConfigMap kube-system/extension-apiserver-authentication';
    return [
      ...from(
        known(authorities, 'kube-root-ca.crt')?.['ca.crt'],
        "the cluster's own authority (ConfigMap kube-system/kube-root-ca.crt ca.crt)",
      ),
      ...publishedAs(
        configuration?.clientAuthorities,
        `the authority of client certificates (${configMap} client-ca-file)`,
      ),
      ...publishedAs(
        configuration?.requestHeaderAuthorities,
        `the front-proxy authority, which signs for kube-apiserver as a client (${configMap} requestheader-client-ca-file)`,
      ),
      ...Object.keys(secrets).flatMap((name) =>
        from(known(secrets, name)?.certificates['ca.crt'], `what Secret ${name} holds as ca.crt`),
      ),
    ];
  },
);

type Unjudged<Chain extends JudgedChain> = Omit<Chain, 'verdict' | 'code' | 'why'>;

/** Judges the chains of one APIService; what is the same for all of them is worked out once. */
const judgeOf = (facts: Facts, apiService: RemoteApiService, at: Date) => {
  const { caBundle, insecureSkipTlsVerify, service } = apiService;
  const toolchain = toolchainOf(facts.serverVersion);
  const onServer = onServerClock(at, facts.serverClock);
  const serverName = expectedServerName(service);
  const verify = (presented: readonly Uint8Array[], instant = onServer): ServingVerdict =>
    verifyServingChain({
      presented,
      caBundle: caBundle?.text ?? null,
      serverName,
      at: instant,
      ...toolchain,
    });
  const bundleWhy = (presented: readonly Uint8Array[]): string =>
    wrongBundle(
      parseCaBundle(caBundle?.text ?? '', toolchain).certificates,
      caBundle?.problems ?? [],
      presented,
      knownAuthorities(facts),
    );
  const clockWhy = ({ because: { fault, certificate } }: ServingVerdict): string => {
    const dated = certificate?.certificate;
    const boundary = fault === 'expired' ? dated?.notAfter : fault === 'not-yet-valid' ? dated?.notBefore : undefined;
    return boundary ? skewDecides(boundary, onServer, facts.serverClock) : '';
  };
  /** Go stops at the first fault, and looks at dates first: what else it would say of the leaf once that is renewed. */
  const furtherWhy = ({ code, because }: ServingVerdict, presented: readonly Uint8Array[]): string => {
    const leaf = because.certificate?.certificate;
    if (!leaf || (code !== 'AA301' && code !== 'AA302')) return '';
    const renewed = verify(presented, leaf.notAfter);
    return renewed.accepted || ['expired', 'not-yet-valid'].includes(renewed.because.fault ?? '')
      ? ''
      : ` Renewed as it is, it would be refused all the same: ${whyRefused(renewed.because, serverName, presented).replace(/^A(?= certificate\b)/, 'a')}`;
  };
  return <Chain extends JudgedChain>(chain: Unjudged<Chain>): Chain => {
    const judged = (verdict: ServingVerdict | null, code: JudgedChain['code'], why: string): Chain =>
      ({ ...chain, verdict, code, why }) as unknown as Chain;
    if (caBundle === null || insecureSkipTlsVerify) return judged(null, null, '');
    const verdict = verify(chain.chain);
    if (verdict.accepted) return judged(verdict, null, '');
    const missing = verdict.code === 'AA304' ? missingIntermediates(facts, verdict, chain.chain, verify) : [];
    if (missing.length > 0) return judged(verdict, 'AA309', missingText(missing));
    const why = whyRefused(verdict.because, serverName, chain.chain);
    return judged(
      verdict,
      verdict.code,
      `${why}${verdict.code === 'AA304' ? bundleWhy(chain.chain) : ''}${clockWhy(verdict)}${furtherWhy(verdict, chain.chain)}`,
    );
  };
};

const missingText = (missing: readonly Intermediate[]): string =>
  `It would pass with ${missing.map(({ subject, sha256, from }) => `the intermediate ${subject} (SHA-256 ${sha256}, seen in ${from})`).join(' and ')}, which is not sent.`;

/** What the Secrets hold from which the Pods of the Service may serve: the ready ones, or all where none is. */
export const mountedChains = (facts: Facts, apiService: RemoteApiService, at: Date): Fact<readonly MountedChain[]> => {
  const { namespace, name } = apiService.service;
  const services = factAt(facts.services, namespace);
  const pods = factAt(facts.pods, namespace);
  if (services.state !== 'known') return services;
  if (pods.state !== 'known') return pods;
  const service = services.value.find((candidate) => candidate.name === name);
  const selected = service ? selectedPods(service, pods.value) : [];
  const ready = selected.filter((pod) => pod.ready);
  // Of what nobody serves only what would be served for certain counts.
  const mounting =
    ready.length > 0
      ? ready
      : selected.map((pod) => ({ ...pod, certificates: pod.certificates.filter(({ told }) => told) }));
  const judge = judgeOf(facts, apiService, at);
  const chains = new Map<string, MountedChain>();
  const missing: Exclude<Fact<unknown>, { state: 'known' }>[] = [];
  for (const { name: pod, certificates } of mounting) {
    for (const { secret, key, told } of certificates) {
      const fact = factAt(facts.secrets, `${namespace}/${secret}`);
      if (fact.state !== 'known') {
        missing.push(fact);
        continue;
      }
      const held = fact.value?.certificates ?? {};
      const chain = held[key] ?? [];
      if (chain.length === 0) continue;
      const from = `Secret ${namespace}/${secret} ${key}`;
      const earlier = chains.get(from);
      chains.set(
        from,
        earlier
          ? { ...earlier, pods: [...new Set([...earlier.pods, pod])] }
          : judge<MountedChain>({
              source: 'secret',
              address: null,
              pod: null,
              secret: `${namespace}/${secret}`,
              tlsVersion: null,
              from,
              chain,
              pods: [pod],
              told,
              others: Object.entries(held).flatMap(([other, certificates_]) => (other === key ? [] : certificates_)),
            }),
      );
    }
  }
  const [reason] = missing;
  return chains.size === 0 && reason ? reason : { state: 'known', value: [...chains.values()] };
};

/** What the endpoints present; where no handshake could even be tried, what their Secrets hold. */
export const judgedChains = (
  facts: Facts,
  apiService: RemoteApiService,
  mounted: Fact<readonly MountedChain[]>,
  at: Date,
): Fact<readonly JudgedChain[]> => {
  const served = factAt(facts.servedChains, apiService.name);
  if (served.state !== 'known' || served.value.endpoints.every(({ outcome }) => outcome === 'notReached')) {
    // A Secret that is not there is no witness.
    if (mounted.state === 'known' && mounted.value.length > 0) return mounted;
    if (served.state !== 'known') return served;
  }
  const judge = judgeOf(facts, apiService, at);
  return {
    state: 'known',
    value: served.value.endpoints
      .filter(({ chain }) => chain.length > 0)
      .map((endpoint) =>
        judge<JudgedChain>({
          source: 'port-forward',
          address: endpoint.address,
          pod: endpoint.pod,
          secret: null,
          tlsVersion: endpoint.tlsVersion,
          from: handshakeText(apiService, endpoint),
          chain: endpoint.chain,
        }),
      ),
  };
};
