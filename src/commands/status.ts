import { parseLabelSelector } from '../aggregation/label-selector.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { judgementOptions, sourceOptions } from '../cli/global-options.ts';
import { statusExitStatus } from '../diagnosis/exit-status.ts';
import { statusList } from '../diagnosis/status-list.ts';
import { decode } from '../snapshot/decode.ts';
import { apiServiceName, assertFound } from './apiservice-names.ts';
import { readSnapshot } from './snapshot-source.ts';
import { writeDocument } from './write-document.ts';

export default defineCommand({
  positionals: '[NAME...]',
  maxPositionals: Number.POSITIVE_INFINITY,
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
    group: { type: 'string', requiresArg: true, describe: 'Only APIServices of this API group' },
    'no-probe': {
      type: 'boolean',
      default: false,
      describe: 'Make no request to the group versions themselves; what is remote is then at best unknown',
    },
    output: {
      alias: 'o',
      type: 'string',
      choices: ['wide', 'json', 'yaml', 'name'],
      requiresArg: true,
      describe: 'Output format',
    },
    ...sourceOptions,
    ...judgementOptions,
  },
  async run(context, options, positionals) {
    const { io, style } = context;
    const names = positionals.map(apiServiceName);
    const selects = options.selector === undefined ? null : parseLabelSelector(options.selector);
    if (options.selector !== undefined && selects === null)
      throw new UsageError(`unable to parse the label selector "${options.selector}"`);
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
    await writeDocument(io, options.output, list, async () => {
      const { statusNames, statusText } = await import('../render/text/status-text.ts');
      if (options.output === 'name') return statusNames(list);
      // Nothing of what was asked for is there: the line on standard error says so.
      if (names.length > 0 && list.items.length === 0) return '';
      // A local APIService that was asked for by name, or that does not work, is always shown.
      const shown = list.items.filter(
        ({ service, verdict }) => options.all || names.length > 0 || service !== null || verdict !== 'ok',
      );
      const total = snapshot.facts.apiServices.state === 'known' ? snapshot.facts.apiServices.value.length : 0;
      return statusText(
        { ...list, items: shown },
        { style, wide: options.output === 'wide', hiddenLocal: list.items.length - shown.length, total },
      );
    });
    assertFound(snapshot, names);
    return statusExitStatus(list, options['fail-on'], options.strict);
  },
});
