import type {
  DiscoveryDiff,
  DiscoveryDifference,
  DiscoveryGroupItem,
  DiscoveryReport,
  DiscoveryVersionItem,
  ServedView,
} from '../../model/report.ts';
import { plural } from '../../model/wording.ts';
import { printable } from './printable.ts';
import { type Column, renderTable } from './table.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

export interface DiscoveryTextOptions {
  readonly style: TerminalStyle;
  readonly wide: boolean;
  /** Every version, and not only those with something to say. */
  readonly all: boolean;
  /** The differences that a rule explains as well. */
  readonly explain: boolean;
}

interface Row {
  readonly group: DiscoveryGroupItem;
  readonly version: DiscoveryVersionItem;
}

const pathOf = ({ group: { group }, version: { version } }: Row): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

const rowsOf = ({ groups }: DiscoveryReport): readonly Row[] =>
  groups.flatMap((group) => group.versions.map((version) => ({ group, version })));

/** What is no CRD and not built in, and whatever a finding is about. */
const hasSomethingToSay = (row: Row, { differences }: DiscoveryReport): boolean =>
  (row.version.servedBy !== null && row.version.servedBy !== 'Local') ||
  differences.some(({ code, path }) => code !== null && path === pathOf(row));

const placeText = (group: number | null, version: number | null): string =>
  group === null ? '-' : `${group}${version === null || version === 1 ? '' : `.${version}`}`;

const viewText = (view: ServedView | null): string =>
  view === null ? '-' : view.error !== null ? '!' : view.served ? String(view.resources) : 'no';

const preferredText = ({ group: { preferredVersion }, version: { version } }: Row): string => {
  const { expected, clients } = preferredVersion;
  if (version === clients) return version === expected ? 'yes' : 'clients';
  return version === expected ? 'expected' : '';
};

const columnsOf = (rows: readonly Row[], wide: boolean): readonly Column[] => {
  const column = (header: string, cell: (row: Row) => string): Column => ({ header, cells: rows.map(cell) });
  return [
    column('GROUP', ({ group: { group } }) => (group === '' ? '(core)' : printable(group))),
    column('VERSION', ({ version: { version } }) => printable(version)),
    column('SERVED BY', ({ version: { servedBy } }) => printable(servedBy ?? 'no APIService')),
    column('EXPECTED', ({ group: { rank }, version }) => placeText(rank.expectedLegacy, version.rank.expectedLegacy)),
    column('LEGACY', ({ group: { rank }, version }) => placeText(rank.legacy, version.rank.legacy)),
    column('AGGREGATED', ({ group: { rank }, version }) => placeText(rank.aggregated, version.rank.aggregated)),
    column('PREFERRED', preferredText),
    column('FRESHNESS', ({ version: { freshness } }) => printable(freshness ?? '-')),
    column('RESOURCES', ({ version: { legacy, aggregated, backend } }) =>
      [legacy, aggregated, backend].map(viewText).join('/'),
    ),
    ...(wide
      ? [
          column('ERROR', ({ version: { legacy, aggregated, backend } }) =>
            printable([legacy, aggregated, backend].flatMap((view) => view?.error ?? [])[0] ?? ''),
          ),
        ]
      : []),
  ];
};

const hues = { error: 'red', warning: 'yellow', info: 'blue' } as const;

const differenceText = ({ code, severity, path, why }: DiscoveryDifference, style: TerminalStyle): string =>
  code === null || severity === null
    ? wrap(`${printable(path)}: ${printable(why)}.`, style.width, '    ', '  ')
    : paint(
        style,
        hues[severity],
        wrap(`${severity} ${code} ${printable(path)}: ${printable(why)}`, style.width, '    ', '  '),
      );

const explainedText = (difference: DiscoveryDifference, style: TerminalStyle): string => {
  const { legacy, aggregated, path, why } = difference;
  return wrap(
    `${printable(path)}: ${legacy ?? '-'} in the legacy document, ${aggregated ?? '-'} in the aggregated one: ${printable(why)}.`,
    style.width,
    '    ',
    '  ',
  );
};

