import { JsonPathError, parsePath, valueText } from '../json-path.ts';
import { rowsOf } from '../rows.ts';
import { renderTable } from './table.ts';
import type { TerminalStyle } from './terminal-style.ts';

const cell = (values: readonly unknown[]): string => {
  const shown = values.map((value) => (value === null ? '<none>' : valueText(value)));
  return shown.length === 0 ? '<none>' : shown.join(',');
};

/**
 * `NAME:.name,VERDICT:.verdict` as a table of what a document lists (kubectl pkg/cmd/get/customcolumn.go).
 * @throws JsonPathError
 */
export const parseCustomColumns = (spec: string): ((document: object, style: TerminalStyle) => string) => {
  const columns = spec.split(',').map((part) => {
    const [, header = '', path = ''] = /^([^:]+):([\s\S]+)$/.exec(part) ?? [];
    if (header === '')
      throw new JsonPathError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header, find: parsePath(path) };
  });
  return (document, style) => {
    const rows = rowsOf(document);
    // Never wrapped: it is there to be cut into columns again.
    return `${renderTable(
      columns.map(({ header, find }) => ({ header, cells: rows.map((row) => cell(find(row))) })),
      { ...style, width: null },
    )}\n`;
  };
};
