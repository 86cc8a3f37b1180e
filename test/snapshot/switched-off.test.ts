import { describe, expect, it } from 'vitest';

import { gatesOff, variablesOff } from '../../src/snapshot/switched-off.ts';

describe('of a command line', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['--feature-gates=VisibilityOnDemand=false'], ['--feature-gates=VisibilityOnDemand=false']],
    [['--feature-gates', 'Other=true, VisibilityOnDemand=False'], ['--feature-gates=VisibilityOnDemand=false']],
    [['--feature-gates=VisibilityOnDemand=true,Other=false', '--password=VisibilityOnDemand=false'], []],
    [['--feature-gates'], []],
    [['--feature-gates=VisibilityOnDemand'], []],
  ])('%j keeps the known gates that are off: %j', (words, kept) => {
    expect(gatesOff(words)).toEqual(kept);
    expect(gatesOff(kept)).toEqual(kept);
  });
});

it('of an environment only the known switches that are off are kept', () => {
  const off = { name: 'DD_EXTERNAL_METRICS_PROVIDER_ENABLED', value: 'false' };
  expect(
    variablesOff([
      { name: 'PASSWORD', value: 'hunter2' },
      { name: 'DD_APP_KEY', value: 'false' },
      off,
      { ...off, value: 'true' },
      { name: off.name },
    ]),
  ).toEqual([off]);
});
