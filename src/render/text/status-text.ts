import type { StatusItem, StatusList, Verdict } from '../../model/report.ts';
import { since } from './age.ts';
import { printable } from './printable.ts';
import { type Column, renderTable } from './table.ts';
import { paint, type TerminalStyle } from './terminal-style.ts';

export interface StatusTextOptions {
  readonly style: TerminalStyle;
  readonly wide: boolean;
  /** --show-labels. */
  readonly labels: boolean;
  /** Whether local APIServices are among the items; else their number is said. */
  readonly hiddenLocal: number;
  /** Of all APIServices, before any filter. */
  readonly total: number;
}

const hues = { broken: 'red', degraded: 'yellow', unknown: 'blue', ok: 'green' } as const;
const unicodeMarks = { broken: '✗', degraded: '!', unknown: '?', ok: '✓' } as const;
const asciiMarks = { broken: 'x', degraded: '!', unknown: '?', ok: '+' } as const;

/** A verdict with its mark. */
export const verdictText = (verdict: Verdict, style: TerminalStyle): string =>
  paint(style, hues[verdict], `${(style.unicode ? unicodeMarks : asciiMarks)[verdict]} ${verdict}`);

const serviceText = ({ service }: StatusItem): string =>
  service === null ? 'Local' : `${service.namespace}/${service.name}:${service.port}`;

const bundleText = ({ caBundle }: StatusItem): string => {
  if (caBundle === null) return '<none>';
  if (caBundle.insecureSkipTLSVerify) return 'not verified';
  if (!caBundle.present) return 'empty';
  if (caBundle.certificates === 0) return 'unreadable';
  return `${caBundle.certificates} until ${caBundle.earliestExpiry?.slice(0, 10) ?? '<unknown>'}`;
};

const labelsText = ({ labels }: StatusItem): string => {
  const shown = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return shown.length === 0 ? '<none>' : shown.toSorted().join(',');
};

/** A row for each APIService. */
export const statusColumns = (
  { items, capturedAt }: StatusList,
  { style, wide, labels }: StatusTextOptions,
): readonly Column[] => {
  const column = (header: string, cell: (item: StatusItem) => string): Column => ({
    header,
    cells: items.map((item) => cell(item)),
  });
  return [
    column('NAME', ({ name }) => printable(name)),
    column('VERDICT', ({ verdict }) => verdictText(verdict, style)),
    column('SINCE', ({ available }) => since(available?.since ?? null, capturedAt)),
    column('SERVICE', (item) => printable(serviceText(item))),
    ...(wide
      ? [
          column('CABUNDLE', bundleText),
          column('PRIORITY', ({ priority }) => `${priority.group}/${priority.version}`),
          column('LATENCY', ({ live }) => (live ? `${live.latencyMs}ms` : '<none>')),
          column('OWNER', ({ owner }) => printable(owner ?? '<none>')),
        ]
      : []),
    column('REASON', ({ reason }) => printable(reason)),
    ...(labels ? [column('LABELS', (item) => printable(labelsText(item)))] : []),
  ];
};

/** How many of what. */
export const countsLine = (list: StatusList, { hiddenLocal, total }: StatusTextOptions): string => {
  const shown = (['broken', 'degraded', 'unknown', 'ok'] as const)
    .map((verdict) => ({ verdict, count: list.items.filter((item) => item.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${verdict}`);
  const hidden = hiddenLocal > 0 ? `; ${hiddenLocal} local not shown (--all shows them)` : '';
  return `${list.items.length} of ${total} APIServices${shown.length > 0 ? `: ${shown.join(', ')}` : ''}${hidden}.`;
};

/** The table of status, worst first, and one line of counts; for a program, without headers, the rows alone. */
export const statusText = (list: StatusList, options: StatusTextOptions): string =>
  list.items.length === 0
    ? `${countsLine(list, options)}\n`
    : `${renderTable(statusColumns(list, options), options.style)}\n${options.style.headers ? `\n${countsLine(list, options)}\n` : ''}`;

/** `apiservice.apiregistration.k8s.io/<name>`, one on a line, as kubectl -o name. */
export const statusNames = ({ items }: StatusList): string =>
  items.map(({ name }) => `apiservice.apiregistration.k8s.io/${printable(name)}\n`).join('');
