import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import {
  certificateOutput,
  parseInstant,
  parseMaxEndpoints,
  servedOptions,
  sourceOptions,
} from '../cli/global-options.ts';
import { servedCertificates } from '../diagnosis/served-certificates.ts';
import { decode } from '../snapshot/decode.ts';
import { certificateFacts } from '../snapshot/raw-snapshot.ts';
import { apiServiceName, assertFound } from './apiservice-names.ts';
import { readSnapshot } from './snapshot-source.ts';
import { writeDocument } from './write-document.ts';

export default defineCommand({
  positionals: '[NAME...]',
  maxPositionals: Number.POSITIVE_INFINITY,
  examples: [
    { args: 'cert v1beta1.metrics.k8s.io', what: 'What each of its endpoints presents, and what Go says of it' },
    { args: 'cert --at 2027-01-01', what: 'And at that time?' },
    { args: 'cert v1beta1.metrics.k8s.io --ca-bundle', what: 'The decoded CA bundle' },
  ],
  options: {
    at: { type: 'string', requiresArg: true, describe: 'Instant to judge at; default the time of the capture' },
    'ca-bundle': { type: 'boolean', default: false, describe: 'Print the decoded CA bundle of one APIService' },
    output: {
      ...certificateOutput.output,
      choices: [...certificateOutput.output.choices, 'pem'],
      describe: `${certificateOutput.output.describe}, pem prints the served chains`,
    },
    ...servedOptions,
    ...sourceOptions,
  },
  async run(context, options, positionals) {
    const { io, style } = context;
    const names = positionals.map(apiServiceName);
    const at = options.at === undefined ? null : parseInstant(options.at);
    if (options['ca-bundle'] && names.length !== 1) throw new UsageError('--ca-bundle needs one NAME');
    const snapshot = decode(
      await readSnapshot(context, options, {
        facts: certificateFacts.filter(
          (fact) => !options['ca-bundle'] && !(options['no-port-forward'] && fact === 'servedChains'),
        ),
        names: names.length > 0 ? names : undefined,
        maxEndpoints: parseMaxEndpoints(options['max-endpoints']),
      }),
    );
    assertFound(snapshot, names);
    const report = servedCertificates(snapshot, names, at ?? new Date(snapshot.capturedAt));
    const { apiServices, servedChains } = snapshot.facts;
    if (options['ca-bundle']) {
      const { printableLines } = await import('../render/text/pem-text.ts');
      const bundle =
        apiServices.state === 'known' ? apiServices.value.find(({ name }) => name === names[0])?.caBundle : null;
      io.stdout.write(printableLines(bundle?.text ?? ''));
      return 0;
    }
    await writeDocument(io, options.output, report, async () => {
      if (options.output === 'pem') {
        const { pemText } = await import('../render/text/pem-text.ts');
        return report.items
          .flatMap(({ apiService }) => {
            const served = apiService === null ? undefined : servedChains[apiService];
            return served?.state === 'known'
              ? served.value.endpoints.map(({ address, chain }) => pemText(`${apiService ?? ''} ${address}`, chain))
              : [];
          })
          .join('');
      }
      const { certificateText } = await import('../render/text/certificate-text.ts');
      return certificateText(report, style, options.output === 'wide');
    });
    return report.items.some(({ endpoints }) => endpoints.some(({ verdict }) => !verdict.accepted)) ? 1 : 0;
  },
});
