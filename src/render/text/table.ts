import Table from 'cli-table3';
import stringWidth from 'string-width';

import type { TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

export interface Column {
  readonly header: string;
  readonly cells: readonly string[];
}

const GAP = 3;
/** Below this the last column is no longer readable as a column and moves under its row. */
const LEAST_LAST_COLUMN = 28;

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
};

/** Columns that a text takes. Our own marks, ✓ and ✗, and colours need not be looked up among all characters. */
const widthOf = (text: string): number => {
  const plain = text.replaceAll(/\u001b\[\d+m/g, '');
  return /^[ -~\u2713\u2717]*$/.test(plain) ? plain.length : stringWidth(plain);
};

const rowsOf = (columns: readonly Column[]): string[][] =>
  (columns[0]?.cells ?? []).map((_cell, row) => columns.map(({ cells }) => cells[row] ?? ''));

const lineWidth = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width + GAP, -GAP);

/** Where each cell is one line, which is nearly always: a general table of 60 rows takes 30 ms. */
const drawLines = (columns: readonly Column[], widths: readonly number[], headers: boolean): string =>
  [...(headers ? [columns.map(({ header }) => header)] : []), ...rowsOf(columns)]
    .map((cells) =>
      cells
        .map((cell, column) => cell + ' '.repeat(Math.max(0, Math.max(1, widths[column] ?? 0) - widthOf(cell))))
        .join(noBorders.middle)
        .trimEnd(),
    )
    .join('\n');

const draw = (
  columns: readonly Column[],
  widths: readonly number[],
  { wordWrap, headers }: { readonly wordWrap: boolean; readonly headers: boolean },
): string => {
  if (!wordWrap && columns.every(({ cells }) => cells.every((cell) => !cell.includes('\n'))))
    return drawLines(columns, widths, headers);
  const table = new Table({
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    head: headers ? columns.map(({ header }) => header) : [],
    colWidths: [...widths],
    wordWrap,
  });
  table.push(...rowsOf(columns));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

/**
 * A table without borders, as kubectl's. Where the terminal is too narrow the last column wraps; where it is narrower still,
 * the last column stands under its row.
 */
export const renderTable = (columns: readonly Column[], { width, headers }: TerminalStyle): string => {
  const natural = columns.map(({ header, cells }) =>
    Math.max(headers ? widthOf(header) : 0, ...cells.map((cell) => widthOf(cell))),
  );
  const last = columns.at(-1);
  const before = lineWidth(natural.slice(0, -1)) + GAP;
  if (width === null || !last || lineWidth(natural) <= width)
    return draw(columns, natural, { wordWrap: false, headers });
  if (width - before >= LEAST_LAST_COLUMN)
    return draw(columns, [...natural.slice(0, -1), width - before], { wordWrap: true, headers });
  // Whatever does not fit beside the name stands under it, each cell with its header.
  let fitting = columns.length - 1;
  while (fitting > 1 && lineWidth(natural.slice(0, fitting)) > width) fitting -= 1;
  const [header, ...lines] = draw(columns.slice(0, fitting), natural.slice(0, fitting), {
    wordWrap: false,
    headers: true,
  }).split('\n');
  const below = columns.slice(fitting);
  return [
    ...(headers ? [header] : []),
    ...lines.flatMap((line, row) => {
      const cells = below.map((column) => ({ label: column.header, text: column.cells[row] ?? '' }));
      // Words say by themselves what they are about.
      const speaking = cells.at(-1)?.text.includes(' ') ? (cells.pop()?.text ?? '') : '';
      const labelled = cells
        .filter(({ text }) => text !== '')
        // A label stays on the line of what it names.
        .map(({ label, text }) => `${label}\u00a0${text}`)
        .join('  ');
      return [
        line,
        ...[labelled, speaking]
          .filter((text) => text !== '')
          .map((text) => wrap(text, width, '    ').replaceAll('\u00a0', ' ')),
      ];
    }),
  ].join('\n');
};
