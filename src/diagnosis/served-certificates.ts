import { answerReading, currentFailure, failureCode } from '../aggregation/health.ts';
import { goToolchain, NEWEST_GO } from '../aggregation/go-toolchain.ts';
import { expectedServerName } from '../aggregation/group-version.ts';
import type { ApiService, ClusterSnapshot } from '../model/facts.ts';
import type { CertificateReport, CertificateReportItem, ServedEndpointItem } from '../model/report.ts';
import { certificateReport, certificateReportItem } from './certificate-report.ts';
import { compareText } from './compare-text.ts';
import { quoteLine } from './received-text.ts';
import { clusterSummary, knownApiServices } from './report.ts';

/** What the API server itself says of the certificate, where no chain could be seen. */
const saidItem = (
  apiService: ApiService,
  { facts }: ClusterSnapshot,
  goVersion: string,
): readonly ServedEndpointItem[] => {
  const current = currentFailure(apiService, facts.answers[apiService.name]);
  const code = current && failureCode(current.failure, apiService);
  if (!current || !code?.startsWith('AA3')) return [];
  const why =
    current.from === 'condition' ? 'The Available condition says so.' : 'The API server says so in its answer.';
  return [
    {
      address: null,
      pod: null,
      source: 'condition',
      chain: [],
      verdict: { accepted: false, error: quoteLine(current.failure.text), code, goVersion, why },
    },
  ];
};

const refused = ({ endpoints }: CertificateReportItem): number =>
  endpoints.filter(({ verdict }) => !verdict.accepted).length;

/** Why no chain of an APIService could be seen; null where one was, or where no endpoint is ready. */
const unseenWhy = ({ facts }: ClusterSnapshot, name: string): string | null => {
  const served = facts.servedChains[name];
  if (served === undefined) return 'port-forward was left out';
  if (served.state !== 'known') return `${served.state}: ${served.detail}`;
  const [first] = served.value.endpoints;
  if (!first) return 'the Service has no ready endpoint';
  return served.value.endpoints.some(({ chain }) => chain.length > 0)
    ? null
    : `${first.address}: ${first.outcome}${first.detail === '' ? '' : `, ${first.detail}`}`;
};

/** Bundle, served chains and verdicts of remote APIServices, at an instant; those that are refused first. */
export const servedCertificates = (
  snapshot: ClusterSnapshot,
  names: readonly string[],
  at: Date,
): CertificateReport => {
  const { facts } = snapshot;
  const toolchain =
    facts.serverVersion.state === 'known'
      ? goToolchain(facts.serverVersion.value.minor, facts.serverVersion.value.goVersion)
      : NEWEST_GO;
  const items = knownApiServices(facts)
    .filter(({ name, service }) => service !== null && (names.length === 0 || names.includes(name)))
    .map((apiService): CertificateReportItem => {
      const served = facts.servedChains[apiService.name];
      const endpoints = served?.state === 'known' ? served.value.endpoints.filter(({ chain }) => chain.length > 0) : [];
      const item = certificateReportItem(
        {
          apiService: apiService.name,
          serverName: apiService.service ? expectedServerName(apiService.service) : '',
          caBundle: apiService.caBundle?.text ?? null,
          // Without bundle the system roots of the kube-apiserver host decide; its own answer says whether they do.
          verifies:
            !apiService.insecureSkipTlsVerify &&
            (apiService.caBundle !== null ||
              answerReading(apiService, facts.answers[apiService.name])?.outcome !== 'works'),
          unseen: unseenWhy(snapshot, apiService.name),
          endpoints: endpoints.map(({ address, pod, chain }) => ({
            address,
            pod,
            source: 'port-forward',
            presented: chain,
          })),
        },
        toolchain,
        at,
      );
      return endpoints.length > 0 ? item : { ...item, endpoints: saidItem(apiService, snapshot, toolchain.goVersion) };
    })
    .toSorted((a, b) => refused(b) - refused(a) || compareText(a.apiService ?? '', b.apiService ?? ''));
  return certificateReport(clusterSummary(snapshot), items, at);
};
