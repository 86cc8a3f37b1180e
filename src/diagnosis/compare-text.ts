/** By code units, as Go sorts: the same everywhere, and without the 10 ms that ICU's collator needs to begin. */
export const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
