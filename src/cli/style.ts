import type { TerminalStyle } from '../render/text/terminal-style.ts';
import type { Io, Output } from './io.ts';

/** kubectl's rule for colour (cli-runtime pkg/printers/terminal.go): a terminal, TERM other than dumb, and NO_COLOR unset. */
export const styleOf = ({ env }: Pick<Io, 'env'>, output: Output): TerminalStyle => {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    color: output.isTerminal && env['TERM'] !== 'dumb' && env['NO_COLOR'] === undefined,
    unicode: /utf-?8/i.test(locale) && env['TERM'] !== 'dumb',
    width: output.isTerminal ? output.columns : null,
  };
};
