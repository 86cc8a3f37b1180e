// Whatever a server sent may try to steer the terminal: C0 and C1 controls, and the bidirectional controls that let a line
// read otherwise than it is. Line ends are the renderer's own business, so they are escaped too.
const steering = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g;

const named: Readonly<Record<string, string>> = { '\u001b': '^[', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Received text as a terminal may show it: on one line, control characters visible. */
export const printable = (text: string): string =>
  text
    .toWellFormed()
    .replace(
      steering,
      (character) => named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
