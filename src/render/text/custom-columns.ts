import { type Find, JsonPathError, parsePath, valueText } from '../json-path.ts';
import { rowsOf } from '../rows.ts';
import { renderTable } from './table.ts';
import type { TerminalStyle } from './terminal-style.ts';

const cell = (values: readonly unknown[]): string => {
  const shown = values.map((value) => (value === null ? '<none>' : valueText(value)));
  return shown.length === 0 ? '<none>' : shown.join(',');
};

interface CustomColumn {
  readonly header: string;
  readonly find: Find;
}

/** A table of what a document lists. */
export type WriteColumns = (document: object, style: TerminalStyle) => string;

const writeColumns =
  (columns: readonly CustomColumn[]): WriteColumns =>
  (document, style) => {
    const rows = rowsOf(document);
    // Never wrapped: it is there to be cut into columns again.
    return `${renderTable(
      columns.map(({ header, find }) => ({ header, cells: rows.map((row) => cell(find(row))) })),
      { ...style, width: null },
    )}\n`;
  };

/**
 * `NAME:.name,VERDICT:.verdict` (kubectl pkg/cmd/get/customcolumn.go, NewCustomColumnsPrinterFromSpec).
 * @throws JsonPathError
 */
export const parseCustomColumns = (spec: string): WriteColumns =>
  writeColumns(
    spec.split(',').map((part) => {
      const [, header = '', path = ''] = /^([^:]+):([\s\S]+)$/.exec(part) ?? [];
      if (header === '')
        throw new JsonPathError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
      return { header, find: parsePath(path) };
    }),
  );

const LINES = 'Expected format is one line of space separated headers, one line of space separated column specs.';

/**
 * A line of headers and a line of paths; what follows is passed over (NewCustomColumnsPrinterFromTemplate, there).
 * @throws JsonPathError
 */
export const parseColumnsFile = (content: string): WriteColumns => {
  // As bufio.ScanLines: a last line end ends no line that is empty.
  const lines = content === '' ? [] : content.replace(/\n$/, '').split('\n');
  const [headers, paths] = lines.map((line) => line.split(/\s+/).filter((word) => word !== ''));
  if (headers === undefined) throw new JsonPathError(`invalid template, missing header line. ${LINES}`);
  if (paths === undefined) throw new JsonPathError(`invalid template, missing spec line. ${LINES}`);
  if (headers.length !== paths.length)
    throw new JsonPathError(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  return writeColumns(headers.map((header, index) => ({ header, find: parsePath(paths[index] ?? '') })));
};
