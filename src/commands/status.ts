import { parseLabelSelector } from '../aggregation/label-selector.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { judgementOptions, sourceOptions } from '../cli/global-options.ts';
import { outputOptions } from '../cli/output-options.ts';
import { statusExitStatus } from '../diagnosis/exit-status.ts';
import { statusList } from '../diagnosis/status-list.ts';
import { goneItem, transitions } from '../diagnosis/transitions.ts';
import type { ClusterSnapshot } from '../model/facts.ts';
import type { StatusItem, StatusList } from '../model/report.ts';
import type { RawSnapshot } from '../snapshot/raw-snapshot.ts';
import type { Views } from '../cli/printer.ts';
import type { StatusTextOptions } from '../render/text/status-text.ts';
import { decode } from '../snapshot/decode.ts';
import { apiServiceName, assertFound } from './apiservice-names.ts';
import { readSnapshot, type Wanted } from './snapshot-source.ts';
import { watchSnapshots } from './watched-snapshots.ts';

/** A backend may break without a change of the APIService. */
const INTERVAL_MS = 30_000;

export default defineCommand({
  positionals: '[NAME...]',
  maxPositionals: Number.POSITIVE_INFINITY,
  completes: 'apiService',
  examples: [
    { args: 'status', what: 'All remote APIServices, each asked now' },
    { args: 'status v1beta1.metrics.k8s.io -o wide', what: 'One, with bundle, priorities, latency and owner' },
    { args: 'status --failing -o name', what: 'The names of those that do not work' },
    { args: 'status -w', what: 'And what changes from now on' },
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
    watch: { alias: 'w', type: 'boolean', default: false, describe: 'After that go on, and print what changes' },
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
    const wanted: Wanted = {
      facts: options['no-probe'] ? [] : ['answers'],
      names: names.length > 0 ? names : undefined,
    };
    const snapshotOf = (raw: RawSnapshot): ClusterSnapshot =>
      decode(options['no-probe'] ? { ...raw, facts: { ...raw.facts, answers: {} } } : raw);
    const listOf = (snapshot: ClusterSnapshot): StatusList =>
      statusList(
        snapshot,
        ({ name, group, labels }) =>
          (names.length === 0 || names.includes(name)) &&
          (options.group === undefined || group === options.group) &&
          (selects === null || selects(labels)),
      );
    const onlyFailing = (list: StatusList): StatusList =>
      options.failing ? { ...list, items: list.items.filter(({ verdict }) => verdict !== 'ok') } : list;
    // A local APIService that was asked for by name, or that does not work, is always shown.
    const isShown = ({ service, verdict }: StatusItem): boolean =>
      options.all || names.length > 0 || service !== null || verdict !== 'ok';
    const viewsOf = (total: number): Views<StatusList> => {
      const shown = (list: StatusList): readonly [StatusList, StatusTextOptions] => {
        const items = list.items.filter(isShown);
        const hiddenLocal = list.items.length - items.length;
        const wide = options.output === 'wide';
        return [
          { ...list, items },
          { style, wide, labels: options['show-labels'], hiddenLocal, total },
        ];
      };
      return {
        text: async (list) => {
          const { statusNames, statusText } = await import('../render/text/status-text.ts');
          if (options.output === 'name') return statusNames(list);
          // Nothing of what was asked for is there: the line on standard error says so.
          return names.length > 0 && list.items.length === 0 ? '' : statusText(...shown(list));
        },
        markdown: async (list) =>
          (await import('../render/markdown/status-markdown.ts')).statusMarkdown(...shown(list)),
      };
    };
    const show = async (snapshot: ClusterSnapshot, now: StatusList): Promise<void> => {
      const { apiServices } = snapshot.facts;
      const total = apiServices.state === 'known' ? apiServices.value.length : 0;
      await print(onlyFailing(now), viewsOf(total));
      assertFound(snapshot, names);
    };
    const showChanges = async (before: StatusList, after: StatusList): Promise<void> => {
      const changes = transitions(before, after).filter((change) =>
        [change.before, change.after].some((item) => item !== null && isShown(item)),
      );
      const items = changes.flatMap(({ before: was, after: is }) => is ?? (was === null ? [] : goneItem(was)));
      if (items.length === 0) return;
      const views = viewsOf(after.items.length);
      const text: typeof views.text = async (list) => {
        if (options.output === 'name') return views.text(list);
        const { transitionText } = await import('../render/text/transition-text.ts');
        const nameWidth = Math.max(...after.items.filter(isShown).map(({ name }) => name.length));
        return transitionText(after.capturedAt, changes, { style, nameWidth });
      };
      await print({ ...after, items }, { ...views, text }, true);
    };
    let list: StatusList | null = null;
    if (options.watch) {
      if (options.from !== undefined)
        throw new UsageError('--watch needs the cluster: what --from names does not change');
      // Not after the default deadline, which is for commands that end by themselves.
      const signal = context.isTimeoutGiven ? context.signal : new AbortController().signal;
      await watchSnapshots(
        { ...context, signal },
        {
          ...wanted,
          intervalMs: INTERVAL_MS,
          onSnapshot: async (raw) => {
            const snapshot = snapshotOf(raw);
            const now = listOf(snapshot);
            await (list === null ? show(snapshot, now) : showChanges(list, now));
            list = now;
            return false;
          },
        },
      );
    } else {
      const snapshot = snapshotOf(await readSnapshot(context, options, wanted));
      list = listOf(snapshot);
      await show(snapshot, list);
    }
    return list === null ? 2 : statusExitStatus(onlyFailing(list), options['fail-on'], options.strict);
  },
});
