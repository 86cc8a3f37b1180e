import type { CatalogueEntryItem } from '../../model/report.ts';
import { renderTable } from './table.ts';
import type { TerminalStyle } from './terminal-style.ts';
import { wrap } from './wrap.ts';

/** The whole catalogue, one finding on a line. */
export const catalogueText = (entries: readonly CatalogueEntryItem[], style: TerminalStyle): string =>
  `${renderTable(
    [
      { header: 'CODE', cells: entries.map(({ code }) => code) },
      { header: 'NAME', cells: entries.map(({ name }) => name) },
      { header: 'SEVERITY', cells: entries.map(({ severities }) => severities.join('/')) },
      {
        header: 'SITUATION',
        cells: entries.map(({ situation, check }) =>
          check ? situation : `${situation} (named only, not yet checked)`,
        ),
      },
    ],
    style,
  )}\n`;

/** One finding: what it is, why it happens, how to see it by hand, how to mend it, and the source. */
export const catalogueEntryText = (
  { code, name, severities, situation, check }: CatalogueEntryItem,
  style: TerminalStyle,
): string => {
  const { width } = style;
  const paragraph = (text: string): string => wrap(text, width, '  ');
  if (check === null) {
    return `${code} ${name} (${severities.join(' or ')})\n\n${paragraph(`${situation}.`)}\n\n${paragraph('This version names the situation but has no check for it.')}\n`;
  }
  return `${[
    `${code} ${name} (${severities.join(' or ')})`,
    paragraph(`${check.title}.`),
    `WHY\n${paragraph(check.explanation)}`,
    `SEE IT BY HAND\n${check.byHand.map((command) => `  ${command}`).join('\n')}`,
    `MEND IT\n${paragraph(check.remedy)}`,
    `SOURCE\n${paragraph(check.source)}`,
  ].join('\n\n')}\n`;
};
