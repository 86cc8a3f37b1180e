import wrapAnsi from 'wrap-ansi';

/** Text wrapped to the width and indented; in a pipe it stays on one line. */
export const wrap = (text: string, width: number | null, indent: string, firstIndent = indent): string => {
  if (width === null) return `${firstIndent}${text}`;
  const room = Math.max(width - Math.max(indent.length, firstIndent.length), 20);
  const lines = wrapAnsi(text, room, { hard: true, trim: true }).split('\n');
  return lines.map((line, index) => `${index === 0 ? firstIndent : indent}${line}`).join('\n');
};
