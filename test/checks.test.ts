import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { checks } from '../src/checks/index.ts';
import { runChecks } from '../src/diagnosis/run-checks.ts';
import { doctorReport } from '../src/diagnosis/report.ts';
import { catalogue } from '../src/model/catalogue.ts';
import { type CaseFile, snapshotOf } from './case-snapshot.ts';

const root = join(import.meta.dirname, 'checks');

const casesOf = (family: string, check: string): readonly string[] => readdirSync(join(root, family, check)).filter((name) => name.endsWith('.yaml'));

for (const family of readdirSync(root)) {
  for (const name of readdirSync(join(root, family))) {
    describe(`${family}/${name}`, () => {
      const check = checks.find(({ code }) => catalogue[code].name === name);
      it.each(casesOf(family, name))('%s', (file) => {
        if (!check) throw new Error(`no check is named ${name}`);
        const { facts, expect: expected } = parse(readFileSync(join(root, family, name, file), 'utf8')) as CaseFile;
        const snapshot = snapshotOf(facts);
        const apiServices = snapshot.facts.apiServices.state === 'known' ? snapshot.facts.apiServices.value : [];
        if (!Array.isArray(expected)) {
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
  }
}
