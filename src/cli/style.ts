import type { TerminalStyle } from '../render/text/terminal-style.ts';
import type { Io, Output } from './io.ts';

export const colorChoices = ['auto', 'always', 'never'] as const;

export interface StyleChoices {
  readonly color: (typeof colorChoices)[number];
  readonly headers: boolean;
}

/**
 * kubectl's rule for colour (cli-runtime pkg/printers/terminal.go): a terminal, TERM other than dumb, NO_COLOR unset, and on
 * Windows the Windows Terminal. CLICOLOR_FORCE overrules the terminal (bixense.com/clicolors), --color everything.
 */
export const styleOf = ({ env }: Pick<Io, 'env'>, output: Output, { color, headers }: StyleChoices): TerminalStyle => {
  const isDumb = env['TERM'] === 'dumb';
  // An older console of Windows shows neither.
  const isOldConsole = env['OS'] === 'Windows_NT' && env['WT_SESSION'] === undefined;
  const isForced = (env['CLICOLOR_FORCE'] ?? '0') !== '0';
  const wanted = env['NO_COLOR'] === undefined && (isForced || (output.isTerminal && !isDumb && !isOldConsole));
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const isUtf8 = /utf-?8/i.test(locale) || env['WT_SESSION'] !== undefined;
  return {
    color: color === 'always' || (color === 'auto' && wanted),
    unicode: isUtf8 && !isDumb,
    width: output.isTerminal ? output.columns : null,
    headers,
  };
};
