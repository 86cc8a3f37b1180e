// How all that reports say puts numbers, lists and times.

/** `1 namespace`, `3 namespaces`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const LISTED = 5;

/** The first five, and how many more there are. */
export const listed = (names: readonly string[]): string =>
  names.length > LISTED ? `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more` : names.join(', ');

/** RFC 3339 in UTC, to the second, as metav1.Time has it. */
export const timestamp = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z');

/** By code units, as Go sorts: the same everywhere, and without the 10 ms that ICU's collator needs to begin. */
export const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
