import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/model/catalogue.ts';
import { kubeVersions } from './build.ts';
import { planRounds } from './rounds.ts';
import { readSituation, type Situation, situationNames } from './situation.ts';

const everywhere = kubeVersions.map(
  (kube) => [kube, situationNames().flatMap((name) => readSituation(name, kube) ?? [])] as const,
);

describe.each(everywhere)('situations on %s', (_, situations) => {
  it.each(situations.map((situation) => [situation.name, situation] as const))('%s is consistent', (__, situation) => {
    const registered = situation.apiServices.map(({ name }) => name);
    expect(registered).toEqual(expect.arrayContaining(Object.keys(situation.until)));
    expect(registered).toEqual(expect.arrayContaining(Object.keys(situation.expect.status ?? {})));
    expect(situation.title).toMatch(/[^.]$/);
    for (const { code, consequenceOf = code } of situation.expect.findings) {
      expect(Object.keys(catalogue)).toEqual(expect.arrayContaining([code, consequenceOf]));
    }
  });

  it('names no APIService twice in one round, and loses no situation', () => {
    const rounds = planRounds(situations);
    expect(rounds.flat()).toHaveLength(situations.length);
    for (const round of rounds) {
      const names = round.flatMap(({ apiServices }: Situation) => apiServices.map(({ name }) => name));
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
