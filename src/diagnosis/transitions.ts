import type { StatusItem, StatusList } from '../model/report.ts';

/** How an APIService was and how it is; null where it is not there. */
export interface Transition {
  readonly before: StatusItem | null;
  readonly after: StatusItem | null;
}

// What differs from one request to the next though nothing has changed.
const passing = /\d{4}-\d\d-\d\dT[\d:.]+Z|\d+\.\d s\b|:\d+->|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const steady = ({ reason }: StatusItem): string => reason.replace(passing, '');

/** Whatever a person would call a change between two looks, in the order of the later one; what is gone comes last. */
export const transitions = (before: StatusList, after: StatusList): readonly Transition[] => {
  const known = new Map(before.items.map((item) => [item.name, item]));
  const there = new Set(after.items.map(({ name }) => name));
  return [
    ...after.items.flatMap((item): readonly Transition[] => {
      const earlier = known.get(item.name) ?? null;
      const isSame = earlier !== null && earlier.verdict === item.verdict && steady(earlier) === steady(item);
      return isSame ? [] : [{ before: earlier, after: item }];
    }),
    ...before.items.filter(({ name }) => !there.has(name)).map((item): Transition => ({ before: item, after: null })),
  ];
};

/** An APIService that is gone, as documents show it: as it was last, and nothing is known of it now. */
export const goneItem = (item: StatusItem): StatusItem => ({
  ...item,
  available: null,
  live: null,
  verdict: 'unknown',
  reason: 'deleted',
});
