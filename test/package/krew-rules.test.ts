import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';
import { parse } from 'yaml';

import { krewTemplate, renderKrewTemplate } from '../../scripts/package/krew-manifest.ts';
import { manifestViolations } from '../../scripts/package/krew-rules.ts';
import { goodManifest, refusedManifests, unwantedManifests } from './manifest-cases.ts';

const root = join(import.meta.dirname, '../..');
const rulesBroken = (file: string, content: string): readonly string[] =>
  manifestViolations(file, content).map(({ rule }) => rule);

it('finds no fault in a manifest that has none', () => {
  expect(manifestViolations('aa.yaml', goodManifest)).toEqual([]);
});

it.each([...refusedManifests, ...unwantedManifests])('$rule: a manifest $what', ({ rule, file, content }) => {
  expect(rulesBroken(file, content)).toContain(rule);
});

it('has a failing case of each rule', () => {
  const rules = [...refusedManifests, ...unwantedManifests].map(({ rule }) => rule);
  const expected = [
    ...Array.from({ length: 22 }, (_, index) => `K${`${index + 1}`.padStart(2, '0')}`),
    'P01',
    'P02',
    'P03',
    'P04',
    'P05',
    'L01',
  ];
  expect([...new Set(rules)].toSorted()).toEqual(expected.toSorted());
});

it('breaks the rule of a case and no other, but where one fault is several', () => {
  // Without a version no archive is of it; a selector that is wrong selects none of our platforms, or all.
  const follows = new Set(['K21', 'K22', 'L01', 'P03', 'P05']);
  for (const { rule, what, file, content } of refusedManifests) {
    expect(
      rulesBroken(file, content).filter((broken) => broken !== rule && !follows.has(broken)),
      `${rule} ${what}`,
    ).toEqual([]);
  }
});

it('renders the template of the release bot', () => {
  const template = readFileSync(join(root, '.krew.yaml'), 'utf8');
  const { homepage, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly homepage: string;
    readonly version: string;
  };
  expect(template).toBe(krewTemplate(homepage));
  const manifest = renderKrewTemplate(template, `v${version}`, () => 'a'.repeat(64));
  expect(manifest).not.toContain('{{');
  expect(manifestViolations('aa.yaml', manifest)).toEqual([]);
});

it('is the manifest in the repository but for the checksums of its release', () => {
  const committed = readFileSync(join(root, 'krew-manifest.yaml'), 'utf8');
  expect(manifestViolations('aa.yaml', committed)).toEqual([]);
  const { spec } = parse(committed) as { spec: { version: string; platforms: { uri: string; sha256: string }[] } };
  expect(
    renderKrewTemplate(
      readFileSync(join(root, '.krew.yaml'), 'utf8'),
      spec.version,
      (archive) => spec.platforms.find(({ uri }) => uri.endsWith(`/${archive}`))?.sha256 ?? '',
    ),
  ).toBe(committed);
});
