import type { Ranks } from '../model/report.ts';

/** From 1; null where it is not among them. */
export const placeIn = (names: readonly string[] | undefined, name: string): number | null => {
  const index = names?.indexOf(name) ?? -1;
  return index < 0 ? null : index + 1;
};

export const ranks = (place: (document: keyof Ranks) => number | null): Ranks => ({
  expectedLegacy: place('expectedLegacy'),
  legacy: place('legacy'),
  expectedAggregated: place('expectedAggregated'),
  aggregated: place('aggregated'),
});
