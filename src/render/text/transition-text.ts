import type { StatusItem } from '../../model/report.ts';
import { printable } from './printable.ts';
import { verdictText } from './status-text.ts';
import { renderTable } from './table.ts';
import type { TerminalStyle } from './terminal-style.ts';

/** An APIService before and after, as status shows it. */
interface Changed {
  readonly before: StatusItem | null;
  readonly after: StatusItem | null;
}

const nameOf = ({ before, after }: Changed): string => printable((after ?? before)?.name ?? '');

/** One line for each change: when it was seen, of what, from what to what, and why; names as wide as `nameWidth`. */
export const transitionText = (
  seenAt: string,
  changes: readonly Changed[],
  { style, nameWidth }: { readonly style: TerminalStyle; readonly nameWidth: number },
): string => {
  const verdict = (item: StatusItem | null, absent: string): string =>
    item === null ? absent : verdictText(item.verdict, style);
  const arrow = style.unicode ? '→' : '->';
  return `${renderTable(
    [
      { header: 'SEEN', cells: changes.map(() => seenAt) },
      { header: 'NAME', cells: changes.map((change) => nameOf(change).padEnd(nameWidth)) },
      {
        header: 'CHANGE',
        cells: changes.map(({ before, after }) =>
          before?.verdict === after?.verdict
            ? verdict(after, '')
            : `${verdict(before, 'created')} ${arrow} ${verdict(after, 'deleted')}`,
        ),
      },
      { header: 'REASON', cells: changes.map(({ after }) => printable(after?.reason ?? '')) },
    ],
    { ...style, headers: false },
  )}\n`;
};
