import { parseLabelSelector } from '../aggregation/label-selector.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { judgementOptions, sourceOptions } from '../cli/global-options.ts';
import { outputOptions } from '../cli/output-options.ts';
import { statusExitStatus } from '../diagnosis/exit-status.ts';
import { statusList } from '../diagnosis/status-list.ts';
import type { StatusList } from '../model/report.ts';
import type { StatusTextOptions } from '../render/text/status-text.ts';
import { decode } from '../snapshot/decode.ts';
import { apiServiceName, assertFound } from './apiservice-names.ts';
import { readSnapshot } from './snapshot-source.ts';

export default defineCommand({
  positionals: '[NAME...]',
  maxPositionals: Number.POSITIVE_INFINITY,
  completes: 'apiService',
  examples: [
    { args: 'status', what: 'All remote APIServices, each asked now' },
    { args: 'status v1beta1.metrics.k8s.io -o wide', what: 'One, with bundle, priorities, latency and owner' },
    { args: 'status --failing -o name', what: 'The names of those that do not work' },
  ],
  options: {
    selector: { alias: 'l', type: 'string', requiresArg: true, describe: 'Label selector of the APIServices' },
    all: { type: 'boolean', default: false, describe: 'Show local APIServices in the table as well' },
    'all-namespaces': {
      alias: 'A',
      type: 'boolean',
      default: false,
      describe: 'Accepted, without effect: APIServices have no namespace',
    },
    failing: { type: 'boolean', default: false, describe: 'Only those that are not ok' },
    group: { type: 'string', requiresArg: true, completes: 'group', describe: 'Only APIServices of this API group' },
    'no-probe': {
      type: 'boolean',
      default: false,
      describe: 'Make no request to the group versions themselves; what is remote is then at best unknown',
    },
    'show-labels': { type: 'boolean', default: false, describe: 'Show the labels in the table as the last column' },
    ...outputOptions('wide', 'name'),
    ...sourceOptions,
    ...judgementOptions,
  },
  async run(context, options, positionals) {
    const { print, style } = context;
    const names = positionals.map(apiServiceName);
    const selects = options.selector === undefined ? null : parseLabelSelector(options.selector);
    if (options.selector !== undefined && selects === null)
      throw new UsageError(`unable to parse the label selector "${options.selector}"`);
    if (options['show-labels'] && !['text', 'wide', 'markdown'].includes(options.output ?? 'text'))
      throw new UsageError(`--show-labels option cannot be used with ${options.output?.replace(/=.*/s, '')} printer`);
    const raw = await readSnapshot(context, options, {
      facts: options['no-probe'] ? [] : ['answers'],
      names: names.length > 0 ? names : undefined,
    });
    const snapshot = decode(options['no-probe'] ? { ...raw, facts: { ...raw.facts, answers: {} } } : raw);
    const list = statusList(
      snapshot,
      (apiService, verdict) =>
        (names.length === 0 || names.includes(apiService.name)) &&
        (options.group === undefined || apiService.group === options.group) &&
        (selects === null || selects(apiService.labels)) &&
        (!options.failing || verdict !== 'ok'),
    );
    const table = (document: StatusList): { readonly list: StatusList; readonly options: StatusTextOptions } => {
      // A local APIService that was asked for by name, or that does not work, is always shown.
      const items = document.items.filter(
        ({ service, verdict }) => options.all || names.length > 0 || service !== null || verdict !== 'ok',
      );
      return {
        list: { ...document, items },
        options: {
          style,
          wide: options.output === 'wide',
          labels: options['show-labels'],
          hiddenLocal: document.items.length - items.length,
          total: snapshot.facts.apiServices.state === 'known' ? snapshot.facts.apiServices.value.length : 0,
        },
      };
    };
    await print(list, {
      text: async (document) => {
        const { statusNames, statusText } = await import('../render/text/status-text.ts');
        if (options.output === 'name') return statusNames(document);
        // Nothing of what was asked for is there: the line on standard error says so.
        if (names.length > 0 && document.items.length === 0) return '';
        const shown = table(document);
        return statusText(shown.list, shown.options);
      },
      markdown: async (document) => {
        const { statusMarkdown } = await import('../render/markdown/status-markdown.ts');
        const shown = table(document);
        return statusMarkdown(shown.list, shown.options);
      },
    });
    assertFound(snapshot, names);
    return statusExitStatus(list, options['fail-on'], options.strict);
  },
});
