import { checks } from '../checks/index.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { type CommandContext, defineCommand } from '../cli/define-command.ts';
import {
  judgementOptions,
  parseMaxEndpoints,
  probeOptions,
  servedOptions,
  sourceOptions,
} from '../cli/global-options.ts';
import { outputOptions } from '../cli/output-options.ts';
import { doctorExitStatus } from '../diagnosis/exit-status.ts';
import { catalogue, type FindingCode, isFindingCode } from '../model/catalogue.ts';
import type { CatalogueEntryDocument, CatalogueEntryItem } from '../model/report.ts';
import { timestamp } from '../model/wording.ts';

const entryOf = (code: FindingCode): CatalogueEntryItem => {
  const check = checks.find((candidate) => candidate.code === code);
  return {
    code,
    ...catalogue[code],
    check: check
      ? {
          title: check.title,
          explanation: check.explanation,
          byHand: check.byHand,
          remedy: check.remedy,
          source: check.source,
          explainedBy: check.explainedBy ?? [],
        }
      : null,
  };
};

/** The catalogue, or one entry of it. */
const printCatalogue = async (context: CommandContext, code: FindingCode | null): Promise<void> => {
  const { print, style } = context;
  const head = { apiVersion: 'kubectl-aa/v1', capturedAt: timestamp(context.io.now()) } as const;
  const document: CatalogueEntryDocument =
    code === null
      ? { ...head, kind: 'CatalogueEntryList', items: (Object.keys(catalogue) as FindingCode[]).map(entryOf) }
      : { ...head, kind: 'CatalogueEntry', ...entryOf(code) };
  await print(document, {
    text: async (printed) => {
      const { catalogueEntryText, catalogueText } = await import('../render/text/catalogue-text.ts');
      return printed.kind === 'CatalogueEntry'
        ? catalogueEntryText(printed, style)
        : catalogueText(printed.items, style);
    },
  });
};

/** `AA304` asks for the catalogue; AA and other digits are a mistyped code and no message. */
const codeOf = (words: readonly string[]): FindingCode | null => {
  const [word = ''] = words;
  const code = word.toUpperCase();
  if (words.length !== 1 || !/^AA\d+$/.test(code)) return null;
  if (isFindingCode(code)) return code;
  throw new UsageError(`unknown code "${word}"`, "'explain' without arguments lists the codes.");
};

export default defineCommand({
  positionals: '[CODE | TEXT]',
  maxPositionals: Number.POSITIVE_INFINITY,
  completes: 'findingCode',
  examples: [
    { args: 'explain', what: 'The whole catalogue' },
    { args: 'explain AA304', what: 'One finding' },
    {
      args: "explain 'error trying to reach service: x509: certificate signed by unknown authority'",
      what: 'What a message points to, without a cluster',
    },
    { args: 'explain -f kube-apiserver.log', what: 'A whole log, or the output of kubectl describe' },
    { args: 'explain -f - --live', what: 'Standard input, and what the cluster shows of it now' },
  ],
  options: {
    file: {
      alias: 'f',
      type: 'string',
      requiresArg: true,
      completes: 'file',
      describe: 'Read the text from this file (- for standard input)',
    },
    stream: {
      type: 'boolean',
      default: false,
      describe:
        'Answer each line {"id","text"} of standard input with a line {"id","findings","subject"}, until --timeout',
    },
    live: {
      type: 'boolean',
      default: false,
      describe: 'Also run doctor on the APIServices that the text names, or on all',
    },
    ...outputOptions(),
    ...servedOptions,
    ...probeOptions,
    ...sourceOptions,
    ...judgementOptions,
  },
  async run(context, options, words) {
    const { io, print, style, signal } = context;
    const { file, live } = options;
    if (options.stream) {
      if (words.length > 0 || file !== undefined || live) throw new UsageError('--stream reads standard input alone');
      const { answerStream } = await import('./explain-stream.ts');
      await answerStream(io, signal);
      return 0;
    }
    if (file !== undefined && words.length > 0) throw new UsageError('either TEXT or --file can be given');
    if (options.from !== undefined && !live) throw new UsageError('--from is of use with --live only');
    if (options.from === '-' && file === '-') throw new UsageError('standard input can be read once only');
    const code = codeOf(words);
    if (file === undefined && (words.length === 0 || code !== null)) {
      await printCatalogue(context, code);
      return 0;
    }
    const [{ explainText }, { explanationReport }, { readText }, { redactText }] = await Promise.all([
      import('../explanation/explain-text.ts'),
      import('../diagnosis/explanation-report.ts'),
      import('../sources/text-input.ts'),
      import('../snapshot/redact.ts'),
    ]);
    const { workingDirectory, stdin } = io;
    const text = file === undefined ? words.join(' ') : await readText({ path: file, workingDirectory, stdin }, signal);
    const explanation = explainText(redactText(text, []));
    const shown = live
      ? await (
          await import('./explain-live.ts')
        ).liveFindings(context, explanation.apiServices, {
          ...options,
          maxEndpoints: parseMaxEndpoints(options['max-endpoints']),
        })
      : null;
    const document = explanationReport(explanation, timestamp(context.io.now()), shown);
    await print(document, {
      text: async (printed) => {
        const { explanationText } = await import('../render/text/explanation-text.ts');
        return explanationText(printed, style);
      },
    });
    return shown?.report ? doctorExitStatus(shown.report, options['fail-on'], options.strict) : 0;
  },
});
