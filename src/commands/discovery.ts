import { checks } from '../checks/index.ts';
import { NotFoundError, UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import {
  judgementOptions,
  noPortForwardOption,
  parseSamples,
  samplesOption,
  sourceOptions,
} from '../cli/global-options.ts';
import { outputOptions } from '../cli/output-options.ts';
import { discoveryReport } from '../diagnosis/discovery-report.ts';
import { discoveryExitStatus } from '../diagnosis/exit-status.ts';
import { decode } from '../snapshot/decode.ts';
import { discoveryFacts } from '../snapshot/raw-snapshot.ts';
import { printRawDocument, saveRawDocuments } from './raw-documents.ts';
import { readSnapshot } from './snapshot-source.ts';

export default defineCommand({
  positionals: '[GROUP...]',
  maxPositionals: Number.POSITIVE_INFINITY,
  completes: 'group',
  examples: [
    { args: 'discovery', what: 'Remote group versions and whatever differs between the documents' },
    { args: 'discovery metrics.k8s.io --explain', what: 'One group, with what the rules of ordering explain' },
    { args: 'discovery --raw aggregated', what: 'The aggregated document as kube-apiserver sends it' },
    { args: 'discovery --save before-upgrade', what: 'Every document, with an index, into a folder' },
  ],
  options: {
    all: { type: 'boolean', default: false, describe: 'Show every version in the table' },
    explain: { type: 'boolean', default: false, describe: 'List the differences that a rule explains, with the rule' },
    raw: {
      type: 'string',
      requiresArg: true,
      describe: 'Print one document as received: legacy, aggregated, aggregated-nopeer, GROUP or GROUP/VERSION',
    },
    headers: {
      type: 'boolean',
      default: false,
      describe: 'With --raw, print status, content type, ETag and time before the document',
    },
    save: {
      type: 'string',
      requiresArg: true,
      describe: 'Write every document as received into this folder, with an index',
    },
    ...outputOptions('wide'),
    ...noPortForwardOption,
    ...samplesOption,
    ...sourceOptions,
    ...judgementOptions,
  },
  async run(context, options, positionals) {
    const { print, style } = context;
    if (options.headers && options.raw === undefined) throw new UsageError('--headers needs --raw');
    for (const flag of ['raw', 'save'] as const)
      if (options[flag] !== undefined && (options.from !== undefined || positionals.length > 0))
        throw new UsageError(`--${flag} asks the cluster for whole documents: it takes neither --from nor GROUP`);
    if (options.raw !== undefined) return printRawDocument(context, options.raw, options.headers);
    if (options.save !== undefined) return saveRawDocuments(context, options, options.save);
    const snapshot = decode(
      await readSnapshot(context, options, {
        facts: options['no-port-forward']
          ? discoveryFacts
          : [...discoveryFacts, 'services', 'endpointSlices', 'backendDocuments'],
        samples: parseSamples(options.samples),
      }),
    );
    const report = discoveryReport(checks, snapshot, { groups: positionals });
    const absent = positionals.find((name) => !report.groups.some(({ group }) => group === name));
    if (absent !== undefined) throw new NotFoundError(`group "${absent}" not found in any discovery document`);
    await print(report, {
      text: async (printed) => {
        const { discoveryText } = await import('../render/text/discovery-text.ts');
        const { all, explain } = options;
        return discoveryText(printed, {
          style,
          wide: options.output === 'wide',
          all: all || positionals.length > 0,
          explain,
        });
      },
    });
    return discoveryExitStatus(report, options['fail-on'], options.strict);
  },
});
