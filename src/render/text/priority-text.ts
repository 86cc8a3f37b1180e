import type { PriorityGroup, PriorityReport, PriorityVersion, WhatIf } from '../../model/report.ts';
import { printable } from './printable.ts';
import { type Column, renderTable } from './table.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

export interface PriorityTextOptions {
  readonly style: TerminalStyle;
  readonly wide: boolean;
  /** All that is known of each group, in place of the table. */
  readonly detailed: boolean;
}

const cell = (value: string | number | null): string => (value === null ? '-' : printable(String(value)));

const serviceText = ({ service, apiService }: Pick<PriorityVersion, 'service' | 'apiService'>): string =>
  service ? `${service.namespace}/${service.name}:${service.port}` : apiService === null ? '<none>' : 'Local';

const place = ({ rank }: Pick<PriorityGroup, 'rank'>): number | null => rank.aggregated ?? rank.expectedAggregated;

const versionsText = ({ versions }: PriorityGroup): string =>
  versions
    .map(
      ({ version, priority, freshness }) =>
        `${version}${priority ? ` ${priority.version}` : ''}${freshness === 'Stale' ? ' Stale' : ''}`,
    )
    .join(', ');

const tieText = ({ tiedWith }: PriorityGroup): string =>
  tiedWith.length === 0 ? '' : `tied with ${tiedWith.length === 1 ? tiedWith[0] : `${tiedWith.length} groups`}`;

const columnOf = <T>(rows: readonly T[], header: string, text: (row: T) => string | number | null): Column => ({
  header,
  cells: rows.map((row) => cell(text(row))),
});

const table = (groups: readonly PriorityGroup[], { style, wide }: PriorityTextOptions): string =>
  renderTable(
    [
      columnOf(groups, 'RANK', place),
      columnOf(groups, 'GROUP', ({ group }) => group),
      columnOf(groups, 'PRIORITY', ({ priority }) => priority),
      ...(wide
        ? [
            columnOf(groups, 'LEGACY', ({ rank }) => rank.legacy),
            columnOf(groups, 'EXPECTED', ({ rank }) => `${cell(rank.expectedAggregated)}/${cell(rank.expectedLegacy)}`),
            columnOf(groups, 'CLIENTS', ({ preferredVersion }) => preferredVersion.clients),
            columnOf(groups, 'OLDER CLIENTS', ({ preferredVersion }) => preferredVersion.legacy),
          ]
        : []),
      columnOf(groups, 'VERSIONS', versionsText),
      columnOf(groups, 'NOTE', tieText),
    ],
    style,
  );

const details = (group: PriorityGroup, style: TerminalStyle): string => {
  const { rank, preferredVersion, versions } = group;
  const places = (served: number | null, expected: number | null): string =>
    `${cell(served)}${served === expected ? '' : ` (${cell(expected)} by the APIServices)`}`;
  const line = (text: string): string => wrap(printable(text), style.width, '      ', '    ');
  return [
    paint(style, 'bold', `Group ${printable(group.group)}`),
    `  Place in the aggregated document   ${places(rank.aggregated, rank.expectedAggregated)}`,
    `  Place in the legacy document       ${places(rank.legacy, rank.expectedLegacy)}`,
    `  Group priority                     ${cell(group.priority)}`,
    '  Preferred version',
    `    by the APIServices               ${cell(preferredVersion.expected)}`,
    `    first in the aggregated document ${cell(preferredVersion.aggregated)}`,
    `    kubectl and newer clients take   ${cell(preferredVersion.clients)}`,
    `    clients of the legacy document   ${cell(preferredVersion.legacy)}`,
    '  Why',
    ...group.why.map(line),
    '',
    renderTable(
      [
        columnOf(versions, 'VERSION', ({ version }) => version),
        columnOf(versions, 'PRIORITY', ({ priority }) => (priority ? `${priority.group}/${priority.version}` : null)),
        columnOf(versions, 'FRESHNESS', ({ freshness }) => freshness),
        columnOf(versions, 'APISERVICE', ({ apiService }) => apiService),
        columnOf(versions, 'SERVICE', serviceText),
      ],
      style,
    ),
  ].join('\n');
};

const change = ({
  before,
  after,
}: {
  readonly before: string | number | null;
  readonly after: string | number | null;
}): string => (before === after ? `${cell(after)}, as now` : `${cell(before)} now, ${cell(after)} then`);

const some = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

const whatIfText = ({ applied, groups, names, notes }: WhatIf, style: TerminalStyle): string => {
  const line = (text: string): string => wrap(printable(text), style.width, '    ', '  ');
  return [
    ...applied.map(({ apiService, effect }) =>
      printable(`apiservice.apiregistration.k8s.io/${apiService} ${effect} (what if)`),
    ),
    ...(groups.length === 0 ? ['', 'No group changes its place or its preferred version.'] : []),
    ...groups.flatMap(({ group, legacy, aggregated, preferredVersion, overtakes, fallsBehind }) => [
      '',
      paint(style, 'bold', `Group ${printable(group)}`),
      `  Place in the aggregated document   ${change(aggregated)}`,
      `  Place in the legacy document       ${change(legacy)}`,
      `  Preferred version                  ${change(preferredVersion)}`,
      ...(overtakes.length > 0 ? [line(`Comes before ${some(overtakes)} then.`)] : []),
      ...(fallsBehind.length > 0 ? [line(`Comes after ${some(fallsBehind)} then.`)] : []),
    ]),
    ...(names.length > 0
      ? [
          '',
          'For everybody who types these names at kubectl:',
          renderTable(
            [
              columnOf(names, 'NAME', ({ name }) => name),
              columnOf(names, 'NOW', ({ before }) => before),
              columnOf(names, 'THEN', ({ after }) => after),
            ],
            style,
          ),
        ]
      : ['', 'Of what is served now, every name keeps its meaning.']),
    ...(notes.length > 0 ? [''] : []),
    ...notes.map((note) => wrap(printable(note), style.width, '  ', '')),
  ].join('\n');
};

/** The ranking, a group in detail, or what a manifest would change. */
export const priorityText = (report: PriorityReport, options: PriorityTextOptions): string => {
  const { groups, documents, whatIf } = report;
  const { style, detailed } = options;
  if (whatIf) return `${whatIfText(whatIf, style)}\n`;
  const body = detailed ? groups.map((group) => details(group, style)).join('\n\n') : table(groups, options);
  const missing = Object.entries(documents)
    .filter(([, why]) => why !== null)
    .map(([name, why]) => wrap(`? the ${name} document is not known: ${printable(why ?? '')}`, style.width, '  ', ''));
  const core = detailed ? [] : ['The core group comes before all of these, whatever the priorities.'];
  return `${[body, ...(core.length + missing.length > 0 ? [''] : []), ...missing, ...core].join('\n')}\n`;
};

/** `apiservice.apiregistration.k8s.io/<name>` in the order of the ranking, as kubectl -o name. */
export const priorityNames = ({ groups }: PriorityReport): string =>
  groups
    .flatMap(({ versions }) => versions.flatMap(({ apiService }) => (apiService === null ? [] : [apiService])))
    .map((name) => `apiservice.apiregistration.k8s.io/${printable(name)}\n`)
    .join('');
