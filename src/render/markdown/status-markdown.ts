import type { StatusList } from '../../model/report.ts';
import { countsLine, statusColumns, type StatusTextOptions } from '../text/status-text.ts';
import { heading, markdownTable, prose } from './markdown.ts';

/** The table of status, worst first, and one line of counts. */
export const statusMarkdown = (list: StatusList, options: StatusTextOptions): string =>
  `${[
    heading(list),
    ...(list.items.length === 0 ? [] : [markdownTable(statusColumns(list, options))]),
    prose(countsLine(list, options)),
  ].join('\n\n')}\n`;
