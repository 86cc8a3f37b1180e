import { printable } from '../text/printable.ts';
import type { Column } from '../text/table.ts';

// For a ticket. Whatever was received must mean nothing to Markdown and HTML.

/** Text in a sentence. */
export const prose = (text: string): string => printable(text).replace(/[\\`*_[\]<>|~#&]/g, String.raw`\$&`);

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));

/** Text as it is, in a line; the fence is longer than any in it. */
export const code = (text: string): string => {
  const shown = printable(text);
  const fence = '`'.repeat(longestRun(shown) + 1);
  return shown.trim() === '' ? '' : fence.length === 1 ? `${fence}${shown}${fence}` : `${fence} ${shown} ${fence}`;
};

/** Printable lines as they are. */
export const codeBlock = (lines: string): string => {
  const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1));
  return `${fence}\n${lines.replace(/\n$/, '')}\n${fence}`;
};

/** A table; the cells are printable already. */
export const markdownTable = (columns: readonly Column[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ header }) => header)),
    line(columns.map(() => '---')),
    ...(columns[0]?.cells ?? []).map((_cell, row) => line(columns.map(({ cells }) => prose(cells[row] ?? '')))),
  ].join('\n');
};

/** Which document it is, of which cluster and time. */
export const heading = (document: object): string => {
  const { kind, capturedAt, cluster } = document as {
    readonly kind?: string;
    readonly capturedAt?: string;
    readonly cluster?: { readonly context: string | null; readonly version: string | null };
  };
  const from = [
    cluster?.context ? `context ${code(cluster.context)}` : '',
    cluster?.version ? `kube-apiserver ${code(cluster.version)}` : '',
    capturedAt ?? '',
  ].filter((part) => part !== '');
  return `### ${kind ?? 'kubectl aa'}\n\n${from.join(', ')}`;
};

/** Any document: what its text says. */
export const markdownOf = (document: object, text: string): string => `${heading(document)}\n\n${codeBlock(text)}\n`;
