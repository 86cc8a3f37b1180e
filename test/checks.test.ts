import { basename } from 'node:path';

import { describe, expect, it } from 'vitest';

import { checks } from '../src/checks/index.ts';
import { doctorReport } from '../src/diagnosis/report.ts';
import { runChecks } from '../src/diagnosis/run-checks.ts';
import { catalogue } from '../src/model/catalogue.ts';
import { caseFolders, casesIn } from './case-files.ts';
import { snapshotOf } from './case-snapshot.ts';

describe.each(caseFolders())('%s', (folder) => {
  const check = checks.find(({ code }) => catalogue[code].name === basename(folder));

  it.each(casesIn(folder))('$file', ({ facts, expect: expected }) => {
    if (!check) throw new Error(`no check is named ${basename(folder)}`);
    const snapshot = snapshotOf(facts);
    const apiServices = snapshot.facts.apiServices.state === 'known' ? snapshot.facts.apiServices.value : [];
    if (typeof expected === 'string') {
      const states = runChecks([check], snapshot, apiServices).map(({ outcome }) => outcome.state);
      expect(states.length).toBeGreaterThan(0);
      expect(new Set(states)).toEqual(new Set([expected]));
      return;
    }
    const { findings } = doctorReport([check], snapshot, {});
    expect(findings).toMatchObject(expected);
    expect(expected.length).toBeGreaterThan(0);
    expect(findings).toHaveLength(expected.length);
  });
});
