import { type Find, valueText } from './json-path.ts';

const isRow = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member that holds what a document lists: `items`, or else its first list of objects; null where it lists nothing. */
const listName = (document: object): string | null => {
  const lists = Object.entries(document).filter(([, value]) => Array.isArray(value) && value.every(isRow));
  const [name] = lists.find(([key]) => key === 'items') ?? lists[0] ?? [];
  return name ?? null;
};

/** What a document lists, or else the document itself. */
export const rowsOf = (document: object): readonly unknown[] => {
  const name = listName(document);
  return name === null ? [document] : (Object.entries(document).find(([key]) => key === name)?.[1] as unknown[]);
};

/** Numbers by size, text as people count, what is not there first (kubectl pkg/cmd/get/sorter.go). */
const compare = (a: unknown, b: unknown): number => {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return valueText(a).localeCompare(valueText(b), 'en', { numeric: true });
};

/** The document with its rows in the order of what `find` finds in each. */
export const sortRows = <T extends object>(document: T, find: Find): T => {
  const name = listName(document);
  if (name === null) return document;
  const rows = rowsOf(document).map((row) => ({ row, key: find(row)[0] }));
  return { ...document, [name]: rows.toSorted((a, b) => compare(a.key, b.key)).map(({ row }) => row) };
};
