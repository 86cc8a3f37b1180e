import { expect, it } from 'vitest';

import { archiveViolations } from '../../scripts/package/krew-archive-rules.ts';
import { goodArchive, movedArchives, platformOf, refusedArchives, unwantedArchives } from './archive-cases.ts';

it('finds no fault in an archive that has none', async () => {
  await expect(archiveViolations(platformOf(goodArchive), goodArchive)).resolves.toEqual([]);
});

it.each([...refusedArchives, ...unwantedArchives])(
  '$rule: an archive with $what',
  async ({ rule, archive, platform }) => {
    const found = await archiveViolations(platform, archive);
    expect(found.map((violation) => violation.rule)).toContain(rule);
  },
);

it('has a failing case of each rule', () => {
  const rules = new Set([...refusedArchives, ...unwantedArchives].map(({ rule }) => rule));
  expect([...rules].toSorted()).toEqual([
    ...Array.from({ length: 11 }, (_, index) => `A${`${index + 1}`.padStart(2, '0')}`),
    'L02',
  ]);
});

it.each(movedArchives)('moves as krew does', async (archive, platform) => {
  const found = await archiveViolations(platform, archive);
  // These do not look like our archives.
  expect(found.filter(({ rule }) => rule !== 'L02')).toEqual([]);
});
