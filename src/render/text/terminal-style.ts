/** How text is to look: decided once, from the stream and the environment, never by a renderer. */
export interface TerminalStyle {
  readonly color: boolean;
  /** False where the locale or terminal shows ASCII only. */
  readonly unicode: boolean;
  /** Columns of the terminal; null in a pipe, where lines are as long as they need to be. */
  readonly width: number | null;
  /** False where tables are read by a program: rows only. */
  readonly headers: boolean;
}

type Hue = 'red' | 'yellow' | 'green' | 'blue' | 'bold' | 'dim';

// Blue and yellow tell apart what red and green do not for everybody; marks and words say it without any colour.
const codes: Readonly<Record<Hue, readonly [number, number]>> = {
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  blue: [34, 39],
  bold: [1, 22],
  dim: [2, 22],
};

export const paint = (style: TerminalStyle, hue: Hue, text: string): string => {
  const [on, off] = codes[hue];
  return style.color && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
};
