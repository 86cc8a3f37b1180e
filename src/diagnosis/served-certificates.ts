import { answerReading, currentFailure, failureCode, FIRST_MINOR_THAT_VERIFIES } from '../aggregation/health.ts';
import { toolchainOf } from '../aggregation/go-toolchain.ts';
import { expectedServerName } from '../aggregation/group-version.ts';
import { onServerClock } from '../aggregation/server-clock.ts';
import { isRemote, type RemoteApiService } from '../checks/define-check.ts';
import type { JudgedChain } from '../checks/judged-chain.ts';
import { whyRefused } from '../checks/why-refused.ts';
import type { ApiService, ClusterSnapshot, Facts } from '../model/facts.ts';
import type { CertificateReport, CertificateReportItem, ServedEndpointItem } from '../model/report.ts';
import { compareText } from '../model/wording.ts';
import { verifyServingChain } from '../x509/index.ts';
import { certificateReport, certificateReportItem, type JudgedEndpoint, statedItem } from './certificate-report.ts';
import { judgedChains, mountedChains } from './judged-chains.ts';
import { clusterSummary, knownApiServices } from './cluster-summary.ts';

/** What the API server itself says of the certificate, where no chain could be seen. */
const statedItems = (apiService: RemoteApiService, facts: Facts, goVersion: string): readonly ServedEndpointItem[] => {
  const current = currentFailure(apiService, facts.answers[apiService.name]);
  const code = current && failureCode(current.failure, apiService);
  if (!current || !code?.startsWith('AA3')) return [];
  const why =
    current.from === 'condition' ? 'The Available condition says so.' : 'The API server says so in its answer.';
  return [statedItem(current.failure.text, code, goVersion, why)];
};

const refused = ({ endpoints }: CertificateReportItem): number =>
  endpoints.filter(({ verdict }) => !verdict.accepted).length;

/** Why no chain, or none of that endpoint, could be seen on the wire; null where every endpoint presented one. */
const unseenWhy = ({ servedChains }: Facts, name: string): string | null => {
  const served = servedChains[name];
  if (served === undefined) return 'port-forward was left out';
  if (served.state !== 'known') return `${served.state}: ${served.detail}`;
  const { endpoints } = served.value;
  if (endpoints.length === 0) return 'the Service has no ready endpoint';
  const silent = endpoints.filter(({ chain }) => chain.length === 0);
  const [first] = silent;
  if (!first) return null;
  const share = silent.length < endpoints.length ? `at ${silent.length} of ${endpoints.length} endpoints, ` : '';
  return `${share}${first.address}: ${first.outcome}${first.detail === '' ? '' : `, ${first.detail}`}`;
};

/** What the condition makes of a refusal, which depends on the server's version. */
const conditionNote = (
  { serverVersion }: Facts,
  { availability }: ApiService,
  { endpoints, caBundle }: CertificateReportItem,
): string | null => {
  // A certificate that cannot be parsed fails in every version, also where nothing is verified.
  if (
    serverVersion.state !== 'known' ||
    endpoints.every(({ verdict: { accepted, code } }) => accepted || code === 'AA319')
  )
    return null;
  const { minor } = serverVersion.value;
  if (minor < FIRST_MINOR_THAT_VERIFIES)
    return `Kubernetes 1.${minor} does not verify the certificate in its availability check: the condition stays Passed all the same.`;
  if (caBundle.certificates.length === 0 && caBundle.problems.length > 0)
    return `Kubernetes 1.${minor} writes no condition at all while the CA bundle is unusable: one that stands there is older.`;
  // True also where another instant is asked about.
  const says = availability?.status === 'True' ? '' : ': the condition says so';
  return `Kubernetes 1.${minor} verifies the certificate in its availability check too${says}.`;
};

/** Of a chain that kube-aggregator does not hold against a bundle: what it refuses all the same. */
const withoutBundle = (
  chain: JudgedChain,
  apiService: RemoteApiService,
  facts: Facts,
  works: boolean,
  at: Date,
): Pick<JudgedEndpoint, 'verdict' | 'code' | 'why'> => {
  const serverName = expectedServerName(apiService.service);
  const verdict = verifyServingChain({
    presented: chain.chain,
    caBundle: null,
    serverName,
    at: onServerClock(at, facts.serverClock),
    ...toolchainOf(facts.serverVersion),
  });
  // The system roots of the kube-apiserver host decide; its own answer says whether they do.
  const isJudged = verdict.code === 'AA319' || (!apiService.insecureSkipTlsVerify && !works);
  return isJudged
    ? { verdict, code: verdict.code, why: whyRefused(verdict.because, serverName, chain.chain) }
    : { verdict: null, code: null, why: '' };
};

const itemOf = (apiService: RemoteApiService, facts: Facts, at: Date): CertificateReportItem => {
  const toolchain = toolchainOf(facts.serverVersion);
  const chains = judgedChains(facts, apiService, mountedChains(facts, apiService, at), at);
  // What a Secret holds is not what is served where it would be refused and requests succeed.
  const works = answerReading(apiService, facts.answers[apiService.name])?.outcome === 'works';
  const endpoints = (chains.state === 'known' ? chains.value : []).filter(
    ({ source, code }) => source === 'port-forward' || code === null || !works,
  );
  const item = certificateReportItem(
    {
      apiService: apiService.name,
      serverName: expectedServerName(apiService.service),
      caBundle: apiService.caBundle?.text ?? null,
      unseen: unseenWhy(facts, apiService.name),
      conditionNote: null,
      endpoints: endpoints.map((chain) =>
        chain.verdict === null ? { ...chain, ...withoutBundle(chain, apiService, facts, works, at) } : chain,
      ),
    },
    toolchain,
  );
  const told =
    endpoints.length > 0 ? item : { ...item, endpoints: statedItems(apiService, facts, toolchain.goVersion) };
  return { ...told, conditionNote: conditionNote(facts, apiService, told) };
};

/** Bundle, served chains and verdicts of remote APIServices, at an instant; those that are refused first. */
export const servedCertificates = (
  snapshot: ClusterSnapshot,
  names: readonly string[],
  at: Date,
): CertificateReport => {
  const { facts } = snapshot;
  const items = knownApiServices(facts)
    .filter(isRemote)
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((apiService) => itemOf(apiService, facts, at))
    .toSorted((a, b) => refused(b) - refused(a) || compareText(a.apiService ?? '', b.apiService ?? ''));
  return certificateReport(clusterSummary(snapshot), items, at);
};
