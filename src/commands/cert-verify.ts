import { goToolchain, type GoToolchain, NEWEST_GO } from '../aggregation/go-toolchain.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { certificateOutput, parseInstant } from '../cli/global-options.ts';
import { certificateReport, certificateReportItem, judgedFile } from '../diagnosis/certificate-report.ts';
import { writeDocument } from './write-document.ts';

const toolchainOf = (go: string | undefined, kube: string | undefined): GoToolchain => {
  if (go !== undefined && kube !== undefined) throw new UsageError('--go and --kube cannot be given together');
  if (go !== undefined) {
    if (!/^(?:go)?1\.\d{1,2}(?:\.\d{1,2})?$/.test(go))
      throw new UsageError(`invalid --go value "${go}": a version such as 1.26 is needed`);
    const goVersion = go.replace(/^go/, '');
    return { goVersion, defaultsOf: goVersion };
  }
  if (kube === undefined) return NEWEST_GO;
  const minor = /^v?1\.(\d{1,2})(?:\.\d+)?$/.exec(kube)?.[1];
  if (minor === undefined) throw new UsageError(`invalid --kube value "${kube}": a version such as 1.35 is needed`);
  return goToolchain(Number(minor), null);
};

export default defineCommand({
  positionals: '',
  maxPositionals: 0,
  examples: [
    {
      args: 'cert verify --serving-chain tls.crt --ca-bundle ca.crt --server-name api.team.svc --kube 1.35',
      what: 'Before it is deployed',
    },
    {
      args: 'cert verify --serving-chain tls.crt --ca-bundle ca.crt --at 2027-01-01',
      what: 'Everything but the name, and then',
    },
  ],
  options: {
    'serving-chain': {
      type: 'string',
      requiresArg: true,
      describe: 'File with the serving certificate and what is sent with it, PEM or DER',
    },
    'ca-bundle': { type: 'string', requiresArg: true, describe: 'File with the CA bundle, PEM' },
    'server-name': {
      type: 'string',
      requiresArg: true,
      default: '',
      describe: 'SERVICE.NAMESPACE.svc; without it everything but the name is judged',
    },
    at: { type: 'string', requiresArg: true, describe: 'Instant to judge at; default now' },
    go: { type: 'string', requiresArg: true, describe: 'Go version of the control plane; default the newest known' },
    kube: { type: 'string', requiresArg: true, describe: 'Kubernetes version, in place of --go' },
    ...certificateOutput,
  },
  async run({ io, style, signal }, options) {
    const chain = options['serving-chain'];
    const bundle = options['ca-bundle'];
    if (chain === undefined || bundle === undefined)
      throw new UsageError(`flag --${chain === undefined ? 'serving-chain' : 'ca-bundle'} is needed`);
    const toolchain = toolchainOf(options.go, options.kube);
    const at = options.at === undefined ? io.now() : parseInstant(options.at);
    const { workingDirectory } = io;
    const { readCertificateText, readServingChain } = await import('../sources/certificate-file.ts');
    const caBundle = await readCertificateText({ path: bundle, workingDirectory }, signal);
    const presented = await readServingChain({ path: chain, workingDirectory }, signal);
    const item = certificateReportItem(
      {
        apiService: null,
        serverName: options['server-name'],
        caBundle,
        unseen: null,
        conditionNote: null,
        endpoints: [judgedFile(presented, caBundle, options['server-name'], at, toolchain)],
      },
      toolchain,
    );
    const report = certificateReport({ context: null, server: null, version: null }, [item], at);
    await writeDocument(io, options.output, report, async () => {
      const { certificateText } = await import('../render/text/certificate-text.ts');
      return certificateText(report, style, options.output === 'wide');
    });
    return item.endpoints.every(({ verdict }) => verdict.accepted) ? 0 : 1;
  },
});