const aggregatedForm = ({ documents }: DiscoveryReport): string => {
  const found = documents.find(
    ({ from, path, accept }) => from === 'kube-apiserver' && path === '/apis' && accept.includes('v2beta1'),
  );
  if (!found) return 'was not asked for';
  if (found.status === null) return `could not be read (${found.error ?? ''})`;
  const version = /;v=(v2(?:beta1)?)/.exec(found.contentType ?? '')?.[1];
  return version === undefined ? 'is not offered' : `is offered as ${version}`;
};

/** The table, the differences in sentences, and one line of counts. */
export const discoveryText = (report: DiscoveryReport, options: DiscoveryTextOptions): string => {
  const { style, all, explain, wide } = options;
  const rows = rowsOf(report);
  const shown = all ? rows : rows.filter((row) => hasSomethingToSay(row, report));
  const wrong = report.differences.filter(({ code }) => code !== null);
  const explained = report.differences.filter(({ code }) => code === null);
  const more = rows.length - shown.length;
  return [
    ...(shown.length > 0 ? [renderTable(columnsOf(shown, wide), style), ''] : []),
    ...(shown.length > 0
      ? [
          wrap(
            "Places are those of the group, with .n for the nth version; resources are those of the legacy, the aggregated and the backend's own document (- not asked or refused, ! see below or -o wide).",
            style.width,
            '',
          ),
          '',
        ]
      : []),
    ...(wrong.length > 0 ? ['Differences', ...wrong.map((difference) => differenceText(difference, style)), ''] : []),
    ...(explain && explained.length > 0
      ? ['Explained by a rule', ...explained.map((difference) => explainedText(difference, style)), '']
      : []),
    ...(report.undetermined.length > 0
      ? [
          'Could not be checked',
          ...[...Map.groupBy(report.undetermined, ({ needs, state, detail }) => `${needs}, ${state}: ${detail}`)].map(
            ([missing, entries]) =>
              wrap(
                `${printable(missing)} (${[...new Set(entries.map(({ code }) => code))].join(', ')})`,
                style.width,
                '    ',
                '  ',
              ),
          ),
          '',
        ]
      : []),
    wrap(
      [
        `${plural(report.groups.length, 'group')}, ${plural(rows.length, 'version')}${more > 0 ? ` (${more} with nothing to say not shown; --all shows them)` : ''};`,
        `aggregated discovery ${aggregatedForm(report)};`,
        `${plural(wrong.length, 'difference')}${explained.length > 0 ? `, ${explained.length} more explained by rules${explain ? '' : ' (--explain)'}` : ''}.`,
      ].join(' '),
      style.width,
      '',
    ),
    '',
  ].join('\n');
};

/** What changed, one line each. */
export const discoveryDiffText = ({ before, after, changes }: DiscoveryDiff, style: TerminalStyle): string => {
  const line = ({ path, what, before: was, after: is }: DiscoveryDiff['changes'][number]): string => {
    const head = `${printable(path)}: ${printable(what)}`;
    if (was === null) return paint(style, 'green', wrap(`+ ${head} ${printable(is ?? '')}`, style.width, '    ', ''));
    if (is === null) return paint(style, 'red', wrap(`- ${head} ${printable(was)}`, style.width, '    ', ''));
    return paint(style, 'yellow', wrap(`~ ${head}: ${printable(was)} → ${printable(is)}`, style.width, '    ', ''));
  };
  const snapshot = ({ capturedAt, cluster }: DiscoveryDiff['before']): string =>
    `${printable(cluster.version ?? 'an unknown version')} at ${capturedAt}`;
  return [
    ...changes.map(line),
    ...(changes.length > 0 ? [''] : []),
    `${plural(changes.length, 'change')} in discovery from ${snapshot(before)} to ${snapshot(after)}.`,
    '',
  ].join('\n');
};
